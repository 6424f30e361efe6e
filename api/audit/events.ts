/** /audit/v1/events: everything that matches, newest first. */
import { Type } from '@sinclair/typebox';
import type { ActorKind } from '../../domain/fact.js';
import { wholeTenant } from '../admin/operatorCommand.js';
import { operatorsOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { PositionText } from '../wire.js';
import { EventShown, shown } from './eventShown.js';
import type { History, HistoryFilter } from './history.js';

const Time = (description: string) =>
  Type.Optional(Type.String({ format: 'date-time', description }));

const query = {
  type: Type.Optional(
    Type.Array(Type.String({ pattern: '^[A-Z][A-Za-z]{2,60}$' }), {
      maxItems: 50,
      description: 'Event types, separated by commas',
    }),
  ),
  actor: Type.Optional(
    Type.String({
      pattern: '^(till|app|operator|worker|system)(:.{1,100})?$',
      description: 'A kind of actor, or one of them: `till:till1`',
    }),
  ),
  since: Time('Recorded at or after'),
  until: Time('Recorded at or before'),
  correlation: Type.Optional(Type.String({ maxLength: 128, description: 'A correlation id' })),
  before: Type.Optional(PositionText),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })),
} as const;

export interface EventQuery {
  readonly type?: string[];
  readonly actor?: string;
  readonly since?: string;
  readonly until?: string;
  readonly correlation?: string;
}

export const filterOf = (
  tenant: HistoryFilter['tenant'],
  { type, actor, since, until, correlation }: EventQuery,
): HistoryFilter => {
  const colon = actor?.indexOf(':') ?? -1;
  const kind = (colon < 0 ? actor : actor?.slice(0, colon)) as ActorKind | undefined;
  return {
    tenant,
    ...(type && { types: new Set(type) }),
    ...(kind && { actor: { kind, ...(colon > 0 && { id: actor?.slice(colon + 1) ?? '' }) } }),
    ...(correlation !== undefined && { correlationId: correlation }),
    ...(since !== undefined && { since: Date.parse(since) }),
    ...(until !== undefined && { until: Date.parse(until) }),
  };
};

export const eventRoutes = ({ history }: { readonly history: History }): Route[] => [
  route({
    method: 'GET',
    path: '/audit/v1/events',
    summary: 'Searches the history of the programme, newest first.',
    description:
      'A search looks at a bounded part of the log at a time. While `next` is not null there is more to look at, also where a page is empty: send it as `before`.',
    tags: ['Audit'],
    access: operatorsOnly('owner', 'auditor', 'analyst'),
    query,
    response: Type.Object({
      events: Type.Array(EventShown),
      next: Type.Union([PositionText, Type.Null()]),
      scanned: Type.Integer({ description: 'Events that were looked at' }),
    }),
    handle: async (request) => {
      const { tenant } = wholeTenant(request);
      const { before, limit = 100, ...filter } = request.query;
      const page = await history.search(filterOf(tenant, filter), {
        before: before === undefined ? null : BigInt(before),
        limit,
      });
      const next = page.next === null ? null : String(page.next);
      return { body: { events: page.facts.map(shown), next, scanned: page.scanned } };
    },
  }),
];
