/**
 * Delivery to webhooks, put together: what it looks up (a directory of its own, fed with what concerns partners and subscriptions alone),
 * the live publications, and the dispatcher. It runs in a thread of its own (deliveries.thread.ts).
 */
import type pg from 'pg';
import { createDirectory, type Directory } from '../../commands/directory.js';
import { createHandler } from '../../commands/handle.js';
import type { Log } from '../../commands/log.js';
import { createReveal } from '../../commands/publication/reveal.js';
import { disableSubscription } from '../../commands/subscription/disableSubscription.js';
import { createSubscriptionSecrets } from '../../commands/subscription/secrets.js';
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import { deliveryOrders } from '../../domain/delivery/events.js';
import type { Position } from '../../domain/fact.js';
import { partnerEvents } from '../../domain/partner/partner.js';
import { subscriptionEvents } from '../../domain/subscription/events.js';
import { tenantEvents } from '../../domain/tenant/tenant.js';
import { topicAccessEvents } from '../../domain/topic/access.js';
import { topicEvents } from '../../domain/topic/topic.js';
import type { Feed } from '../../projections/feed.js';
import type { OpenDialler } from '../../workers/webhook/dial.js';
import {
  createDispatcher,
  type DispatcherOptions,
  type DispatcherState,
} from '../../workers/webhook/dispatcher.js';
import type { DeliveryMeasures, DisablingCause } from '../../workers/webhook/settling.js';
import { createTopicWindows, type ReadPage } from '../../workers/webhook/topicWindows.js';
import { createDeliveryLeases } from '../postgres/deliveryLeases.js';
import { createPostgresPersonalKeys } from '../postgres/personalKeys.js';

const concerned = [tenantEvents, partnerEvents, topicEvents, topicAccessEvents, subscriptionEvents]
  .flat()
  .map(({ type }) => type);
const orders: ReadonlySet<string> = new Set(deliveryOrders);

export interface DeliveriesParts {
  readonly log: Log;
  readonly feed: Feed;
  readonly pool: pg.Pool;
  readonly openDialler: OpenDialler;
  readonly measures: DeliveryMeasures;
  readonly owner: string;
  readonly now: () => number;
  readonly onFailed: (error: unknown, key: string | null) => void;
  readonly retention?: NonNullable<DispatcherOptions['retention']>;
  /** Pages of a backlog; as everything else unless told. */
  readonly readAhead?: ReadPage;
  /** For tests. */
  readonly tuning?: Partial<Pick<DispatcherOptions, 'limits' | 'delays' | 'leaseMs'>>;
}

export interface Deliveries {
  /** Until the signal aborts. @throws what the feed throws. */
  run(signal: AbortSignal): Promise<void>;
  state(): DispatcherState;
}

export const createDeliveries = (parts: DeliveriesParts): Deliveries => {
  const { log, feed, pool, now, owner, onFailed } = parts;
  const directory = createDirectory();
  const keys = createPostgresPersonalKeys(pool);
  const { readAhead } = parts;
  const reveal = createReveal(keys);
  const windows = createTopicWindows({ log, reveal, ...(readAhead ? { readAhead } : {}) });
  const dispatcher = createDispatcher({
    log,
    directory,
    windows,
    owner,
    now,
    onFailed,
    leases: createDeliveryLeases(pool),
    openDialler: parts.openDialler,
    secrets: createSubscriptionSecrets(keys),
    measures: parts.measures,
    chance: Math.random,
    disable: disabling(log, directory, now),
    ...(parts.retention ? { retention: parts.retention } : {}),
    ...parts.tuning,
  });

  const followDirectory = async (signal: AbortSignal, onCaughtUp: () => void): Promise<void> => {
    const filter = { eventTypes: [...concerned, ...deliveryOrders] };
    for await (const item of feed.subscribe({ from: null, filter, signal })) {
      if (item.kind === 'caughtUp') onCaughtUp();
      else if (item.kind === 'checkpoint') directory.advance(item.position);
      else if (orders.has(item.fact.type)) {
        directory.advance(item.fact.position);
        dispatcher.changed(item.fact.stream);
      } else {
        directory.apply(item.fact);
        dispatcher.changed(null);
      }
    }
  };

  const followPublications = async (from: Position | null, signal: AbortSignal): Promise<void> => {
    const filter = { streamPrefixes: ['publications-'] };
    for await (const item of feed.subscribe({ from, filter, signal })) {
      if (item.kind === 'fact') windows.take(item.fact);
    }
  };

  return {
    run: async (signal) => {
      // Before anything is read: what is published from here on is told, what was before is read.
      const from = await feed.head();
      let onCaughtUp = (): void => undefined;
      const caughtUp = new Promise<void>((resolve) => (onCaughtUp = resolve));
      const following = Promise.all([
        followDirectory(signal, onCaughtUp),
        followPublications(from, signal),
      ]);
      await Promise.race([caughtUp, following]);
      await Promise.all([following, dispatcher.run(signal)]);
    },
    state: () => dispatcher.state(),
  };
};

const explanations: Readonly<Record<DisablingCause, string>> = {
  gone: 'The endpoint answered 410 Gone: it asks to be called no more.',
  failing: 'The endpoint has failed for five days without a success between.',
  'partner-revoked': 'The partner was revoked.',
  'access-revoked': 'The access of the partner to the topic was revoked.',
};
const advice = {
  endpoint:
    'What is published meanwhile waits: mend the endpoint, then enable the subscription, and it goes on where it stopped.',
  access: 'What was not delivered by then is passed over and recorded as such.',
} as const;

const disabling =
  (log: Log, directory: Directory, now: () => number): DispatcherOptions['disable'] =>
  async (record: SubscriptionRecord, cause, since, error) => {
    const handler = createHandler({ log, directory, cacheEntries: 100 });
    const isAccess = cause === 'partner-revoked' || cause === 'access-revoked';
    const last = error === null ? '' : ` The last error: ${error}.`;
    const explanation = `${explanations[cause]}${last} ${isAccess ? advice.access : advice.endpoint}`;
    const key = `${cause} ${since}`;
    await handler.handle(
      disableSubscription,
      {
        subscriptionId: record.subscriptionId,
        partnerId: null,
        reason: cause,
        since: new Date(since).toISOString(),
        explanation: explanation.slice(0, 1_000),
      },
      {
        tenant: record.tenant,
        actor: { kind: 'worker', id: 'deliveries' },
        now: now(),
        idempotencyKey: key,
        correlationId: `${record.subscriptionId} ${key}`,
      },
    );
  };
