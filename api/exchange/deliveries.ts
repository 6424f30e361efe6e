/** /exchange/v1/subscriptions/…: how deliveries stand, one of them once more, and replays. */
import { type Static, Type } from '@sinclair/typebox';
import type { DeliveryOrders, DeliveryState } from '../../commands/delivery/ordering.js';
import { isOpen, type Replay as ReplayState } from '../../domain/delivery/ledger.js';
import * as spans from '../../domain/delivery/spans.js';
import { ReplayId, SubscriptionId } from '../../domain/ids.js';
import { EventFilter } from '../../domain/subscription/filter.js';
import { actingPartner, partnersOnly, subscribersOnly } from '../auth/access.js';
import { contextOf } from '../commandContext.js';
import { type ApiRequest, type Route, route } from '../route.js';

export interface DeliveryRoutes {
  readonly orders: DeliveryOrders;
}

const tags = ['Subscriptions'] as const;
const path = '/exchange/v1/subscriptions/{subscriptionId}';
const one = { subscriptionId: SubscriptionId } as const;
const ofReplay = { ...one, job: ReplayId } as const;

const Place = Type.Integer({ minimum: 0, description: 'Among all of the topic, without gaps' });
const Time = Type.String({ format: 'date-time' });
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);
const Count = Type.Integer({ minimum: 0 });
const Places = Type.Array(Place);

const Exception = Type.Object({ webhookId: Type.String(), places: Places, attempts: Count });

const State = Type.Object(
  {
    subscriptionId: SubscriptionId,
    cursor: orNull(Place),
    head: orNull(Place),
    lag: Type.Integer({ description: 'Publications that are not accounted for yet' }),
    endpoint: Type.Object({
      breaker: Type.Union([Type.Literal('closed'), Type.Literal('open')], {
        description: 'open: it failed several times in a row and is only probed',
      }),
      failures: Type.Integer({ description: 'In a row, without a success between' }),
      failingSince: orNull(Time),
      lastSuccessAt: orNull(Time),
      lastFailureAt: orNull(Time),
      lastError: orNull(Type.String()),
      nextProbeAt: orNull(Time),
      quietUntil: orNull(Time),
    }),
    counts: Type.Object({ attempts: Count, delivered: Count, passed: Count }),
    waiting: Type.Object({
      count: Count,
      first: Type.Array(Type.Composite([Exception, Type.Object({ dueAt: Time })])),
    }),
    parked: Type.Object({
      count: Count,
      first: Type.Array(
        Type.Composite([Exception, Type.Object({ reason: Type.String(), parkedAt: Time })]),
      ),
    }),
  },
  { title: 'DeliveryState' },
);

const shownMax = 50;
const timeOrNull = (ms: number | null): string | null =>
  ms === null || ms === 0 ? null : new Date(ms).toISOString();
const time = (ms: number): string => new Date(ms).toISOString();
const placeOrNull = (place: number): number | null => (place < 0 ? null : place);

const showState = ({ record, ledger, head }: DeliveryState): Static<typeof State> => {
  const { endpoint } = ledger;
  const open = isOpen(ledger);
  const waiting = [...ledger.waiting].slice(0, shownMax);
  const parked = [...ledger.parked].slice(-shownMax);
  return {
    subscriptionId: record.subscriptionId,
    cursor: placeOrNull(ledger.cursor),
    head: placeOrNull(head),
    lag: Math.max(0, head - ledger.cursor - spans.sizeOf(ledger.ahead)),
    endpoint: {
      breaker: open ? 'open' : 'closed',
      failures: endpoint.failures,
      failingSince: timeOrNull(endpoint.failingSince),
      lastSuccessAt: timeOrNull(endpoint.lastSuccessAt),
      lastFailureAt: timeOrNull(endpoint.lastFailureAt),
      lastError: endpoint.lastError,
      nextProbeAt: open ? timeOrNull(endpoint.nextProbe) : null,
      quietUntil: timeOrNull(endpoint.quietUntil),
    },
    counts: ledger.counts,
    waiting: {
      count: ledger.waiting.size,
      first: waiting.map(([webhookId, { places, attempt, due }]) => ({
        webhookId,
        places: [...places],
        attempts: attempt,
        dueAt: time(due),
      })),
    },
    parked: {
      count: ledger.parked.size + spans.sizeOf(ledger.parkedBefore),
      first: parked.map(([webhookId, { places, attempt, reason, at }]) => ({
        webhookId,
        places: [...places],
        attempts: attempt,
        reason,
        parkedAt: time(at),
      })),
    },
  };
};

