/**
 * Delivers the subscriptions of this process: claims those that nobody delivers, its fair share of them, runs each, has outcomes recorded
 * and leases prolonged, and hands on what is not wanted here any more.
 *
 * Whatever it holds in memory can be lost at any moment: what is to do follows from the log.
 */
import { ledgerKey, readLedger } from '../../commands/delivery/ledgers.js';
import type { Directory } from '../../commands/directory.js';
import type { Log } from '../../commands/log.js';
import type { SubscriptionSecrets } from '../../commands/subscription/secrets.js';
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import { isOpen } from '../../domain/delivery/ledger.js';
import type { OpenDialler } from './dial.js';
import type { Claimed, Leases } from './leases.js';
import { createRecorder } from './recorder.js';
import { createRetention, type RetentionTerms } from './retention.js';
import { createRunner, type Runner } from './runner.js';
import { createSender, type Sender } from './sender.js';
import type { DeliveryMeasures, DisablingCause } from './settling.js';
import { createSlots, type SlotLimits } from './slots.js';
import type { TopicWindows } from './topicWindows.js';

export interface DispatcherOptions {
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
  /** How long records of deliveries are kept; left out: for ever. */
  readonly retention?: RetentionTerms;
  readonly limits?: SlotLimits;
  /** Instead of the schedule's, how long leases last, and what is under way may go on for at the end; milliseconds. For tests. */
  readonly delays?: readonly number[];
  readonly leaseMs?: number;
  readonly drainMs?: number;
}

/** How the deliveries of this process are. */
export interface DispatcherState {
  readonly subscriptions: number;
  readonly breakersOpen: number;
  /** Publications that are not accounted for yet, over all subscriptions. */
  readonly lag: number;
  readonly waiting: number;
  readonly parked: number;
}

export interface Dispatcher {
  /** Until the signal aborts; then what is under way ends, and leases are given back. */
  run(signal: AbortSignal): Promise<void>;
  /** The directory changed, or orders came for the subscription of this key. */
  changed(key: string | null): void;
  state(): DispatcherState;
}

