/**
 * Outreach, put together: the queue, filled from the log by a group of its own; a directory of what sending looks up; the providers; the
 * dispatcher. It runs in a thread of its own (outreach.thread.ts), so that neither a slow provider nor a hundred thousand messages delay a
 * till.
 */
import type pg from 'pg';
import { createDirectory } from '../../commands/directory.js';
import { createHandler } from '../../commands/handle.js';
import type { Log } from '../../commands/log.js';
import {
  closeProviderBreaker,
  openProviderBreaker,
  shiftProviderWeight,
} from '../../commands/provider/recordHealth.js';
import { createProviderSecrets } from '../../commands/provider/secrets.js';
import { createRenderer } from '../../commands/template/render.js';
import type { Fact, Position } from '../../domain/fact.js';
import type { ProviderId, TenantId } from '../../domain/ids.js';
import { MessageAccepted } from '../../domain/message/events.js';
import { changesOf } from '../../domain/message/message.js';
import type { WeightShift } from '../../domain/routing/handicap.js';
import type { BreakerChange } from '../../domain/routing/health.js';
import { tenantEvents } from '../../domain/tenant/tenant.js';
import type { Feed } from '../../projections/feed.js';
import { outbox, outboxTelling, type QueueNews } from '../../projections/outbox/outbox.js';
import { pause } from '../../projections/pause.js';
import {
  type ProjectionLogger,
  type RunningProjections,
  startProjections,
} from '../../projections/runner.js';
import { createCarrierPool } from '../../workers/outreach/carriers.js';
import {
  createDispatcher,
  type DispatcherOptions,
  type DispatcherState,
} from '../../workers/outreach/dispatcher.js';
import type { OutreachMeasures } from '../../workers/outreach/measures.js';
import { openProvider } from '../../workers/outreach/providers/open.js';
import { createReceipts } from '../../workers/outreach/receipts.js';
import { createPostgresPersonalKeys } from '../postgres/personalKeys.js';
import { createOutreachLeases } from '../postgres/outreachLeases.js';
import { createReceiptStore } from '../postgres/outreachReceipts.js';
import { createPersons, createQueueTables } from '../postgres/outreachTables.js';
import { openProviderPorts } from './providerPorts.js';
import { openQueueNews } from './queueNews.js';
import { suppressing } from './suppressing.js';

export interface OutreachParts {
  readonly log: Log;
  readonly feed: Feed;
  readonly pool: pg.Pool;
  /** For what cannot wait until a connection comes free. */
  readonly urgentPool: pg.Pool;
  /** Ranges that providers may be reached in though they are private. */
  readonly privateNetworks: readonly string[];
  /** Where recipients end such messages; empty: messages have no link for it. */
  readonly publicUrl?: string;
  readonly measures: OutreachMeasures;
  readonly logger: ProjectionLogger;
  /** Of this process and this start of it. */
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** For tests. */
  readonly tuning?: Partial<Pick<DispatcherOptions, 'leaseMs'>>;
  /** For tests: instead of the kinds there are. */
  readonly openProvider?: typeof openProvider;
}

export interface OutreachSide {
  /** Until the signal aborts. @throws what the feed throws. */
  run(signal: AbortSignal): Promise<void>;
  state(): DispatcherState;
}

/** Facts come one by one or in floods: company is waited for only for a moment. */
const lingerMaxMs = 20;
/** Changes of messages in one transaction: nothing else is done in this thread while they are worked out. */
const batchMax = { usual: 300, least: 60 } as const;
const weightOf = (fact: Fact): number => Math.max(1, changesOf(fact).length);
/** Of a queue that nobody fills any more: it is filled here. */
const takeOverMs = 1_000;

