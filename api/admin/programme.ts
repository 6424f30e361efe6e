/** /admin/v1/programme: the points rule of the tenant. Every change is a version of its own. */
import { Type } from '@sinclair/typebox';
import { setProgrammeRule } from '../../commands/registry/setProgrammeRule.js';
import { ProgrammeRule, VersionedRule } from '../../domain/programme/rule.js';
import { rejected } from '../../domain/rejected.js';
import { operatorsOnly, readersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { contextOf, done, type Registry, wholeTenant } from './operatorCommand.js';

export const programmeRoutes = ({ handler }: Registry): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/programme',
    summary: 'Shows the points rule in force and its version.',
    tags: ['Programme'],
    access: readersOnly,
    response: VersionedRule,
    handle: ({ caller }) => {
      const rule = handler.directory.rule(caller.tenant);
      if (!rule) throw rejected('programme-not-set');
      return { body: { version: rule.version, rule: rule.rule } };
    },
  }),
  route({
    method: 'PUT',
    path: '/admin/v1/programme',
    summary: 'Sets the points rule. Receipts already decided keep theirs.',
    tags: ['Programme'],
    access: operatorsOnly('owner'),
    body: Type.Object({ rule: ProgrammeRule }, { additionalProperties: false }),
    idempotencyKey: 'optional',
    command: setProgrammeRule.name,
    response: VersionedRule,
    handle: async (request) => {
      wholeTenant(request);
      return done(await handler.handle(setProgrammeRule, request.body, contextOf(request)));
    },
  }),
];
