/**
 * The providers in use here, each from when it is first needed: opened then and anew when it was changed, and closed once the calls that were
 * under way are over.
 *
 * Invariant: a carrier outlives what it opened. Its slots and its tokens go on from one opening to the next, so that a change of settings
 * lets nobody call more often than before. What cannot be opened as it is registered is not tried again; whatever else was in the way may
 * have passed by the next time.
 */
import type { ProviderRecord } from '../../commands/carriers.js';
import { SealBroken } from '../../commands/personalData.js';
import type { ProviderId } from '../../domain/ids.js';
import { heard, type Health, recalled } from '../../domain/routing/health.js';
import { type CallSlots, createCallSlots, type OtherThread } from './callSlots.js';
import type { Pacing } from './pace.js';
import { type OpenedProvider, ProviderUnusable } from './providers/open.js';
import type { Purse } from './purse.js';

export interface OpeningOptions {
  /** @throws ProviderUnusable */
  readonly open: (record: ProviderRecord) => Promise<OpenedProvider>;
  readonly pacing: Pacing;
  /** Slots came free. */
  readonly onRoom: () => void;
  readonly onTrouble: (error: unknown, providerId: ProviderId) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Where another thread of this process calls it, too; left out: none does. */
  readonly otherThread?: ((record: ProviderRecord) => OtherThread) | undefined;
}

/** A provider in use. */
export interface Carrier {
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
  readonly purse: Purse;
  readonly slots: CallSlots;
  /** Whose turn it is to ask what became of an attempt: at most half of the slots, so that sending goes on. */
  readonly asking: CallSlots;
}

export interface Opening {
  /** Of a provider that was not in use before: closed. */
  create(record: ProviderRecord): Carrier;
  /** It was changed, or its health was. */
  renew(carrier: Carrier, record: ProviderRecord): void;
  /** It is closed, and may be opened now. */
  isDue(carrier: Carrier): boolean;
  /** Never rejects: where it stays closed, its fault says why. */
  open(carrier: Carrier): Promise<void>;
}

const reopenMs = { first: 500, most: 30_000 } as const;
/** In a row; then it is treated as one that cannot be opened. */
const hiccupsMax = 6;
const opens = { fault: null, againAt: 0, failures: 0 } as const;

export const createOpening = (options: OpeningOptions): Opening => {
  const { pacing, onRoom, onTrouble, now } = options;

  const close = (carrier: Carrier): void => {
    const { opened } = carrier;
    carrier.opened = null;
    // What is under way ends first: its deadline is that of its call.
    if (opened) void carrier.slots.idle().then(() => opened.provider.close());
  };

  const fail = (carrier: Carrier, error: unknown): void => {
    const isForGood = error instanceof ProviderUnusable || error instanceof SealBroken;
    carrier.fault = error;
    carrier.failures += 1;
    const wait = Math.min(reopenMs.first * 2 ** (carrier.failures - 1), reopenMs.most);
    carrier.againAt = isForGood ? Infinity : now() + wait;
  };

  return {
    create: (record) => {
      const carrier: Carrier = {
        record,
        opened: null,
        opening: null,
        health: recalled(record),
        ...opens,
        routed: 0,
        purse: pacing.purse(() => carrier.record),
        slots: createCallSlots(
          () => carrier.record.concurrency,
          onRoom,
          options.otherThread?.(record),
        ),
        asking: createCallSlots(
          () => Math.max(1, Math.floor(carrier.record.concurrency / 2)),
          () => undefined,
        ),
      };
      return carrier;
    },
    renew: (carrier, record) => {
      if (record.generation !== carrier.record.generation) {
        close(carrier);
        Object.assign(carrier, opens);
        carrier.health = recalled(record);
      } else if (carrier.record.breaker !== record.breaker) {
        carrier.health = heard(carrier.health, record.breaker, now());
      }
      carrier.record = record;
    },
    isDue: (carrier) =>
      carrier.record.status === 'active' && carrier.opened === null && !isAway(carrier, now()),
    open: (carrier) => {
      const { record } = carrier;
      return (carrier.opening ??= options
        .open(record)
        .then((opened) => {
          carrier.opened = opened;
          Object.assign(carrier, opens);
          // It was changed meanwhile: opened anew when it is needed next.
          if (record.generation !== carrier.record.generation) close(carrier);
        })
        .catch((error: unknown) => {
          if (record.generation === carrier.record.generation) fail(carrier, error);
          onTrouble(error, record.providerId);
        })
        .finally(() => (carrier.opening = null)));
    },
  };
};

/** Others carry what is there meanwhile, and that nobody can is recorded. */
export const isOut = ({ againAt, failures }: Carrier): boolean =>
  againAt === Infinity || failures >= hiccupsMax;

export const isUsable = (carrier: Carrier): boolean =>
  carrier.record.status === 'active' && !isOut(carrier);

/** It is closed, and it is not time to open it. @param at milliseconds since the epoch */
export const isAway = ({ opened, againAt }: Carrier, at: number): boolean =>
  opened === null && againAt > at;
