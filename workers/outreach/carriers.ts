/**
 * The providers of every programme as they are used here: opened when they are first needed and anew when they were changed, with slots for
 * calls, tokens for their pace, and their health.
 *
 * Room is asked for before work is taken, so that what cannot go now stays where it is. One-time passwords have slots of their own beside
 * those of all, and go before whoever waits for one.
 */
import type { Carriers, ProviderRecord } from '../../commands/carriers.js';
import { SealBroken } from '../../commands/personalData.js';
import type { ProviderId, TenantId } from '../../domain/ids.js';
import type { RoutingDecision } from '../../domain/message/events.js';
import type { Channel, MessageClass } from '../../domain/message/kinds.js';
import { callMostMs } from '../../domain/provider/events.js';
import { shiftOf, shifted, type WeightShift } from '../../domain/routing/handicap.js';
import {
  type BreakerChange,
  type CallOutcome,
  type Health,
  observed,
  probed,
  readiness,
  recalled,
} from '../../domain/routing/health.js';
import { type Route, route, type RouteQuestion } from '../../domain/routing/route.js';
import { providerKinds, tellsNoMore } from './providers/kinds.js';
import { type OpenedProvider, ProviderUnusable } from './providers/open.js';
import type { Outgoing, Reconciled, SendResult } from './providers/port.js';
import { type Bucket, createBucket } from './pace.js';
import { createCallSlots, type CallSlots } from './callSlots.js';