const Bound = Type.Union(
  [
    Type.Object({ place: Place }, { additionalProperties: false }),
    Type.Object({ time: Time }, { additionalProperties: false }),
    Type.Null(),
  ],
  { description: 'A place, a time, or null for where the topic begins or ends at the moment' },
);

const ReplayOrder = Type.Object(
  {
    from: Type.Optional(Bound),
    to: Type.Optional(Bound),
    filter: Type.Optional(EventFilter),
    status: Type.Optional(
      Type.Union([Type.Literal('failed'), Type.Literal('all')], {
        default: 'all',
        description: 'failed: what is parked or waits; all: also what arrived',
      }),
    ),
    ratePerSecond: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 50 })),
    preview: Type.Optional(
      Type.Boolean({ default: false, description: 'Counts only, and sends nothing' }),
    ),
  },
  { additionalProperties: false, title: 'ReplayOrder' },
);

const Replay = Type.Object(
  {
    job: ReplayId,
    status: Type.Union(
      (['running', 'paused', 'cancelled', 'finished'] as const).map((status) =>
        Type.Literal(status),
      ),
    ),
    from: Place,
    to: Place,
    filter: orNull(EventFilter),
    only: Type.Union([Type.Literal('failed'), Type.Literal('all')]),
    ratePerSecond: Type.Integer(),
    requestedAt: Time,
    reached: orNull(Place),
    delivered: Count,
    failed: Count,
    passed: Type.Integer({ minimum: 0, description: 'Not wanted, hidden or expired by now' }),
  },
  { title: 'Replay' },
);

const Preview = Type.Object(
  {
    preview: Type.Literal(true),
    from: Type.Integer(),
    to: Type.Integer(),
    deliveries: Count,
    complete: Type.Boolean({ description: 'false: there are more than were counted' }),
  },
  { title: 'ReplayPreview' },
);

const showReplay = (replay: ReplayState): Static<typeof Replay> => {
  const { job, from, to, filter = null, status: only, ratePerSecond } = replay.terms;
  const { status, requestedAt, after, delivered, failed, passed } = replay;
  return {
    job,
    status,
    from,
    to,
    filter,
    only,
    ratePerSecond,
    delivered,
    failed,
    passed,
    requestedAt: time(requestedAt),
    reached: after < from ? null : after,
  };
};

type OneRequest = ApiRequest<{ readonly subscriptionId: SubscriptionId }, unknown, unknown>;
const ownOf = ({ caller, params }: OneRequest) => ({
  subscriptionId: params.subscriptionId,
  partnerId: actingPartner(caller).partnerId,
});

const boundOf = (given: Static<typeof Bound> | undefined) => {
  if (!given) return null;
  return 'time' in given ? { time: Date.parse(given.time) } : given;
};

const summaries = {
  pause: 'Holds a replay back until it is resumed',
  resume: 'Lets a replay go on from where it was paused',
  cancel: 'Ends a replay; what was sent stays sent',
} as const;