export const createOutreachSide = (parts: OutreachParts): OutreachSide => {
  const { log, feed, pool, logger, owner, now, measures } = parts;
  const directory = createDirectory();
  const handler = createHandler({ log, directory, cacheEntries: 100 });
  const keys = createPostgresPersonalKeys(pool);
  const secrets = createProviderSecrets(keys);
  const open = parts.openProvider ?? openProvider;
  const network = openProviderPorts(parts.privateNetworks);
  const onTrouble = (error: unknown): void =>
    logger.warn({ err: error }, 'outreach met trouble, and tries again');
  const suppress = suppressing({ handler, now, onTrouble });
  const store = createReceiptStore(pool);
  const receipts = createReceipts({ log, store, measures, suppress, onTrouble });

  const contextOf = (tenant: TenantId, key: string) => ({
    tenant,
    actor: { kind: 'worker', id: 'outreach' } as const,
    now: now(),
    idempotencyKey: key,
    correlationId: key,
  });

  const recordHealth = (
    tenant: TenantId,
    providerId: ProviderId,
    change: BreakerChange | WeightShift,
  ): void => {
    const context = contextOf(tenant, `${providerId} ${owner} ${now()} ${JSON.stringify(change)}`);
    const recorded =
      'handicap' in change
        ? handler.handle(shiftProviderWeight, { providerId, ...change }, context)
        : change.kind === 'closed'
          ? handler.handle(closeProviderBreaker, { providerId }, context)
          : handler.handle(openProviderBreaker, openingOf(providerId, change), context);
    recorded.catch(onTrouble);
    logger.warn({ tenant, providerId, ...change }, 'the health of a provider changed');
  };

  const position = createPosition(parts.urgentPool);
  const dispatcher = createDispatcher({
    log,
    owner,
    now,
    measures,
    onTrouble,
    ...parts.tuning,
    ...(parts.publicUrl === undefined ? {} : { publicUrl: parts.publicUrl }),
    outreach: directory.outreach,
    renderer: createRenderer(),
    leases: createOutreachLeases(pool),
    tables: createQueueTables(pool, position),
    persons: createPersons(pool, keys),
    urgentTables: createQueueTables(parts.urgentPool, position),
    urgentPersons: createPersons(parts.urgentPool, keys),
    suppress,
    openCarriers: ({ share, onRoom }) =>
      createCarrierPool({
        share,
        onRoom,
        recordHealth,
        now,
        carriers: directory.carriers,
        open: async (record) =>
          open(record, await secrets.open(record), {
            now,
            onTrouble,
            ...network.ports,
            // A provider on a connection of its own is told that they were taken once they were.
            onReceipts: (told) => receipts.take(record.tenant, record.providerId, told),
          }),
        onTrouble: (error, providerId) =>
          logger.warn({ err: error, providerId }, 'a provider cannot be opened'),
      }),
  });

  const followDirectory = async (signal: AbortSignal, onCaughtUp: () => void): Promise<void> => {
    const wanted = [
      ...tenantEvents.map(({ type }) => type),
      ...directory.outreach.eventTypes,
      ...directory.carriers.eventTypes,
    ];
    for await (const item of feed.subscribe({
      from: null,
      filter: { eventTypes: wanted },
      signal,
    })) {
      if (item.kind === 'caughtUp') onCaughtUp();
      else if (item.kind === 'checkpoint') directory.advance(item.position);
      else {
        directory.apply(item.fact);
        dispatcher.changed(item.fact.metadata.tenant);
      }
    }
  };

  /** Of its own, since the tables may be far behind where a hundred thousand messages were accepted at once. */
  const followRequests = async (from: Position | null, signal: AbortSignal): Promise<void> => {
    const filter = { eventTypes: [MessageAccepted.type] };
    for await (const item of feed.subscribe({ from, filter, signal })) {
      if (item.kind === 'fact') dispatcher.heard(item.fact);
    }
  };

  return {
    run: async (signal) => {
      const from = await feed.head();
      let onCaughtUp = (): void => undefined;
      const caughtUp = new Promise<void>((resolve) => (onCaughtUp = resolve));
      const following = followDirectory(signal, onCaughtUp);
      let written: QueueNews[] = [];
      const telling = outboxTelling((news) => void written.push(...news));
      const filling = startProjections({
        feed,
        pool,
        logger,
        signal,
        lingerMaxMs,
        batches: { max: () => (dispatcher.givesWay() ? batchMax.least : batchMax.usual), weightOf },
        projections: [telling],
        ownEventsOnly: true,
        retry: { quietMs: takeOverMs },
      });
      const news = openQueueNews({
        pool,
        owner,
        onTrouble,
        onNews: dispatcher.news,
        onAnything: dispatcher.look,
      });
      filling.advanced.subscribe(() => {
        if (written.length === 0) return;
        dispatcher.news(written);
        news.tell(written);
        written = [];
      });
      await Promise.race([caughtUp, following]);
      await Promise.race([filling.caughtUp, filling.stopped, filledElsewhere(filling, signal)]);
      await Promise.all([
        following,
        filling.stopped,
        news.run(signal),
        receipts.run(signal),
        followRequests(from, signal),
        dispatcher.run(signal),
      ]);
      await network.close();
    },
    state: () => dispatcher.state(),
  };
};

const lookMs = 50;
/** Another process fills the queue. */
const filledElsewhere = async (
  { states }: RunningProjections,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted && !states().some(({ state }) => state === 'standingBy')) {
    await pause(lookMs, signal);
  }
};

const positionMs = 100;
/**
 * Up to which place the tables are filled at least, whoever fills them: what is read after it was asked for is of that place or a later one.
 */
const createPosition = (pool: pg.Pool): (() => Promise<bigint>) => {
  let known: bigint | null = null;
  let askedAt = -Infinity;
  const ask = async (): Promise<bigint> => {
    askedAt = performance.now();
    const { rows } = await pool.query<{ position: bigint }>({
      name: 'outreach.position',
      text: `select position from kopilka.checkpoints where projection = $1 and status = 'live'`,
      values: [outbox.name],
    });
    return (known = rows[0]?.position ?? known ?? 0n);
  };
  return async () => {
    if (known === null) return ask();
    if (performance.now() - askedAt > positionMs) void ask().catch(() => undefined);
    return known;
  };
};

const openingOf = (
  providerId: ProviderId,
  { reason, until, attempts, failures, code }: Extract<BreakerChange, { kind: 'opened' }>,
) => ({
  providerId,
  reason,
  until: new Date(until).toISOString(),
  attempts,
  failures,
  ...(code === undefined ? {} : { code }),
});
