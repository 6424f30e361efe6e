/**
 * Outreach, put together: the queue, filled from the log (outreachFilling.ts); a directory of what sending looks up; the providers; the
 * dispatcher. It runs in threads of its own (outreach.thread.ts), so that neither a slow provider nor a hundred thousand messages delay a
 * till, and these no one-time password.
 */
import { availableParallelism } from 'node:os';
import type pg from 'pg';
import type { ProviderRecord } from '../../commands/carriers.js';
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
import type { Fact } from '../../domain/fact.js';
import type { ProviderId, TenantId } from '../../domain/ids.js';
import { type LaneKind, laneKindOf } from '../../domain/message/lanes.js';
import type { WeightShift } from '../../domain/routing/handicap.js';
import type { BreakerChange } from '../../domain/routing/health.js';
import { tenantEvents } from '../../domain/tenant/tenant.js';
import type { Feed } from '../../projections/feed.js';
import { outbox, type QueueNews } from '../../projections/outbox/outbox.js';
import { pause } from '../../projections/pause.js';
import type { ProjectionLogger } from '../../projections/runner.js';
import type { OtherThread } from '../../workers/outreach/callSlots.js';
import { createCarrierPool } from '../../workers/outreach/carriers.js';
import {
  createDispatcher,
  type DispatcherOptions,
  type DispatcherState,
} from '../../workers/outreach/dispatcher.js';
import { type HeardFact, passwordOf } from '../../workers/outreach/hearing.js';
import type { OutreachMeasures } from '../../workers/outreach/measures.js';
import { createPacing } from '../../workers/outreach/pace.js';
import { openProvider } from '../../workers/outreach/providers/open.js';
import { createReceipts } from '../../workers/outreach/receipts.js';
import { createPostgresPersonalKeys } from '../postgres/personalKeys.js';
import { createOutreachLeases } from '../postgres/outreachLeases.js';
import { createPaceGrants } from '../postgres/outreachPace.js';
import { createReceiptStore } from '../postgres/outreachReceipts.js';
import {
  areQueueTablesThere,
  createPersons,
  createQueueTables,
} from '../postgres/outreachTables.js';
import type { Turns } from './givingWay.js';
import { fillQueue } from './outreachFilling.js';
import { openProviderPorts } from './providerPorts.js';
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
  /** Whose lanes are sent; all, unless told. */
  readonly lanes?: LaneKind | 'all';
  /** To where the urgent lanes are sent, where that is not here. */
  readonly tellUrgent?: (told: Told) => void;
  /** Who else in this process calls the same providers. */
  readonly otherThread?: (record: ProviderRecord) => OtherThread;
  /** Whose turn it is among all threads of this process that can wait; left out: nobody else is there. */
  readonly turns?: Turns;
  readonly processId: string;
  /** Of this process and this start of it. */
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** For tests. */
  readonly tuning?: Partial<Pick<DispatcherOptions, 'leaseMs'>>;
  /** For tests: instead of the kinds there are. */
  readonly openProvider?: typeof openProvider;
}

export type Told =
  | { readonly kind: 'heard'; readonly fact: HeardFact }
  | { readonly kind: 'news'; readonly news: readonly QueueNews[] }
  /** Anything may have changed. */
  | { readonly kind: 'look' };

export interface OutreachSide {
  /** Until the signal aborts. @throws what the feed throws. */
  run(signal: AbortSignal): Promise<void>;
  /** By another part of this process, sooner than the log or the tables tell it. Twice is safe. */
  told(told: Told): void;
  /** One-time passwords are being sent: what else there is to do takes little at a time. */
  givesWay(): boolean;
  state(): DispatcherState;
}

const everywhere = (): boolean => true;

