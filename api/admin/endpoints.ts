/**
 * /admin/v1/endpoints: how the endpoints of all partners do: success, lag, breaker, backlog, and in sentences why one is not called, when it
 * will be and what to do. One entry for a subscription, since each is called, counted and stopped by itself.
 */
import { type Static, Type } from '@sinclair/typebox';
import type { DeliveryOrders } from '../../commands/delivery/ordering.js';
import type { Directory } from '../../commands/directory.js';
import { obstacleOf } from '../../commands/subscription/standing.js';
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import { isOpen } from '../../domain/delivery/ledger.js';
import * as spans from '../../domain/delivery/spans.js';
import { PartnerId, SubscriptionId, TopicId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import type { RecentAttempts, RecentFigures } from '../../projections/attempts/recent.js';
import { DocumentsNotReady } from '../../projections/documents/reading.js';
import { operatorsOnly } from '../auth/access.js';
import { Status } from '../exchange/subscriptionShape.js';
import { type Route, route } from '../route.js';
import { Instant, InstantOrNull, instantOf, instantOrNull } from '../wire.js';
import { diagnose, healths, nextDueOf, parkedCount } from './endpointHealth.js';
import { wholeTenant } from './operatorCommand.js';
import { page, pageOf } from './paging.js';

const Count = Type.Integer({ minimum: 0 });
const Health = Type.Union(healths.map((one) => Type.Literal(one)));

const Recent = Type.Object(
  {
    attempts: Type.Integer({ description: 'So many were looked at: the last, at most 100' }),
    successRate: Type.Number({ minimum: 0, maximum: 1 }),
    lastStatus: Type.Union([Type.Integer(), Type.Null()]),
    lastError: Type.Union([Type.String(), Type.Null()]),
    firstAt: Instant,
    lastAt: Instant,
    medianMs: Count,
    p95Ms: Count,
  },
  { title: 'RecentAttempts' },
);

const Endpoint = Type.Object(
  {
    subscriptionId: SubscriptionId,
    partnerId: PartnerId,
    topicId: TopicId,
    url: Type.String(),
    status: Status,
    health: Health,
    explanation: Type.String({ description: 'What is so, and why' }),
    advice: Type.String({ description: 'What to do; empty: nothing' }),
    since: InstantOrNull,
    nextAttemptAt: Type.Union([Instant, Type.Null()], {
      description: 'By itself; null: as soon as there is something, or not at all',
    }),
    breaker: Type.Object({
      state: Type.Union([Type.Literal('closed'), Type.Literal('open')]),
      failures: Type.Integer({ description: 'In a row' }),
      lastSuccessAt: InstantOrNull,
      lastFailureAt: InstantOrNull,
      lastError: Type.Union([Type.String(), Type.Null()]),
    }),
    lag: Type.Integer({ description: 'Publications that are not accounted for yet' }),
    waiting: Type.Object({ count: Count, nextDueAt: InstantOrNull }),
    parked: Count,
    totals: Type.Object({ attempts: Count, delivered: Count, passed: Count }),
    recent: Type.Union([Recent, Type.Null()], {
      description: 'Null: there was no attempt, or the store that knows is being filled',
    }),
  },
  { title: 'EndpointHealth' },
);
type Endpoint = Static<typeof Endpoint>;

export interface EndpointRoutes {
  readonly directory: Directory;
  readonly orders: Pick<DeliveryOrders, 'state'>;
  readonly recent: RecentAttempts;
}

const showRecent = (figures: RecentFigures | null): Endpoint['recent'] =>
  figures && {
    attempts: figures.attempts,
    successRate: Math.round((figures.delivered / figures.attempts) * 1_000) / 1_000,
    lastStatus: figures.lastStatus,
    lastError: figures.lastError,
    firstAt: instantOf(figures.firstAt),
    lastAt: instantOf(figures.lastAt),
    medianMs: figures.medianMs,
    p95Ms: figures.p95Ms,
  };

const createLook = ({ directory, orders, recent }: EndpointRoutes) => {
  const recently = (record: SubscriptionRecord): Promise<RecentFigures | null> =>
    recent(record.tenant, record.subscriptionId).catch((error: unknown) => {
      if (error instanceof DocumentsNotReady) return null;
      throw error;
    });

  return async (record: SubscriptionRecord, now: number): Promise<Endpoint> => {
    const { tenant, subscriptionId, partnerId, topicId, status } = record;
    const own = { subscriptionId, partnerId };
    const [{ ledger, head }, figures] = await Promise.all([
      orders.state(own, { tenant }),
      recently(record),
    ]);
    const lag = Math.max(0, head - ledger.cursor - spans.sizeOf(ledger.ahead));
    const obstacle = obstacleOf(directory, record);
    const { nextAt, since, ...told } = diagnose({ record, obstacle, ledger, lag, now });
    const { endpoint } = ledger;
    return {
      ...{ subscriptionId, partnerId, topicId, url: record.endpoint.url, status },
      ...told,
      since: instantOrNull(since),
      nextAttemptAt: instantOrNull(nextAt),
      breaker: {
        state: isOpen(ledger) ? 'open' : 'closed',
        failures: endpoint.failures,
        lastSuccessAt: instantOrNull(endpoint.lastSuccessAt),
        lastFailureAt: instantOrNull(endpoint.lastFailureAt),
        lastError: endpoint.lastError,
      },
      lag,
      waiting: { count: ledger.waiting.size, nextDueAt: instantOrNull(nextDueOf(ledger)) },
      parked: parkedCount(ledger),
      totals: { ...ledger.counts },
      recent: showRecent(figures),
    };
  };
};

/** Each of them reads a ledger: not all at once. */
const inGroups = async <Item, Made>(
  items: readonly Item[],
  make: (item: Item) => Promise<Made>,
): Promise<Made[]> => {
  const made: Made[] = [];
  for (let i = 0; i < items.length; i += groupMax) {
    made.push(...(await Promise.all(items.slice(i, i + groupMax).map(make))));
  }
  return made;
};
const groupMax = 8;

const access = operatorsOnly('owner', 'manager', 'analyst', 'auditor');

export const endpointRoutes = (services: EndpointRoutes): Route[] => {
  const { subscriptions } = services.directory;
  const look = createLook(services);
  return [
    route({
      method: 'GET',
      path: '/admin/v1/endpoints',
      summary: 'How the endpoints of partners do: success, lag, breaker, backlog, and why.',
      description:
        'One entry for a subscription that has not ended. `explanation`, `advice` and `nextAttemptAt` say why one is not called, what to do, ' +
        'and when it is called again.',
      tags: ['Subscriptions'],
      access,
      query: {
        partnerId: Type.Optional(PartnerId),
        topicId: Type.Optional(TopicId),
        status: Type.Optional(Status),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 25 })),
        after: Type.Optional(
          Type.String({ maxLength: 80, description: 'The `next` of the page before' }),
        ),
      },
      response: pageOf(Endpoint),
      problems: ['log-unavailable', 'read-model-unavailable'],
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        const { partnerId, topicId, status, limit = 25, after } = request.query;
        const wanted = [...subscriptions.subscriptions(tenant)].filter(
          (record) =>
            (status === undefined ? record.status !== 'ended' : record.status === status) &&
            (partnerId === undefined || record.partnerId === partnerId) &&
            (topicId === undefined || record.topicId === topicId),
        );
        const listed = page(
          wanted,
          ({ subscriptionId }) => subscriptionId,
          { limit, ...(after === undefined ? {} : { after }) },
          (record) => record,
        );
        const onPage: readonly SubscriptionRecord[] = listed.items;
        const items = await inGroups(onPage, (record) => look(record, request.now));
        return { body: { items, next: listed.next } };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/endpoints/{subscriptionId}',
      summary: 'How the endpoint of one subscription does, and why.',
      tags: ['Subscriptions'],
      access,
      params: { subscriptionId: SubscriptionId },
      response: Endpoint,
      problems: ['subscription-not-found', 'log-unavailable', 'read-model-unavailable'],
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        const { subscriptionId } = request.params;
        const record = subscriptions.subscription(tenant, subscriptionId);
        if (!record) throw rejected('subscription-not-found', { subscriptionId });
        return { body: await look(record, request.now) };
      },
    }),
  ];
};
