/**
 * The providers of every programme as they are used here: which there are, opened when they are needed (opening.ts), asked for room (room.ts),
 * chosen (choosing.ts) and called, and what their answers say of their health.
 *
 * Room is asked for before work is taken, so that what cannot go now stays where it is. One-time passwords have slots of their own beside
 * those of all, and go before whoever waits for one.
 */
import type { Carriers, ProviderRecord } from '../../commands/carriers.js';
import type { ProviderId, TenantId } from '../../domain/ids.js';
import type { Channel, MessageClass } from '../../domain/message/kinds.js';
import { callMostMs } from '../../domain/provider/events.js';
import { shiftOf, shifted, type WeightShift } from '../../domain/routing/handicap.js';
import {
  type BreakerChange,
  type CallOutcome,
  observed,
  readiness,
} from '../../domain/routing/health.js';
import type { Route } from '../../domain/routing/route.js';
import { type CarrierQuestion, choose } from './choosing.js';
import { type Carrier, createOpening, isUsable, type OpeningOptions } from './opening.js';
import { providerKinds, silenceSecondsOf, tellsNoMore } from './providers/kinds.js';
import type { Outgoing, Reconciled, SendResult } from './providers/port.js';
import { anyone, hopeless, type Room, roomOfAll } from './room.js';

export interface CarrierOptions extends OpeningOptions {
  readonly carriers: Carriers;
  /** Here nothing but one-time passwords is sent. */
  readonly isUrgentOnly?: boolean;
  /** Slots or tokens came free, or a provider is well again. */
  readonly onRoom: () => void;
  readonly recordHealth: (
    tenant: TenantId,
    providerId: ProviderId,
    change: BreakerChange | WeightShift,
  ) => void;
}

export interface Call {
  readonly results: readonly SendResult[];
  readonly ms: number;
}

