/**
 * What a process holds of deliveries: each subscription with its runner from the claim to the end, and the recording of what its runner does.
 *
 * Invariant: one is being begun, held, or being ended, never two of these; nothing of it is sent once another may have it.
 */
import { readLedger } from '../../commands/delivery/ledgers.js';
import type { Directory } from '../../commands/directory.js';
import type { Log } from '../../commands/log.js';
import type { SubscriptionSecrets } from '../../commands/subscription/secrets.js';
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import type { Ailments } from './ailing.js';
import type { OpenDialler } from './dial.js';
import type { Claimed, Leases } from './leases.js';
import { createRecorder } from './recorder.js';
import type { Retention } from './retention.js';
import { createRunner, type Runner } from './runner.js';
import { createSender, type Sender } from './sender.js';
import type { DeliveryMeasures, DisablingCause } from './settling.js';
import type { Slots } from './slots.js';
import type { TopicWindows } from './topicWindows.js';
import type { Turns } from './turns.js';

export interface HoldingOptions {
  readonly log: Log;
  readonly directory: Directory;
  readonly leases: Leases;
  readonly windows: TopicWindows;
  readonly openDialler: OpenDialler;
  readonly secrets: SubscriptionSecrets;
  readonly measures: DeliveryMeasures;
  /** Of this process and this start of it. */
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly chance: () => number;
  readonly disable: (
    record: SubscriptionRecord,
    cause: DisablingCause,
    since: number,
    error: string | null,
  ) => Promise<void>;
  readonly onFailed: (error: unknown, key: string | null) => void;
  readonly slots: Slots;
  readonly turns: Turns;
  readonly ailments: Ailments;
  readonly retention: Retention;
  /** Whether the leases hold for certain at this moment. */
  readonly isLeased: () => boolean;
  /** Instead of the schedule's, and what is under way may go on for at the end; milliseconds. For tests. */
  readonly delays?: readonly number[];
  readonly drainMs?: number;
}

export interface Held {
  readonly key: string;
  readonly record: SubscriptionRecord;
  readonly fence: number;
  readonly sender: Sender;
  readonly runner: Runner;
  orders: boolean;
  flushing: Promise<void> | null;
  lost: boolean;
  /** It could not be disabled, though it has to be. */
  stuck: boolean;
  /** Of a recording that failed: not before. */
  flushAt: number;
  /** When to look again for records that are old enough to go. */
  keepAt: number;
}

export interface Holding {
  /** By key. */
  readonly held: ReadonlyMap<string, Held>;
  /** Being taken over, or given back. */
  readonly moving: ReadonlySet<string>;
  /** @throws what the log throws. */
  begin(record: SubscriptionRecord, claimed: Claimed): Promise<void>;
  /** What is under way ends, is recorded, and the lease is given back. */
  end(one: Held): Promise<void>;
  /** Records what there is, and takes in what others ordered. */
  flush(one: Held): Promise<void>;
  ordersCame(key: string): void;
  /** Until the signal aborts: records what happens, some ten times a second. */
  record(signal: AbortSignal): Promise<void>;
}

const tickMs = 25;
/**
 * Those that have something to record are gone through within so many ticks, at least so many in one, and not again before these are over:
 * fewer, larger appends cost the log less. All at once they would be a hundred appends in one turn of the loop and in one commit of the log, and
 * what was just published would be behind them.
 */
const roundTicks = 4;
const flushedMin = 10;
/** Outcomes of one subscription that do not wait for the next round: deliveries stop where there are too many (runner.ts). */
const openEnough = 800;
/** What was only passed over is recorded less often: it is lost without harm. */
const lazyTicks = 40;
const drainDefaultMs = 5_000;
/** What was broken off may take to notice; then it is left behind. */
const closeMaxMs = 2_000;
const flushesMax = 6;
/** Records that are old enough to go. */
export const keepEveryMs = 3_600_000;

