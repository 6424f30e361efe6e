/**
 * Delivers the subscriptions of this process: claims those that nobody delivers, its fair share of them, runs each, has outcomes recorded
 * and leases prolonged, and hands on what is not wanted here any more.
 *
 * Whatever it holds in memory can be lost at any moment: what is to do follows from the log.
 */
import { ledgerKey } from '../../commands/delivery/ledgers.js';
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import { isOpen } from '../../domain/delivery/ledger.js';
import { createAilments } from './ailing.js';
import { createHolding, type Held, type HoldingOptions, keepEveryMs } from './holding.js';
import { createRests } from './rests.js';
import { createRetention, type RetentionTerms } from './retention.js';
import type { Runner } from './runner.js';
import { createSlots, type SlotLimits } from './slots.js';
import { createTurns } from './turns.js';

export interface DispatcherOptions extends Omit<
  HoldingOptions,
  'slots' | 'turns' | 'ailments' | 'retention' | 'isLeased'
> {
  /** How long records of deliveries are kept; left out: for ever. */
  readonly retention?: RetentionTerms;
  readonly limits?: SlotLimits;
  /** How long leases last, milliseconds. For tests. */
  readonly leaseMs?: number;
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

const leaseDefaultMs = 6_000;
const claimEveryMs = 1_000;
const brokenMs = 5_000;
const forEver: RetentionTerms = { keptMs: Infinity, cut: async () => undefined };

export const createDispatcher = (options: DispatcherOptions): Dispatcher => {
  const { log, directory, leases, owner, now, onFailed } = options;
  const leaseMs = options.leaseMs ?? leaseDefaultMs;
  const retention = createRetention({
    log,
    owner,
    now,
    snapshots: leases,
    terms: options.retention ?? forEver,
  });
  let leasedUntil = 0;
  const holding = createHolding({
    ...options,
    slots: createSlots(options.limits),
    turns: createTurns(),
    ailments: createAilments(),
    retention,
    isLeased: () => now() < leasedUntil,
  });
  const { held, moving, end, flush } = holding;
  const rests = createRests(now);
  let owners = 1;
  let wake = (): void => undefined;

  const wanted = (): Map<string, SubscriptionRecord> => {
    const found = new Map<string, SubscriptionRecord>();
    for (const record of directory.subscriptions.all()) {
      if (record.status === 'active') found.set(ledgerKey(record), record);
    }
    return found;
  };

  /** Held and wanted. What is being ended may take its time to: it is in nobody's way, and counts for nothing. */
  const lasting = (active: ReadonlyMap<string, SubscriptionRecord>): Held[] =>
    [...held.values()].filter(({ key }) => active.has(key) && !moving.has(key));

  const claimMore = async (active: ReadonlyMap<string, SubscriptionRecord>): Promise<void> => {
    const share = Math.ceil(active.size / owners);
    rests.forgetOver();
    const free = [...active.keys()].filter(
      (key) => !held.has(key) && !moving.has(key) && !rests.has(key),
    );
    const room = share - lasting(active).length;
    if (free.length === 0 || room <= 0) return;
    const claimed = await leases.claim(owner, free, room, leaseMs);
    await Promise.all(
      claimed.map(async (one) => {
        const record = active.get(one.key);
        if (!record) return;
        try {
          await holding.begin(record, one);
        } catch (error) {
          onFailed(error, one.key);
          rests.begin(one.key, brokenMs);
          await leases.release(owner, [one.key]);
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
    const sound: Held[] = [];
    for (const one of held.values()) {
      if (moving.has(one.key)) continue;
      const isBroken = one.runner.broken || one.lost || one.stuck;
      if (active.has(one.key) && !isBroken) {
        sound.push(one);
        continue;
      }
      if (isBroken) rests.begin(one.key, brokenMs);
      void end(one);
    }
    const share = Math.ceil(active.size / owners);
    for (const one of sound.slice(share)) {
      rests.begin(one.key, leaseMs);
      void end(one);
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
        const key = ledgerKey(record);
        if (record.status === 'active' || held.has(key) || moving.has(key)) continue;
        await retention.keepIdle(record).catch((error: unknown) => onFailed(error, key));
      }
      await until(signal, keepEveryMs, () => undefined);
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
      await Promise.all([prolong(signal), share(signal), holding.record(signal), idle]);
      await Promise.all([...held.values()].map(end));
      await leases.leave(owner).catch((error: unknown) => onFailed(error, null));
    },
    changed: (key) => {
      if (key !== null) holding.ordersCame(key);
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
