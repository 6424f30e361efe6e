/** /audit/v1/events: everything that matches, newest first. */
import { Type } from '@sinclair/typebox';
import type { ActorKind } from '../../domain/fact.js';
import { wholeTenant } from '../admin/operatorCommand.js';
import { operatorsOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { PositionText } from '../wire.js';
import { EventShown, shown } from './eventShown.js';
import { assertEventTypes } from './eventTypes.js';
import type { History, HistoryFilter } from './history.js';

const Time = (description: string) =>
  Type.Optional(Type.String({ format: 'date-time', description }));

const query = {
  type: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 80, examples: ['PurchaseConfirmed'] }), {
      maxItems: 50,
      description: 'Event types, separated by commas; one that there is not is refused',
    }),
  ),
  actor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 120,
      description:
        'A kind of actor (till, app, operator, partner, worker, system), an id, or both: `till:till1`',
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
  return {
    tenant,
    ...(type && { types: new Set(type) }),
    ...(actor !== undefined && { actor: actorOf(actor) }),
    ...(correlation !== undefined && { correlationId: correlation }),
    ...(since !== undefined && { since: Date.parse(since) }),
    ...(until !== undefined && { until: Date.parse(until) }),
  };
};

const kinds: readonly string[] = ['till', 'app', 'operator', 'partner', 'worker', 'system'];

/** `till`, `till:till1`, or `till1` of whatever kind. */
const actorOf = (text: string): NonNullable<HistoryFilter['actor']> => {
  const colon = text.indexOf(':');
  const kind = colon < 0 ? text : text.slice(0, colon);
  if (!kinds.includes(kind)) return { id: text };
  return { kind: kind as ActorKind, ...(colon > 0 && { id: text.slice(colon + 1) }) };
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
      if (filter.type) assertEventTypes(filter.type);
      const page = await history.search(filterOf(tenant, filter), {
        before: before === undefined ? null : BigInt(before),
        limit,
      });
      const next = page.next === null ? null : String(page.next);
      return { body: { events: page.facts.map(shown), next, scanned: page.scanned } };
    },
  }),
];
