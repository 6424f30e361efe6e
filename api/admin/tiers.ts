/** /admin/v1/tiers: the levels of the programme. Every change is a version of its own. */
import { Type } from '@sinclair/typebox';
import { setTierScheme } from '../../commands/tier/setTierScheme.js';
import { rejected } from '../../domain/rejected.js';
import { TierScheme } from '../../domain/tier/scheme.js';
import { editorsOnly, operatorsOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { contextOf, done, type Registry, wholeTenant } from './operatorCommand.js';

const VersionedScheme = Type.Object({
  version: Type.Integer({ minimum: 1 }),
  scheme: TierScheme,
});
const tags = ['Tiers'] as const;

const example = {
  summary: 'Silver and gold by what was spent in a year',
  value: {
    scheme: {
      basis: 'spent',
      window: { kind: 'days', days: 365 },
      levels: [
        { name: 'silver', from: 50_000 },
        { name: 'gold', from: 200_000 },
      ],
      graceDays: 30,
      downgrade: 'oneLevel',
    },
  },
};

export const tierRoutes = ({ handler }: Registry): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/tiers',
    summary: 'Shows the scheme of tiers in force and its version.',
    tags,
    access: operatorsOnly('owner', 'manager', 'analyst', 'auditor', 'cashier'),
    response: VersionedScheme,
    problems: ['tiers-not-set'],
    handle: ({ caller }) => {
      const current = handler.directory.tiers.scheme(caller.tenant);
      if (!current) throw rejected('tiers-not-set');
      return { body: { version: current.version, scheme: current.scheme } };
    },
  }),
  route({
    method: 'PUT',
    path: '/admin/v1/tiers',
    summary: 'Sets the scheme of tiers.',
    description:
      'Levels that customers have hold until they are judged again: at a purchase, where it takes them higher, or at the end of their period.',
    tags,
    access: editorsOnly,
    body: Type.Object({ scheme: TierScheme }, { additionalProperties: false }),
    idempotencyKey: 'optional',
    command: setTierScheme.name,
    response: VersionedScheme,
    problems: ['tiers-not-ascending'],
    examples: { body: [example] },
    handle: async (request) => {
      wholeTenant(request);
      return done(await handler.handle(setTierScheme, request.body, contextOf(request)));
    },
  }),
];