export const createOutreachSide = (parts: OutreachParts): OutreachSide => {
  const { log, feed, pool, logger, owner, now, measures, turns, lanes = 'all' } = parts;
  const { tellUrgent = () => undefined } = parts;
  const isOurs =
    lanes === 'all' ? everywhere : (lane: number): boolean => laneKindOf(lane) === lanes;
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
  const receipts = createReceipts({ log, store, measures, suppress, now, onTrouble });

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
  const grants = createPaceGrants(parts.urgentPool);
  const tables = createQueueTables(pool, position);
  const dispatcher = createDispatcher({
    log,
    owner,
    now,
    measures,
    onTrouble,
    ...parts.tuning,
    ...(turns && { turns }),
    ...(parts.publicUrl === undefined ? {} : { publicUrl: parts.publicUrl }),
    outreach: directory.outreach,
    renderer: createRenderer(),
    isOurs,
    processors: availableParallelism(),
    leases: createOutreachLeases(pool, lanes),
    tables: {
      ...tables,
      lanes: async () => (await tables.lanes()).filter(({ lane }) => isOurs(lane)),
    },
    persons: createPersons(pool, keys),
    urgentTables: createQueueTables(parts.urgentPool, position),
    urgentPersons: createPersons(parts.urgentPool, keys),
    suppress,
    openCarriers: ({ onRoom }) =>
      createCarrierPool({
        pacing: createPacing({ grants, onRoom, onTrouble, now }),
        onRoom,
        recordHealth,
        now,
        carriers: directory.carriers,
        isUrgentOnly: lanes === 'urgent',
        otherThread: parts.otherThread,
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

  /** What others of this process send, they are told. */
  const tellNews = (news: readonly QueueNews[]): void => {
    const theirs = news.filter(({ lane }) => !isOurs(lane));
    dispatcher.news(theirs.length === 0 ? news : news.filter(({ lane }) => isOurs(lane)));
    if (theirs.length > 0) tellUrgent({ kind: 'news', news: theirs });
  };
  const hear = (fact: Fact): void => {
    dispatcher.heard(fact);
    const password = passwordOf(fact);
    if (!password || isOurs(password.lane)) return;
    const { type, data, recordedAt, position } = fact;
    const metadata = { tenant: password.tenant };
    tellUrgent({ kind: 'heard', fact: { type, data, recordedAt, position, metadata } });
  };
  const lookAgain = (): void => {
    dispatcher.look();
    const tellIfAny = async (): Promise<void> => {
      const all = await tables.lanes();
      if (!all.every(({ lane }) => isOurs(lane))) tellUrgent({ kind: 'look' });
    };
    tellIfAny().catch(onTrouble);
  };

  /** Who fills the tables may have begun at the same moment. */
  const untilFilled = async (signal: AbortSignal): Promise<void> => {
    const isThere = (): Promise<boolean> =>
      areQueueTablesThere(pool).catch((error: unknown) => {
        onTrouble(error);
        return false;
      });
    while (!signal.aborted && !(await isThere())) await pause(lookMs, signal);
  };

  return {
    run: async (signal) => {
      const from = await feed.head();
      const told = { onNews: tellNews, onAnything: lookAgain, onAccepted: hear, onTrouble };
      const { processId } = parts;
      const { givesWay } = dispatcher;
      const filling =
        lanes === 'urgent'
          ? null
          : fillQueue({ feed, pool, logger, processId, signal, givesWay, turns, ...told }, from);
      let onCaughtUp = (): void => undefined;
      const caughtUp = new Promise<void>((resolve) => (onCaughtUp = resolve));
      const following = followDirectory(signal, onCaughtUp);
      // What fails at once is heard of at once.
      const failed = filling?.ended ?? following;
      await Promise.race([caughtUp, following, failed]);
      await Promise.race([filling ? filling.ready : untilFilled(signal), failed]);
      await Promise.all([
        following,
        filling?.ended,
        lanes === 'urgent' ? undefined : receipts.run(signal),
        dispatcher.run(signal),
      ]);
      await network.close();
    },
    told: (told) => {
      if (told.kind === 'heard') dispatcher.heard(told.fact);
      else if (told.kind === 'news') dispatcher.news(told.news);
      else dispatcher.look();
    },
    givesWay: dispatcher.givesWay,
    state: () => dispatcher.state(),
  };
};

const lookMs = 50;

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
