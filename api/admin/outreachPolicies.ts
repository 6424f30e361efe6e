/** /admin/v1/outreach/policies: which facts become messages. */
import { Type } from '@sinclair/typebox';
import type { PolicyVersion } from '../../commands/outreach.js';
import { setPolicy } from '../../commands/policy/setPolicy.js';
import { PolicyContent, PolicyId } from '../../domain/policy/policy.js';
import { rejected } from '../../domain/rejected.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { Instant, instantOf } from '../wire.js';
import { contextOf, done, type Registry, wholeTenant } from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';

const tags = ['Outreach'] as const;
const version = Type.Integer({ minimum: 1 });
const ofPolicy = { policyId: PolicyId } as const;

const Shown = Type.Object(
  { policyId: PolicyId, version, since: Instant, content: PolicyContent },
  { title: 'OutreachPolicy' },
);
const Versioned = Type.Object(
  { policyId: PolicyId, version, content: PolicyContent },
  { title: 'VersionedOutreachPolicy' },
);
const shown = ({ policyId, version: of, since, content }: PolicyVersion) => ({
  policyId,
  version: of,
  since: instantOf(since),
  content,
});

const example = {
  name: 'Points expire in a week',
  enabled: true,
  trigger: { kind: 'pointsExpire', daysBefore: 7, pointsMin: 100 },
  class: 'service',
  template: { templateId: 'points_expire' },
  via: { strategyId: 'push_then_sms' },
  at: '10:00',
};

export const outreachPolicyRoutes = ({ handler }: Registry): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/outreach/policies',
    summary: 'Lists the rules that turn facts into messages.',
    tags,
    access: readersOnly,
    query: pageQuery,
    response: pageOf(Shown),
    handle: (request) => {
      const policies = handler.directory.outreach.policies(wholeTenant(request).tenant);
      return { body: page(policies.values(), ({ policyId }) => policyId, request.query, shown) };
    },
  }),
  route({
    method: 'GET',
    path: '/admin/v1/outreach/policies/{policyId}',
    summary: 'Shows a rule that turns facts into messages.',
    tags,
    access: readersOnly,
    params: ofPolicy,
    response: Shown,
    problems: ['policy-not-found'],
    handle: (request) => {
      const { tenant } = wholeTenant(request);
      const { policyId } = request.params;
      const found = handler.directory.outreach.policies(tenant).get(policyId);
      if (!found) throw rejected('policy-not-found', { policyId });
      return { body: shown(found) };
    },
  }),
  route({
    method: 'PUT',
    path: '/admin/v1/outreach/policies/{policyId}',
    summary: 'Sets which facts become messages, what these say and how they go.',
    description:
      'It holds for facts from now on. A fact becomes at most one message by each policy, however often the policy is changed; set `enabled` to false to end it.',
    tags,
    access: editorsOnly,
    params: ofPolicy,
    body: PolicyContent,
    idempotencyKey: 'optional',
    command: setPolicy.name,
    response: Versioned,
    problems: [
      'policy-wrong',
      'too-many-policies',
      'template-not-found',
      'template-retired',
      'strategy-not-found',
      'strategy-retired',
    ],
    examples: { body: [{ summary: 'A word a week before points expire', value: example }] },
    handle: async (request) => {
      wholeTenant(request);
      const input = { ...request.params, content: request.body };
      return done(await handler.handle(setPolicy, input, contextOf(request)));
    },
  }),
];
