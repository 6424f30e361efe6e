/** Sets a rule that makes messages of facts, once it was seen that what it names is there. It holds for facts from then on. */
import { Type } from '@sinclair/typebox';
import {
  PolicyContent,
  policy,
  PolicyId,
  policyStream,
  setPolicy as decide,
  toldBy,
} from '../../domain/policy/policy.js';
import { rejected } from '../../domain/rejected.js';
import type { TenantId } from '../../domain/ids.js';
import { defineCommand } from '../command.js';
import type { Directory } from '../directory.js';
import { presentTenant } from '../registry/present.js';

export const setPolicy = defineCommand({
  name: 'SetOutreachPolicy',
  summary: 'Sets which facts become messages, what these say and how they go.',
  input: Type.Object(
    { policyId: PolicyId, content: PolicyContent },
    { additionalProperties: false, title: 'SetOutreachPolicy' },
  ),
  aggregate: policy,
  stream: (input, context) => policyStream(context.tenant, input.policyId),
  lookUp: ({ policyId, content }, { tenant }, { directory }) => {
    presentTenant(directory, tenant);
    assertThere(content, directory, tenant);
    const policies = directory.outreach.policies(tenant);
    return { others: policies.size - (policies.has(policyId) ? 1 : 0) };
  },
  decide: (input, state, { others }) => decide({ ...input, others }, state),
  answer: ({ events: [set], state, input: { policyId, content } }) => ({
    policyId,
    version: set?.data.version ?? (state.status === 'set' ? state.version : 1),
    content,
  }),
});

/** @throws Rejected template-not-found, template-retired, strategy-not-found, strategy-retired, policy-wrong */
const assertThere = (content: PolicyContent, directory: Directory, tenant: TenantId): void => {
  const { template, trigger, via, params = {} } = content;
  const { templateId, version } = template;
  const found = directory.outreach.template(tenant, templateId, version);
  if (!found) throw rejected('template-not-found', { templateId });
  if (directory.outreach.templates(tenant).get(templateId)?.status === 'retired') {
    throw rejected('template-retired', { templateId });
  }
  const declared = new Set(found.content.variables.map(({ name }) => name));
  const unknown = Object.keys(params).find((name) => !declared.has(name));
  if (unknown !== undefined) {
    const names = [...declared].join(', ') || 'none';
    const reason = `is not declared by the template, which declares: ${names}`;
    throw rejected('policy-wrong', { faults: [{ pointer: `/params/${unknown}`, reason }] });
  }
  const told: readonly string[] = toldBy[trigger.kind];
  const faults = found.content.variables
    .filter(({ name, optional }) => !optional && !told.includes(name) && !(name in params))
    .map(({ name }) => ({
      pointer: `/params/${name}`,
      reason: `is missing: the template asks for it, and ${trigger.kind} tells only ${told.join(', ')}`,
    }));
  if (faults.length > 0) throw rejected('policy-wrong', { faults });
  if ('channel' in via) {
    if (Object.values(found.content.bodies).some((bodies) => bodies[via.channel])) return;
    const reason = `the template says nothing on ${via.channel}`;
    throw rejected('policy-wrong', { faults: [{ pointer: '/via/channel', reason }] });
  }
  const { strategyId } = via;
  const known = directory.outreach.strategies(tenant).get(strategyId);
  if (!known) throw rejected('strategy-not-found', { strategyId });
  if (known.status === 'retired') throw rejected('strategy-retired', { strategyId });
};