interface Held {
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

const leaseDefaultMs = 6_000;
const tickMs = 25;
const tickMaxMs = 100;
/** What was only passed over is recorded less often: it is lost without harm. */
const lazyTicks = 40;
const claimEveryMs = 1_000;
const drainDefaultMs = 5_000;
/** What was broken off may take to notice; then it is left behind. */
const closeMaxMs = 2_000;
const flushesMax = 6;
const brokenMs = 5_000;
const keepEveryMs = 3_600_000;
const forEver: RetentionTerms = { keptMs: Infinity, cut: async () => undefined };

export const createDispatcher = (options: DispatcherOptions): Dispatcher => {
  const { log, directory, leases, windows, owner, now, onFailed } = options;
  const leaseMs = options.leaseMs ?? leaseDefaultMs;
  const drainMs = options.drainMs ?? drainDefaultMs;
  const slots = createSlots(options.limits);
  const retention = createRetention({
    ...{ log, owner, now, snapshots: leases, terms: options.retention ?? forEver },
  });
  const held = new Map<string, Held>();
  /** Being taken over, or given back. */
  const moving = new Set<string>();
  const restAfter = new Map<string, number>();
  const dirty = new Set<Held>();
  let leasedUntil = 0;
  let owners = 1;
  let wake = (): void => undefined;

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

  const begin = async (record: SubscriptionRecord, claimed: Claimed): Promise<void> => {
    const { key, fence, snapshot } = claimed;
    const ledger = await readLedger(log, record, snapshot);
    const stream = key;
    // What is old can go another time.
    await retention.keep(record, ledger).catch((error: unknown) => onFailed(error, key));
    const dialler = options.openDialler(record.concurrency);
    const { secrets, chance, delays } = options;
    const sender = createSender({ dialler, secrets, chance, ...(delays ? { delays } : {}) });
    const recorder = createRecorder({
      ...{ log, stream, ledger, owner, now },
      tenant: record.tenant,
      onOrders: () => undefined,
    });
    const runner = createRunner({
      ...{ stream, directory, ledger, sender, recorder, slots, now },
      record: () => recordOf(record),
      window: windows.open(record.tenant, record.topicId),
      measures: options.measures,
      holds: () => now() < leasedUntil && !one.lost,
      onDirty: () => dirty.add(one),
      onDisable: (cause, since, error) => void disable(one, cause, since, error),
      onFailed: (error) => onFailed(error, key),
    });
    const one: Held = {
      ...{ key, record, fence, sender, runner },
      ...{ orders: false, flushing: null, lost: false, stuck: false, flushAt: 0 },
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

  /** What is under way ends, is recorded, and the lease is given back. */
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

  const wanted = (): Map<string, SubscriptionRecord> => {
    const found = new Map<string, SubscriptionRecord>();
    for (const record of directory.subscriptions.all()) {
      if (record.status === 'active') found.set(ledgerKey(record), record);
    }
    return found;
  };

  const claimMore = async (active: ReadonlyMap<string, SubscriptionRecord>): Promise<void> => {
    const share = Math.ceil(active.size / owners);
    const at = now();
    const free = [...active.keys()].filter(
      (key) => !held.has(key) && !moving.has(key) && (restAfter.get(key) ?? 0) <= at,
    );
    const room = share - held.size;
    if (free.length === 0 || room <= 0) return;
    const claimed = await leases.claim(owner, free, room, leaseMs);
    await Promise.all(
      claimed.map(async (one) => {
        const record = active.get(one.key);
        if (!record) return;
        moving.add(one.key);
        try {
          await begin(record, one);
        } catch (error) {
          onFailed(error, one.key);
          restAfter.set(one.key, now() + brokenMs);
          await leases.release(owner, [one.key]);
        } finally {
          moving.delete(one.key);
        }
      }),
    );
  };

  const renew = async (): Promise<void> => {
    const asked = now();
    const keys = [...held.keys()];
    const renewed = await leases.renew(owner, keys, leaseMs);
    owners = Math.max(1, renewed.owners);
    leasedUntil = asked + leaseMs;
    for (const key of keys) {
      const one = held.get(key);
      if (!one || renewed.held.has(key) || moving.has(key)) continue;
      one.lost = true;
      void end(one);
    }
  };

  /** Gives back what is not wanted here: inactive, broken, or more than a fair share. */
  const giveBack = (active: ReadonlyMap<string, SubscriptionRecord>): void => {
    let surplus = held.size - Math.ceil(active.size / owners);
    for (const one of held.values()) {
      const isInactive = !active.has(one.key);
      const isBroken = one.runner.broken || one.lost || one.stuck;
      if (isBroken) restAfter.set(one.key, now() + brokenMs);
      if (isInactive || isBroken || surplus > 0) {
        if (!isInactive && !isBroken) restAfter.set(one.key, now() + leaseMs);
        surplus -= 1;
        void end(one);
      }
    }
  };

  const round = async (): Promise<void> => {
    const active = wanted();
    giveBack(active);
    await claimMore(active);
    for (const one of held.values()) {
      one.runner.pump();
      if (now() >= one.keepAt && !moving.has(one.key)) void flush(one);
    }
  };

  /** Of subscriptions that nobody delivers: paused, disabled, ended. */
  const keepIdle = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      for (const record of directory.subscriptions.all()) {
        if (signal.aborted) return;
        if (record.status === 'active') continue;
        await retention.keepIdle(record).catch((error: unknown) => {
          onFailed(error, ledgerKey(record));
        });
      }
      await until(signal, keepEveryMs, () => undefined);
    }
  };

  const record = async (signal: AbortSignal): Promise<void> => {
    for (let tick = 1; !signal.aborted; tick += 1) {
      // The more there are to record, the more goes into one append of each.
      await pause(Math.min(tickMaxMs, tickMs * Math.max(1, dirty.size / 4)));
      const lazy = tick % lazyTicks === 0;
      for (const one of dirty) {
        const due = one.runner.recorder.urgent || one.orders || lazy;
        if (!due || one.flushing || now() < one.flushAt || moving.has(one.key)) continue;
        dirty.delete(one);
        void flush(one);
      }
    }
  };

  /** By itself: however long it takes to claim something, what is held stays held. */
  const prolong = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await renew().catch((error: unknown) => onFailed(error, null));
      await until(signal, leaseMs / 4, () => undefined);
    }
  };

  const share = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await round().catch((error: unknown) => onFailed(error, null));
      await until(signal, claimEveryMs, (done) => (wake = done));
    }
  };

  return {
    run: async (signal) => {
      await renew().catch((error: unknown) => onFailed(error, null));
      const idle = options.retention ? keepIdle(signal) : null;
      await Promise.all([prolong(signal), share(signal), record(signal), idle]);
      await Promise.all([...held.values()].map(end));
      await leases.leave(owner).catch((error: unknown) => onFailed(error, null));
    },
    changed: (key) => {
      const one = key === null ? undefined : held.get(key);
      if (one) {
        one.orders = true;
        dirty.add(one);
      }
      for (const each of held.values()) each.runner.pump();
      wake();
    },
    state: () => {
      const runners = [...held.values()].map(({ runner }) => runner);
      const sum = (count: (runner: Runner) => number) =>
        runners.reduce((total, runner) => total + count(runner), 0);
      return {
        subscriptions: held.size,
        breakersOpen: sum(({ ledger }) => (isOpen(ledger) ? 1 : 0)),
        lag: sum(({ lag }) => lag),
        waiting: sum(({ ledger }) => ledger.waiting.size),
        parked: sum(({ ledger }) => ledger.parked.size),
      };
    },
  };
};

const after = (ms: number): { readonly over: Promise<void>; cancel(): void } => {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  return { over, cancel: () => clearTimeout(timer) };
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Until the time is over, the signal aborts, or what `early` is given is called. */
const until = (signal: AbortSignal, ms: number, early: (done: () => void) => void): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    early(done);
    if (signal.aborted) done();
  });