export const deliveryRoutes = ({ orders }: DeliveryRoutes): Route[] => [
  route({
    method: 'GET',
    path: `${path}/state`,
    summary: 'Shows how far deliveries are, how the endpoint does, and what waits or is parked',
    tags,
    access: partnersOnly,
    params: one,
    response: State,
    problems: ['subscription-not-found'],
    handle: async (request) => ({
      body: showState(await orders.state(ownOf(request), request.caller)),
    }),
  }),
  route({
    method: 'POST',
    path: `${path}/deliveries/{webhookId}/retry`,
    summary: 'Delivers one once more, at once',
    description:
      'Of one that waits or is parked its id says all. For one that arrived name its places, as they were sent in `kopilka-place`.',
    tags,
    access: subscribersOnly,
    params: { ...one, webhookId: Type.String({ pattern: '^msg_[0-9A-Za-z]{22}$' }) },
    body: Type.Object(
      { places: Type.Optional(Type.Array(Place, { minItems: 1, maxItems: 100 })) },
      { additionalProperties: false, title: 'RetryDelivery' },
    ),
    idempotencyKey: 'optional',
    command: 'RetryDelivery',
    status: 202,
    response: Type.Object({ webhookId: Type.String(), places: Places }, { title: 'Retried' }),
    problems: ['subscription-not-found', 'subscription-ended', 'delivery-not-found'],
    examples: { body: [{ summary: 'One that is parked', value: {} }] },
    handle: async (request) => {
      const { webhookId } = request.params;
      const { places = [] } = request.body;
      const context = contextOf(request, undefined);
      const { answer, position } = await orders.retry(ownOf(request), webhookId, places, context);
      return { body: { webhookId, places: [...answer] }, position, status: 202 };
    },
  }),
  route({
    method: 'POST',
    path: `${path}/deliveries/{webhookId}/skip`,
    summary: 'Makes no further attempt to deliver one that waits or is parked',
    description:
      'It is passed with the reason `skipped`, and what it holds up in its order goes on. A replay can still send it. Of one that was parked ' +
      'so long ago that the list does not name it any more name its places.',
    tags,
    access: subscribersOnly,
    params: { ...one, webhookId: Type.String({ pattern: '^msg_[0-9A-Za-z]{22}$' }) },
    body: Type.Object(
      { places: Type.Optional(Type.Array(Place, { minItems: 1, maxItems: 100 })) },
      { additionalProperties: false, title: 'SkipDelivery' },
    ),
    idempotencyKey: 'optional',
    command: 'SkipDelivery',
    status: 202,
    response: Type.Object({ webhookId: Type.String(), places: Places }, { title: 'Skipped' }),
    problems: ['subscription-not-found', 'subscription-ended', 'delivery-not-found'],
    examples: { body: [{ summary: 'One that blocks its key', value: {} }] },
    handle: async (request) => {
      const { webhookId } = request.params;
      const { places = [] } = request.body;
      const context = contextOf(request, undefined);
      const { answer, position } = await orders.skip(ownOf(request), webhookId, places, context);
      return { body: { webhookId, places: [...answer] }, position, status: 202 };
    },
  }),
  route({
    method: 'POST',
    path: `${path}/replays`,
    summary: 'Delivers again what was published from one place or time to another',
    description:
      'Under the same ids as before, at a rate of its own, beside what is new. `preview` counts first.',
    tags,
    access: subscribersOnly,
    params: one,
    body: ReplayOrder,
    idempotencyKey: 'optional',
    command: 'RequestReplay',
    status: 202,
    response: Type.Union([Replay, Preview]),
    problems: [
      'subscription-not-found',
      'subscription-ended',
      'nothing-to-replay',
      'too-many-replays',
    ],
    examples: {
      body: [
        {
          summary: 'Everything of a morning, slowly',
          value: {
            from: { time: '2026-03-01T08:00:00Z' },
            to: { time: '2026-03-01T12:00:00Z' },
            ratePerSecond: 10,
          },
        },
        { summary: 'How many did not arrive', value: { status: 'failed', preview: true } },
      ],
    },
    handle: async (request) => {
      const { from, to, filter, status = 'all', ratePerSecond = 50, preview } = request.body;
      const question = {
        from: boundOf(from),
        to: boundOf(to),
        status,
        ratePerSecond,
        ...(filter ? { filter } : {}),
      };
      const context = contextOf(request, undefined);
      if (preview === true) {
        const counted = await orders.preview(ownOf(request), question, context);
        return { body: { preview, ...counted }, status: 200 };
      }
      const { answer, position } = await orders.replay(ownOf(request), question, context);
      return { body: showReplay(answer), position, status: 202 };
    },
  }),
  route({
    method: 'GET',
    path: `${path}/replays`,
    summary: 'Lists the replays under way and the last that ended',
    tags,
    access: partnersOnly,
    params: one,
    response: Type.Object({ items: Type.Array(Replay) }, { title: 'Replays' }),
    problems: ['subscription-not-found'],
    handle: async (request) => {
      const { ledger } = await orders.state(ownOf(request), request.caller);
      return { body: { items: [...ledger.replays.values()].map(showReplay) } };
    },
  }),
  ...(['pause', 'resume', 'cancel'] as const).map((step) =>
    route({
      method: 'POST',
      path: `${path}/replays/{job}/${step}`,
      summary: summaries[step],
      tags,
      access: subscribersOnly,
      params: ofReplay,
      idempotencyKey: 'optional',
      command: `${step[0]?.toUpperCase()}${step.slice(1)}Replay`,
      response: Replay,
      problems: ['subscription-not-found', 'replay-not-found', 'replay-over'],
      handle: async (request) => {
        const context = contextOf(request, undefined);
        const { job } = request.params;
        const { answer, position } = await orders.steer(ownOf(request), job, step, context);
        return { body: showReplay(answer), position };
      },
    }),
  ),
];