export const createHolding = (options: HoldingOptions): Holding => {
  const { log, directory, leases, windows, owner, now, onFailed, retention } = options;
  const drainMs = options.drainMs ?? drainDefaultMs;
  const held = new Map<string, Held>();
  const moving = new Set<string>();
  const dirty = new Set<Held>();

  const recordOf = ({ tenant, subscriptionId }: SubscriptionRecord) =>
    directory.subscriptions.subscription(tenant, subscriptionId);

  const flush = (one: Held): Promise<void> => (one.flushing ??= flushOnce(one));
  const flushOnce = async (one: Held): Promise<void> => {
    const { runner, key } = one;
    const { orders } = one;
    one.orders = false;
    try {
      one.lost = one.lost || !(await runner.recorder.flush(orders));
      one.flushAt = 0;
      if (one.lost) return;
      if (orders) runner.ordersCame();
      if (now() >= one.keepAt && runner.recorder.isIdle) {
        one.keepAt = now() + keepEveryMs;
        await retention.keep(one.record, runner.ledger);
      }
      const snapshot = runner.recorder.snapshot();
      if (snapshot) await leases.save(key, one.fence, snapshot.revision, snapshot.ledger);
    } catch (error) {
      one.orders = one.orders || orders;
      one.flushAt = now() + 500 + 500 * options.chance();
      onFailed(error, key);
    } finally {
      one.flushing = null;
      if (!one.lost && (runner.recorder.open > 0 || one.orders)) dirty.add(one);
      runner.pump();
    }
  };

  const take = async (record: SubscriptionRecord, claimed: Claimed): Promise<void> => {
    const { key, fence, snapshot } = claimed;
    const ledger = await readLedger(log, record, snapshot);
    const stream = key;
    // What is old can go another time.
    await retention.keep(record, ledger).catch((error: unknown) => onFailed(error, key));
    const dialler = options.openDialler(record.concurrency);
    const { secrets, chance, delays } = options;
    const sender = createSender({ dialler, secrets, chance, ...(delays ? { delays } : {}) });
    const recorder = createRecorder({
      log,
      stream,
      ledger,
      owner,
      now,
      tenant: record.tenant,
      onOrders: () => undefined,
    });
    const runner = createRunner({
      stream,
      directory,
      ledger,
      sender,
      recorder,
      now,
      slots: options.slots,
      turns: options.turns,
      ailing: options.ailments.open(),
      record: () => recordOf(record),
      window: windows.open(record.tenant, record.topicId),
      measures: options.measures,
      holds: () => options.isLeased() && !one.lost,
      onDirty: () => dirty.add(one),
      onDisable: (cause, since, error) => void disable(one, cause, since, error),
      onFailed: (error) => onFailed(error, key),
    });
    const one: Held = {
      key,
      record,
      fence,
      sender,
      runner,
      orders: false,
      flushing: null,
      lost: false,
      stuck: false,
      flushAt: 0,
      keepAt: now() + keepEveryMs,
    };
    held.set(key, one);
    runner.pump();
  };

  const disable = async (
    one: Held,
    cause: DisablingCause,
    since: number,
    error: string | null,
  ): Promise<void> => {
    try {
      await options.disable(one.record, cause, since, error);
      one.runner.recorder.told({ type: 'DeliveriesStopped', data: { reason: cause } });
      dirty.add(one);
    } catch (failure) {
      // Begun anew it finds out again.
      one.stuck = true;
      onFailed(failure, one.key);
    }
  };

  const end = async (one: Held): Promise<void> => {
    if (moving.has(one.key)) return;
    moving.add(one.key);
    try {
      const [enough, patience] = [after(drainMs), after(drainMs + Math.min(drainMs, closeMaxMs))];
      const stopped = one.runner.stop(patience.over);
      await Promise.race([stopped, enough.over]);
      await Promise.race([one.sender.close(), patience.over]);
      await stopped;
      for (const { cancel } of [enough, patience]) cancel();
      for (let tries = 0; tries < flushesMax && !one.lost; tries += 1) {
        // One that is under way may have begun before the last was told.
        await flush(one);
        if (one.runner.recorder.isIdle) break;
        if (one.flushAt > 0) await pause(200);
      }
      if (!one.lost) await leases.release(owner, [one.key]);
    } catch (error) {
      onFailed(error, one.key);
    } finally {
      held.delete(one.key);
      dirty.delete(one);
      moving.delete(one.key);
      windows.close(one.record.tenant, one.record.topicId);
    }
  };

  const mayFlush = (one: Held): boolean =>
    dirty.has(one) && !one.flushing && now() >= one.flushAt && !moving.has(one.key);
  /** @param lazy also what can wait. */
  const dueOf = (lazy: boolean): Held[] =>
    [...dirty].filter((one) => (one.runner.recorder.urgent || one.orders || lazy) && mayFlush(one));

  const flushEach = (these: readonly Held[]): void => {
    for (const one of these) {
      if (!mayFlush(one)) continue;
      dirty.delete(one);
      void flush(one);
    }
  };

  const record = async (signal: AbortSignal): Promise<void> => {
    let round: Held[] = [];
    let nextRound = 0;
    let share = flushedMin;
    let lazy = false;
    for (let tick = 1; !signal.aborted; tick += 1) {
      await pause(tickMs);
      lazy = lazy || tick % lazyTicks === 0;
      if (round.length === 0 && tick >= nextRound) {
        round = dueOf(lazy);
        if (round.length > 0) nextRound = tick + roundTicks;
        share = Math.max(flushedMin, Math.ceil(round.length / roundTicks));
        lazy = false;
      }
      flushEach(round.splice(0, share));
      flushEach([...dirty].filter(({ runner }) => runner.recorder.open >= openEnough));
    }
  };

  return {
    held,
    moving,
    begin: async (record, claimed) => {
      moving.add(claimed.key);
      try {
        await take(record, claimed);
      } finally {
        moving.delete(claimed.key);
      }
    },
    end,
    flush,
    ordersCame: (key) => {
      const one = held.get(key);
      if (!one) return;
      one.orders = true;
      dirty.add(one);
    },
    record,
  };
};

const after = (ms: number): { readonly over: Promise<void>; cancel(): void } => {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  return { over, cancel: () => clearTimeout(timer) };
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