export interface CarrierPool {
  /** Everything of the tenant that can be opened is open. */
  ready(tenant: TenantId): Promise<void>;
  /** @param wanted messages that wait for it. */
  room(tenant: TenantId, channel: Channel, of: MessageClass, wanted: number): Room;
  /** Messages that these may take now, of those that waited for them; also where it has to be decided anew. */
  freeBy(
    tenant: TenantId,
    providerIds: readonly ProviderId[],
    of: MessageClass,
    wanted: number,
  ): number;
  /** Where one is chosen, its tokens are taken. */
  route(tenant: TenantId, question: CarrierQuestion): Route;
  /** Of a message that was not sent after all. */
  giveBack(tenant: TenantId, providerId: ProviderId, tokens: number): void;
  batchMax(tenant: TenantId, providerId: ProviderId): number;
  /** After its answer: no receipt can be expected. */
  tellsNoMore(tenant: TenantId, providerId: ProviderId): boolean;
  /** Of one that reports failures only. */
  silenceSeconds(tenant: TenantId, providerId: ProviderId): number | undefined;
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

const timeoutDefaultMs = 10_000;
/** Those that tell receipts over what they keep open. */
const connectionKinds: ReadonlySet<string> = new Set(
  providerKinds.filter(({ receipts }) => receipts === 'connection').map(({ kind }) => kind),
);

export const createCarrierPool = (options: CarrierOptions): CarrierPool => {
  const { carriers, now, onRoom, recordHealth, isUrgentOnly = false } = options;
  const opening = createOpening(options);
  const inUse = new Map<TenantId, Map<ProviderId, Carrier>>();

  const ofTenant = (tenant: TenantId): ReadonlyMap<ProviderId, Carrier> => {
    let known = inUse.get(tenant);
    if (!known) inUse.set(tenant, (known = new Map()));
    for (const record of carriers.providers(tenant)) {
      const carrier = known.get(record.providerId);
      if (!carrier) known.set(record.providerId, opening.create(record));
      else if (carrier.record !== record) opening.renew(carrier, record);
    }
    return known;
  };

  const carrierOf = (tenant: TenantId, providerId: ProviderId): Carrier => {
    const carrier = ofTenant(tenant).get(providerId);
    if (!carrier) throw new Error(`There is no provider ${providerId} of ${tenant}: register it.`);
    return carrier;
  };

  const observe = (carrier: Carrier, outcome: CallOutcome): void => {
    const { health, change } = observed(carrier.health, outcome);
    carrier.health = health;
    if (!change) return;
    const { tenant, providerId } = carrier.record;
    recordHealth(tenant, providerId, change);
    if (change.kind === 'closed') onRoom();
  };

  /** Who reports on a connection of its own is connected also while there is nothing to send: once in a process. */
  const listen = (): void => {
    if (isUrgentOnly) return;
    for (const { tenant, providerId, kind } of carriers.all()) {
      if (!connectionKinds.has(kind)) continue;
      const carrier = carrierOf(tenant, providerId);
      if (opening.isDue(carrier) && carrier.opening === null) void opening.open(carrier);
    }
  };

  return {
    ready: async (tenant) => {
      const closed = [...ofTenant(tenant).values()].filter(opening.isDue);
      if (closed.length > 0) await Promise.all(closed.map(opening.open));
    },
    room: (tenant, channel, of, wanted) => {
      const at = now();
      const able = [...ofTenant(tenant).values()].filter(
        (carrier) => carrier.record.channel === channel && isUsable(carrier),
      );
      return roomOfAll(able, { of, wanted, at }) ?? anyone;
    },
    freeBy: (tenant, providerIds, of, wanted) => {
      const known = ofTenant(tenant);
      const all = providerIds.flatMap((id) => known.get(id) ?? []);
      if (all.length < providerIds.length || !all.every(isUsable)) return hopeless;
      return roomOfAll(all, { of, wanted, at: now() })?.messages ?? hopeless;
    },
    route: (tenant, question) =>
      choose({ tenant, carriers, known: ofTenant(tenant), at: now() }, question),
    giveBack: (tenant, providerId, tokens) => carrierOf(tenant, providerId).purse.give(tokens),
    batchMax: (tenant, providerId) => carrierOf(tenant, providerId).opened?.batchMax ?? 1,
    tellsNoMore: (tenant, providerId) => tellsNoMore(carrierOf(tenant, providerId).record),
    silenceSeconds: (tenant, providerId) => silenceSecondsOf(carrierOf(tenant, providerId).record),
    slot: (tenant, providerId, of) => carrierOf(tenant, providerId).slots.take(of === 'otp'),
    send: async (tenant, providerId, messages, isProbe) => {
      const carrier = carrierOf(tenant, providerId);
      if (opening.isDue(carrier)) await opening.open(carrier);
      const started = performance.now();
      const deadline = deadlineOf(carrier.record);
      const results = carrier.opened
        ? await carrier.opened.provider.send(messages, deadline)
        : messages.map(() => notOpened);
      const ms = Math.round(performance.now() - started);
      observe(carrier, { at: now(), ms, isProbe, ...outcomeOf(results) });
      return { results, ms };
    },
    reconcile: async (tenant, providerId, clientReference) => {
      const carrier = ofTenant(tenant).get(providerId);
      if (!carrier) return { outcome: 'unknown' };
      const endTurn = await carrier.asking.take(false);
      const giveBack = await carrier.slots.take(isUrgentOnly);
      try {
        if (opening.isDue(carrier)) await opening.open(carrier);
        if (!carrier.opened) return { outcome: 'unknown' };
        carrier.purse.take(1, now());
        return await carrier.opened.provider.reconcile(clientReference, deadlineOf(carrier.record));
      } finally {
        giveBack();
        endTurn();
      }
    },
    review: () => {
      const at = now();
      listen();
      for (const [tenant, known] of inUse) {
        for (const [providerId, carrier] of known) {
          if (carrier.fault !== null && opening.isDue(carrier)) void opening.open(carrier);
          const others = [...known.values()].filter(
            (other) =>
              other !== carrier &&
              other.record.channel === carrier.record.channel &&
              isUsable(other),
          );
          const shift = shiftOf(
            carrier.health,
            others.map(({ health }) => health),
            at,
          );
          if (!shift) continue;
          carrier.health = shifted(carrier.health, shift, at);
          recordHealth(tenant, providerId, shift);
        }
      }
    },
    states: () =>
      [...inUse].flatMap(([tenant, known]) =>
        [...known].map(([providerId, { health }]) => {
          const { kind } = readiness(health, now());
          const breaker = health.breaker === null ? 'closed' : kind === 'open' ? 'open' : 'probing';
          return { tenant, providerId, breaker } as const;
        }),
      ),
    close: async () => {
      const all = [...inUse.values()].flatMap((known) => [...known.values()]);
      await Promise.all(all.map((carrier) => carrier.opening));
      await Promise.all(all.map((carrier) => carrier.opened?.provider.close()));
      await options.pacing.close();
    },
  };
};

/** Never later than others may take it for lost. */
const deadlineOf = ({ timeoutMs = timeoutDefaultMs }: ProviderRecord): AbortSignal =>
  AbortSignal.timeout(Math.min(timeoutMs, callMostMs));

const notOpened: SendResult = {
  outcome: 'refused',
  errorClass: 'transient',
  code: 'not-open',
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
