/**
 * /exchange/v1/subscriptions/{subscriptionId}/deliveries: every try to hand something over, with what was sent and what the endpoint
 * answered, the latest first. Operators are told the same of every partner (admin/deliveries.ts).
 */
import { type Static, type TObject, Type } from '@sinclair/typebox';
import type { Directory } from '../../commands/directory.js';
import { Attempt, AttemptCause } from '../../domain/delivery/events.js';
import { SubscriptionId, type TenantId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import {
  type AttemptSearch,
  type AttemptSearches,
  type FoundAttempt,
} from '../../projections/attempts/search.js';
import { BadCursor } from '../../projections/pages.js';
import { actingPartner, partnersOnly } from '../auth/access.js';
import { faulty } from '../input.js';
import { minPosition } from '../pos/reading.js';
import { type Route, route } from '../route.js';
import { Instant, instantOf, instantOrNull } from '../wire.js';

const { outcome: Outcome, error: Failure, request: Sent, response: Answered } = Attempt.properties;
const orNull = <T extends Parameters<typeof Type.Array>[0]>(schema: T, description = '') =>
  Type.Union([schema, Type.Null()], description === '' ? {} : { description });

export const ShownAttempt = Type.Object(
  {
    subscriptionId: SubscriptionId,
    webhookId: Type.String({ description: 'The same on every repeat' }),
    places: Type.Array(Type.Integer(), { description: 'In the topic; several of a batch' }),
    eventIds: Type.Array(Type.String()),
    attempt: Type.Integer({ description: 'From 1' }),
    cause: AttemptCause,
    job: orNull(Type.String(), 'The replay that it was of'),
    startedAt: Instant,
    ms: Type.Integer({ description: 'Until the answer was read, or it failed' }),
    outcome: Outcome,
    nextAt: Type.Union([Instant, Type.Null()], { description: 'When it is tried again' }),
    status: orNull(Type.Integer(), 'What the endpoint answered; null: there was no answer'),
    error: orNull(Type.Pick(Failure, ['code', 'text'])),
    request: Sent,
    response: orNull(Answered, 'At most 20 KB of it'),
  },
  { title: 'DeliveryAttempt' },
);
export type ShownAttempt = Static<typeof ShownAttempt>;

export const showAttempt = (found: FoundAttempt): ShownAttempt => {
  const { subscriptionId, webhookId, places, ids, attempt, cause, ms, outcome, request } = found;
  return {
    subscriptionId,
    webhookId,
    places,
    eventIds: ids,
    attempt,
    cause,
    ms,
    outcome,
    request,
    job: found.job ?? null,
    startedAt: instantOf(found.startedAt),
    nextAt: instantOrNull(found.next ?? null),
    status: found.status ?? null,
    error: found.error ?? null,
    response: found.response ?? null,
  };
};

const instant = (description: string) =>
  Type.Optional(Type.String({ format: 'date-time', description }));

export const attemptQuery = {
  outcome: Type.Optional(Outcome),
  status: Type.Optional(Type.Integer({ minimum: 100, maximum: 999, description: 'Of HTTP' })),
  error: Type.Optional(Failure.properties.code),
  cause: Type.Optional(AttemptCause),
  job: Type.Optional(Type.String({ maxLength: 80, description: 'A replay' })),
  webhookId: Type.Optional(Type.String({ pattern: '^msg_[0-9A-Za-z]{22}$' })),
  place: Type.Optional(Type.Integer({ minimum: 0, description: 'Of the publication' })),
  eventId: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  from: instant('Begun then or later'),
  to: instant('Begun then or before'),
  text: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Words of the error and the answer; `time*` is a beginning, `-retry` not there',
    }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: 50, description: 'At most so many' }),
  ),
  after: Type.Optional(
    Type.String({ maxLength: 200, description: 'The `next` of the page before' }),
  ),
  ...minPosition,
} as const;
type AttemptQuery = Static<TObject<typeof attemptQuery>>;

export const AttemptsAnswer = Type.Object(
  {
    items: Type.Array(ShownAttempt),
    next: Type.Union([Type.String(), Type.Null()], {
      description: 'Send it as `after` for what follows; null at the end',
    }),
    searchedFrom: Type.Union([Instant, Type.Null()], {
      description: 'Older ones are not searched any more; null: all are',
    }),
  },
  { title: 'DeliveryAttempts' },
);

export const attemptProblems = [
  'subscription-not-found',
  'search-too-costly',
  'read-model-unavailable',
] as const;

const deadlineMs = 3_000;

/** @throws InvalidInput for a cursor that is none. */
export const searchedAttempts = async (
  searches: AttemptSearches,
  query: AttemptQuery,
  about: { readonly tenant: TenantId; readonly subscriptionId: SubscriptionId },
): Promise<Static<typeof AttemptsAnswer>> => {
  const { from, to, limit = 50, minPosition: position, ...asked } = query;
  if (position !== undefined) await searches.reach(BigInt(position));
  const search: AttemptSearch = {
    ...asked,
    tenant: about.tenant,
    subscriptions: [about.subscriptionId],
    ...(from === undefined ? {} : { from: Date.parse(from) }),
    ...(to === undefined ? {} : { to: Date.parse(to) }),
    limit,
    deadlineMs,
  };
  try {
    const { rows, next, keptFrom } = await searches.attempts(search);
    return { items: rows.map(showAttempt), next, searchedFrom: instantOrNull(keptFrom) };
  } catch (error) {
    if (!(error instanceof BadCursor)) throw error;
    throw faulty('query', '/after', 'is not the `next` of a page of this list');
  }
};

export interface AttemptRoutes {
  readonly directory: Directory;
  readonly searches: AttemptSearches;
}

export const attemptRoutes = ({ directory, searches }: AttemptRoutes): Route[] => [
  route({
    method: 'GET',
    path: '/exchange/v1/subscriptions/{subscriptionId}/deliveries',
    summary: 'Lists every try to deliver, with what the endpoint answered, the latest first',
    description:
      'Everything that is given has to hold. Of what was sent only the names of headers.',
    tags: ['Subscriptions'],
    access: partnersOnly,
    params: { subscriptionId: SubscriptionId },
    query: attemptQuery,
    response: AttemptsAnswer,
    problems: attemptProblems,
    handle: async ({ caller, params: { subscriptionId }, query }) => {
      const { tenant, partnerId } = actingPartner(caller);
      const record = directory.subscriptions.subscription(tenant, subscriptionId);
      if (record?.partnerId !== partnerId) {
        throw rejected('subscription-not-found', { subscriptionId });
      }
      return { body: await searchedAttempts(searches, query, { tenant, subscriptionId }) };
    },
  }),
];
