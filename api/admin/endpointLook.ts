/**
 * The endpoint of one subscription as operators see it: its figures from the ledger and the last attempts, and its diagnosis
 * (endpointHealth.ts). Where the store of attempts is being filled, the figures of the last ones are left out.
 */
import { type Static, Type } from '@sinclair/typebox';
import type { DeliveryOrders } from '../../commands/delivery/ordering.js';
import type { Directory } from '../../commands/directory.js';
import { obstacleOf } from '../../commands/subscription/standing.js';
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import { isOpen } from '../../domain/delivery/ledger.js';
import * as spans from '../../domain/delivery/spans.js';
import { PartnerId, SubscriptionId, TopicId } from '../../domain/ids.js';
import type { RecentAttempts, RecentFigures } from '../../projections/attempts/recent.js';
import { DocumentsNotReady } from '../../projections/documents/reading.js';
import { Status } from '../exchange/subscriptionShape.js';
import { Instant, InstantOrNull, instantOf, instantOrNull } from '../wire.js';
import { diagnose, healths, nextDueOf, parkedCount } from './endpointHealth.js';

const Count = Type.Integer({ minimum: 0 });
export const Health = Type.Union(healths.map((one) => Type.Literal(one)));

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

export const Endpoint = Type.Object(
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
export type Endpoint = Static<typeof Endpoint>;

export interface EndpointSources {
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

export type EndpointLook = (record: SubscriptionRecord, now: number) => Promise<Endpoint>;

export const createEndpointLook = ({
  directory,
  orders,
  recent,
}: EndpointSources): EndpointLook => {
  const recently = (record: SubscriptionRecord): Promise<RecentFigures | null> =>
    recent(record.tenant, record.subscriptionId).catch((error: unknown) => {
      if (error instanceof DocumentsNotReady) return null;
      throw error;
    });

  return async (record, now) => {
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
      subscriptionId,
      partnerId,
      topicId,
      url: record.endpoint.url,
      status,
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
export const inGroups = async <Item, Made>(
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