export interface CarrierOptions {
  readonly carriers: Carriers;
  /** @throws ProviderUnusable */
  readonly open: (record: ProviderRecord) => Promise<OpenedProvider>;
  /** The part of a programme's lanes that is sent from here: its share of what providers take in a second. */
  readonly share: (tenant: TenantId) => number;
  readonly recordHealth: (
    tenant: TenantId,
    providerId: ProviderId,
    change: BreakerChange | WeightShift,
  ) => void;
  /** Slots or tokens came free, or a provider is well again. */
  readonly onRoom: () => void;
  readonly onTrouble: (error: unknown, providerId: ProviderId) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Room {
  /** Messages that may be taken now. */
  readonly messages: number;
  /** Where there is none: when to look again; null: when something comes free. */
  readonly until: number | null;
  /** Of one call, and how long to wait for it to fill. */
  readonly batchMax: number;
  readonly waitMs: number;
}

export interface Call {
  readonly results: readonly SendResult[];
  readonly ms: number;
}

export type CarrierQuestion = Omit<
  RouteQuestion,
  'rules' | 'providers' | 'health' | 'tokens' | 'unusable' | 'now'
>;

export interface CarrierPool {
  /** Everything of the tenant that can be opened is open. */
  ready(tenant: TenantId): Promise<void>;
  room(tenant: TenantId, channel: Channel, of: MessageClass): Room;
  /** Messages that these may take now, of those that waited for them; also where it has to be decided anew. */
  freeBy(tenant: TenantId, providerIds: readonly ProviderId[], of: MessageClass): number;
  /** Where one is chosen, its tokens are taken. */
  route(tenant: TenantId, question: CarrierQuestion): Route;
  /** Of a message that was not sent after all. */
  giveBack(tenant: TenantId, providerId: ProviderId, tokens: number): void;
  batchMax(tenant: TenantId, providerId: ProviderId): number;
  /** After its answer: no receipt can be expected. */
  tellsNoMore(tenant: TenantId, providerId: ProviderId): boolean;
  /** Waits for a slot. @returns what gives it back. */
  slot(tenant: TenantId, providerId: ProviderId, of: MessageClass): Promise<() => void>;
  /** Never rejects. */
  send(
    tenant: TenantId,
    providerId: ProviderId,
    messages: readonly Outgoing[],
    isProbe: boolean,
  ): Promise<Call>;
  reconcile(tenant: TenantId, providerId: ProviderId, clientReference: string): Promise<Reconciled>;
  /** Shifts weights: to be called every few seconds. */
  review(): void;
  /** Breakers that are open, by provider, for metrics. */
  states(): readonly CarrierState[];
  close(): Promise<void>;
}

export interface CarrierState {
  readonly tenant: TenantId;
  readonly providerId: ProviderId;
  readonly breaker: 'closed' | 'open' | 'probing';
}

interface Entry {
  record: ProviderRecord;
  opened: OpenedProvider | null;
  opening: Promise<void> | null;
  /** Why it could not be opened. */
  fault: unknown;
  /** When it may be opened again, milliseconds since the epoch; Infinity: not as it is registered. */
  againAt: number;
  /** How often it could not be opened, in a row. */
  failures: number;
  /** Messages that were given to it and have no slot yet. */
  routed: number;
  health: Health;
  readonly bucket: Bucket;
  readonly slots: CallSlots;
  /** Whose turn it is to ask what became of an attempt: at most half of the slots, so that sending goes on. */
  readonly asking: CallSlots;
}

const timeoutDefaultMs = 10_000;
/** A message waits until the tokens that it needs are back, but never without a pause. */
const noTokensMs = { least: 5, most: 200 } as const;
const waitDefaultMs = 50;
const reopenMs = { first: 500, most: 30_000 } as const;
/** In a row; then it is treated as one that cannot be opened. */
const hiccupsMax = 6;
const opens = { fault: null, againAt: 0, failures: 0 } as const;
/** Taken though nobody can carry them, so that it is recorded. */
const hopeless = 100;
const anyone: Room = { messages: hopeless, until: null, batchMax: hopeless, waitMs: 0 };
/** Those that tell receipts over what they keep open. */
const connectionKinds: ReadonlySet<string> = new Set(
  providerKinds.filter(({ receipts }) => receipts === 'connection').map(({ kind }) => kind),
);

export const createCarrierPool = (options: CarrierOptions): CarrierPool => {
  const { carriers, now, share, onRoom, onTrouble, recordHealth } = options;
  const entries = new Map<TenantId, Map<ProviderId, Entry>>();

  const newEntry = (record: ProviderRecord): Entry => {
    const entry: Entry = {
      ...{ record, opened: null, opening: null, health: recalled(record), ...opens },
      routed: 0,
      bucket: createBucket(() => {
        const { pace, tenant } = entry.record;
        return pace ? { ...pace, perSecond: pace.perSecond * share(tenant) } : null;
      }),
      slots: createCallSlots(() => entry.record.concurrency, onRoom),
      asking: createCallSlots(
        () => Math.max(1, Math.floor(entry.record.concurrency / 2)),
        () => undefined,
      ),
    };
    return entry;
  };

  const closeOpened = (entry: Entry): void => {
    const { opened } = entry;
    entry.opened = null;
    // What is under way ends first: its deadline is that of its call.
    if (opened) void entry.slots.idle().then(() => opened.provider.close());
  };

  const renew = (entry: Entry, record: ProviderRecord): void => {
    if (record.generation !== entry.record.generation) {
      closeOpened(entry);
      Object.assign(entry, opens);
      entry.health = recalled(record);
    } else if (entry.record.breaker !== null && record.breaker === null) {
      entry.health = { ...entry.health, breaker: null, probedAt: null };
    }
    entry.record = record;
  };

  const ofTenant = (tenant: TenantId): ReadonlyMap<ProviderId, Entry> => {
    let known = entries.get(tenant);
    if (!known) entries.set(tenant, (known = new Map()));
    for (const record of carriers.providers(tenant)) {
      const entry = known.get(record.providerId);
      if (!entry) known.set(record.providerId, newEntry(record));
      else if (entry.record !== record) renew(entry, record);
    }
    return known;
  };

  const entryOf = (tenant: TenantId, providerId: ProviderId): Entry => {
    const entry = ofTenant(tenant).get(providerId);
    if (!entry) throw new Error(`There is no provider ${providerId} of ${tenant}: register it.`);
    return entry;
  };

  /** What is wrong with the provider as it is registered stays so; anything else may have passed by the next time. */
  const fail = (entry: Entry, error: unknown): void => {
    const isForGood = error instanceof ProviderUnusable || error instanceof SealBroken;
    entry.fault = error;
    entry.failures += 1;
    const wait = Math.min(reopenMs.first * 2 ** (entry.failures - 1), reopenMs.most);
    entry.againAt = isForGood ? Infinity : now() + wait;
  };

  const open = (entry: Entry): Promise<void> => {
    const { record } = entry;
    return (entry.opening ??= options
      .open(record)
      .then((opened) => {
        entry.opened = opened;
        Object.assign(entry, opens);
        // It was changed meanwhile: opened anew when it is needed next.
        if (record.generation !== entry.record.generation) closeOpened(entry);
      })
      .catch((error: unknown) => {
        if (record.generation === entry.record.generation) fail(entry, error);
        onTrouble(error, record.providerId);
      })
      .finally(() => (entry.opening = null)));
  };

  /** Others carry what is there meanwhile, and that nobody can is recorded. */
  const isOut = ({ againAt, failures }: Entry): boolean =>
    againAt === Infinity || failures >= hiccupsMax;
  const isUsable = (entry: Entry): boolean => entry.record.status === 'active' && !isOut(entry);
  /** It is closed, and it is not time to open it. */
  const isAway = ({ opened, againAt }: Entry, at: number): boolean =>
    opened === null && againAt > at;
  const isToOpen = (entry: Entry): boolean =>
    entry.record.status === 'active' && entry.opened === null && !isAway(entry, now());

  const batchMaxOf = ({ opened, record }: Entry): number =>
    opened?.batchMax ?? record.batch?.max ?? 1;
  /** Messages that the calls which may be made now would take. */
  const freeOf = (entry: Entry, isUrgent: boolean): number =>
    Math.max(0, entry.slots.free(isUrgent) * batchMaxOf(entry) - entry.routed);

  const roomOf = (entry: Entry, of: MessageClass, at: number): Room => {
    const { record, bucket, health } = entry;
    const batchMax = batchMaxOf(entry);
    const waitMs = of === 'otp' || batchMax === 1 ? 0 : (record.batch?.waitMs ?? waitDefaultMs);
    const ready = readiness(health, at);
    const nothing = (until: number | null): Room => ({ messages: 0, until, batchMax, waitMs });
    if (isAway(entry, at)) return nothing(entry.againAt);
    if (ready.kind !== 'ready' && ready.kind !== 'probe') return nothing(ready.until);
    if (ready.kind === 'probe') {
      const messages = Math.min(1, freeOf(entry, of === 'otp'));
      return { messages, until: null, batchMax: 1, waitMs: 0 };
    }
    const tokens = bucket.available(at);
    if (tokens < 1) return nothing(bucket.nextAt(at));
    const messages = Math.min(tokens, freeOf(entry, of === 'otp'));
    return { messages, until: null, batchMax, waitMs };
  };
  const roomOfAll = (all: Iterable<Entry>, of: MessageClass, at: number): Room | null => {
    let sum: Room | null = null;
    for (const entry of all) {
      const room = roomOf(entry, of, at);
      const soFar: Room = sum ?? { messages: 0, until: Infinity, batchMax: 1, waitMs: 0 };
      sum = {
        messages: soFar.messages + room.messages,
        until: Math.min(soFar.until ?? Infinity, room.until ?? Infinity),
        batchMax: Math.max(soFar.batchMax, room.batchMax),
        waitMs: Math.max(soFar.waitMs, room.waitMs),
      };
    }
    return sum && { ...sum, until: sum.until === Infinity ? null : sum.until };
  };

  /** Until they have taken their slots, which they do before anything else happens. */
  const countRouted = (entry: Entry): void => {
    if (entry.routed === 0) queueMicrotask(() => (entry.routed = 0));
    entry.routed += 1;
  };

  const observe = (entry: Entry, outcome: CallOutcome): void => {
    const { health, change } = observed(entry.health, outcome);
    entry.health = health;
    if (!change) return;
    const { tenant, providerId } = entry.record;
    recordHealth(tenant, providerId, change);
    if (change.kind === 'closed') onRoom();
  };

  /** Who reports on a connection of its own is connected also while there is nothing to send. */
  const listen = (): void => {
    for (const { tenant, providerId, kind } of carriers.all()) {
      if (!connectionKinds.has(kind)) continue;
      const entry = entryOf(tenant, providerId);
      if (isToOpen(entry) && entry.opening === null) void open(entry);
    }
  };

  return {
    ready: async (tenant) => {
      const closed = [...ofTenant(tenant).values()].filter(isToOpen);
      if (closed.length > 0) await Promise.all(closed.map(open));
    },
    room: (tenant, channel, of) => {
      const at = now();
      const able = [...ofTenant(tenant).values()].filter(
        (entry) => entry.record.channel === channel && isUsable(entry),
      );
      return roomOfAll(able, of, at) ?? anyone;
    },
    freeBy: (tenant, providerIds, of) => {
      const known = ofTenant(tenant);
      const all = providerIds.flatMap((id) => known.get(id) ?? []);
      if (all.length < providerIds.length || !all.every(isUsable)) return hopeless;
      return roomOfAll(all, of, now())?.messages ?? hopeless;
    },
    route: (tenant, question) => {
      const at = now();
      const known = ofTenant(tenant);
      const health = new Map<ProviderId, Health>();
      const tokens = new Map<ProviderId, number>();
      const unusable = new Set<ProviderId>();
      const isUrgent = question.class === 'otp';
      for (const [providerId, entry] of known) {
        health.set(providerId, entry.health);
        // A one-time password goes by somebody else where all calls are taken; the rest waits, or the dearest would carry every peak.
        const isShut = isAway(entry, at) || (isUrgent && freeOf(entry, true) < 1);
        tokens.set(providerId, isShut ? 0 : entry.bucket.most(at));
        if (isOut(entry)) unusable.add(providerId);
      }
      const found = route({
        ...question,
        ...{ health, tokens, unusable, now: at },
        rules: carriers.routing(tenant),
        providers: carriers.providers(tenant),
      });
      if (found.kind === 'none' && found.reason === 'no-tokens') {
        const times = found.candidates
          .filter(({ verdict }) => verdict === 'no-tokens')
          .flatMap(({ providerId }) => known.get(providerId) ?? [])
          .map(({ bucket }) => bucket.nextAt(at, question.needs));
        const soonest = Math.max(at + noTokensMs.least, Math.min(...times));
        return { ...found, until: Math.min(at + noTokensMs.most, soonest) };
      }
      if (found.kind === 'chosen') {
        const entry = known.get(found.decision.chosen);
        if (entry && freeOf(entry, isUrgent) < 1) return busyOf(found.decision, at);
        if (entry) countRouted(entry);
        entry?.bucket.take(question.needs ?? 1, at);
        if (entry && found.isProbe) entry.health = probed(entry.health, at);
      }
      return found;
    },
    giveBack: (tenant, providerId, tokens) => entryOf(tenant, providerId).bucket.give(tokens),
    batchMax: (tenant, providerId) => entryOf(tenant, providerId).opened?.batchMax ?? 1,
    tellsNoMore: (tenant, providerId) => tellsNoMore(entryOf(tenant, providerId).record),
    slot: (tenant, providerId, of) => entryOf(tenant, providerId).slots.take(of === 'otp'),
    send: async (tenant, providerId, messages, isProbe) => {
      const entry = entryOf(tenant, providerId);
      if (isToOpen(entry)) await open(entry);
      const started = performance.now();
      const deadline = deadlineOf(entry.record);
      const results = entry.opened
        ? await entry.opened.provider.send(messages, deadline)
        : messages.map(() => notOpened);
      const ms = Math.round(performance.now() - started);
      observe(entry, { ...outcomeOf(results), at: now(), ms, isProbe });
      return { results, ms };
    },
    reconcile: async (tenant, providerId, clientReference) => {
      const entry = ofTenant(tenant).get(providerId);
      if (!entry) return { outcome: 'unknown' };
      const endTurn = await entry.asking.take(false);
      const giveBack = await entry.slots.take(false);
      try {
        if (isToOpen(entry)) await open(entry);
        if (!entry.opened) return { outcome: 'unknown' };
        entry.bucket.take(1, now());
        return await entry.opened.provider.reconcile(clientReference, deadlineOf(entry.record));
      } finally {
        giveBack();
        endTurn();
      }
    },
    review: () => {
      const at = now();
      listen();
      for (const [tenant, known] of entries) {
        for (const [providerId, entry] of known) {
          if (entry.fault !== null && isToOpen(entry)) void open(entry);
          const others = [...known.values()].filter(
            (other) =>
              other !== entry && other.record.channel === entry.record.channel && isUsable(other),
          );
          const shift = shiftOf(
            entry.health,
            others.map(({ health }) => health),
            at,
          );
          if (!shift) continue;
          entry.health = shifted(entry.health, shift, at);
          recordHealth(tenant, providerId, shift);
        }
      }
    },
    states: () =>
      [...entries].flatMap(([tenant, known]) =>
        [...known].map(([providerId, { health }]) => {
          const { kind } = readiness(health, now());
          const breaker = health.breaker === null ? 'closed' : kind === 'open' ? 'open' : 'probing';
          return { tenant, providerId, breaker } as const;
        }),
      ),
    close: async () => {
      const all = [...entries.values()].flatMap((known) => [...known.values()]);
      await Promise.all(all.map((entry) => entry.opening));
      await Promise.all(all.map((entry) => entry.opened?.provider.close()));
    },
  };
};

/** Never later than others may take it for lost. */
const deadlineOf = ({ timeoutMs = timeoutDefaultMs }: ProviderRecord): AbortSignal =>
  AbortSignal.timeout(Math.min(timeoutMs, callMostMs));

/** All calls that it may take at a time are taken. */
const busyOf = (
  { rule, chosen, candidates }: RoutingDecision,
  at: number,
): Extract<Route, { kind: 'none' }> => ({
  ...{ kind: 'none', reason: 'no-tokens', rule, until: at },
  candidates: candidates.map((one) =>
    one.providerId === chosen ? { ...one, verdict: 'busy' } : one,
  ),
});

const notOpened: SendResult = {
  ...{ outcome: 'refused', errorClass: 'transient', code: 'not-open' },
  text: 'The provider could not be opened: nothing was sent.',
};

const outcomeOf = (results: readonly SendResult[]): Omit<CallOutcome, 'at' | 'ms'> => {
  let retryAfterMs: number | undefined;
  let code: string | undefined;
  const errors = results.map((result) => {
    if (result.outcome === 'submitted') return null;
    code = result.code;
    if (result.errorClass === 'throttled' && result.retryAfterMs !== undefined) {
      retryAfterMs = Math.max(retryAfterMs ?? 0, result.retryAfterMs);
    }
    return result.errorClass;
  });
  return {
    errors,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(code === undefined ? {} : { code: code.slice(0, 80) }),
  };
};
