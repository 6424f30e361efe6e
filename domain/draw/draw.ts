/**
 * A prize draw that anyone can check. Its life: announced, with the hash of a seed that nobody is shown; entered, each entry a
 * fact; closed, with the hash over all entries; decided, with the seed and the winners that follow from both.
 *
 *   announced → (entries) → closed → decided        announced → cancelled
 *
 * Invariants: the seed was fixed before the first entry; no entry is added or taken away after the draw has closed; the winners
 * are what `chooseWinners` says of seed and entries. Limits keep the list of entries in memory while the draw is open.
 */
import { Type, type Static } from '@sinclair/typebox';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import { type Branded, MerchantId, type PurchaseId, type TenantId, UserId } from '../ids.js';
import { Name } from '../pricing/arguments.js';
import { streamName } from '../stream.js';

export type DrawId = Branded<string, 'DrawId'>;
export const DrawId = Type.Unsafe<DrawId>(
  Type.String({ pattern: '^[a-z][a-z0-9_]{1,59}$', examples: ['spring_draw'] }),
);

export const drawStream = (tenant: TenantId, id: DrawId) => streamName('draw', tenant, id);

const closed = { additionalProperties: false } as const;
const Instant = Type.Integer({ minimum: 0, description: 'Milliseconds since the epoch, UTC' });
const Hex256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
/** HMAC of the customer's number under a key of the draw: known to the customer, and to nobody from the proof. */
export const Participant = Type.String({ pattern: '^[0-9a-f]{32}$' });
const Prize = Type.Object(
  { prize: Name, count: Type.Integer({ minimum: 1, maximum: 1_000 }) },
  closed,
);
const EntryCount = Type.Integer({ minimum: 1, maximum: 10_000 });
/** What was done for the entries: `purchase:<id>`, or `hand:<id>`. */
export const EntryCause = Type.String({ pattern: '^(purchase|hand):[0-9A-Za-z_:-]{1,64}$' });

export const DrawTerms = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200 }),
    opens: Instant,
    closes: Instant,
    prizes: Type.Array(Prize, { minItems: 1, maxItems: 100 }),
    /** Purchases that enter by themselves; null: by hand alone. */
    purchases: Type.Union([
      Type.Object(
        {
          per: Type.Integer({
            minimum: 1,
            maximum: 1_000_000_000_000,
            description: 'An entry for so many minor units that are paid',
          }),
          merchantIds: Type.Optional(
            Type.Array(MerchantId, { minItems: 1, maxItems: 1_000, uniqueItems: true }),
          ),
          most: Type.Optional(EntryCount),
        },
        closed,
      ),
      Type.Null(),
    ]),
    /** A public value of after the closing that is mixed in, so that not even who knows the seed can know the outcome. */
    beacon: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 300,
        description: 'Where the value will be read from',
        examples: ['The numbers of the state lottery of 2 April 2026'],
      }),
    ),
  },
  { ...closed, title: 'DrawTerms' },
);
export type DrawTerms = Static<typeof DrawTerms>;

// These names are the storage format: proof-read, version with care.
export const DrawAnnounced = event('DrawAnnounced', {
  drawId: DrawId,
  terms: DrawTerms,
  /** SHA-256 of the seed's 32 bytes. */
  seedHash: Hex256,
});
export const DrawEntered = event('DrawEntered', {
  participant: Participant,
  userId: UserId,
  entries: EntryCount,
  cause: EntryCause,
  at: Instant,
});
/** Its purchase was returned before the draw closed. */
export const DrawEntryWithdrawn = event('DrawEntryWithdrawn', {
  userId: UserId,
  cause: EntryCause,
});
export const DrawClosed = event('DrawClosed', {
  /** SHA-256 over the lines of the entries in order. */
  entriesHash: Hex256,
  /** Lines, and entries in them. */
  count: Type.Integer({ minimum: 0 }),
  entries: Type.Integer({ minimum: 0 }),
});
export const DrawDecided = event('DrawDecided', {
  seed: Hex256,
  beacon: Type.Optional(Type.String({ maxLength: 1_000 })),
  winners: Type.Array(
    Type.Object(
      {
        prize: Name,
        entry: Type.Integer({ minimum: 0 }),
        participant: Participant,
        userId: UserId,
      },
      closed,
    ),
    { maxItems: 1_000 },
  ),
});
export const DrawCancelled = event('DrawCancelled', { reason: Type.String({ maxLength: 500 }) });

export const drawEvents = [
  DrawAnnounced,
  DrawEntered,
  DrawEntryWithdrawn,
  DrawClosed,
  DrawDecided,
  DrawCancelled,
] as const;
export type DrawEvent = EventOf<(typeof drawEvents)[number]>;
export type DrawData<Type extends DrawEvent['type']> = Extract<DrawEvent, { type: Type }>['data'];

export interface DrawEntry {
  readonly participant: string;
  readonly userId: UserId;
  readonly entries: number;
}

export interface Draw {
  readonly status: 'unknown' | 'announced' | 'closed' | 'decided' | 'cancelled';
  readonly announced: DrawData<'DrawAnnounced'> | null;
  /** By user and cause, in the order in which they came in. */
  readonly entries: Map<string, DrawEntry>;
  readonly closed: DrawData<'DrawClosed'> | null;
  readonly decided: DrawData<'DrawDecided'> | null;
}

export const entryKey = (userId: UserId, cause: string): string => `${userId} ${cause}`;

export const draw: Aggregate<Draw, DrawEvent> = {
  category: 'draw',
  initial: () => ({
    status: 'unknown',
    announced: null,
    entries: new Map(),
    closed: null,
    decided: null,
  }),
  evolve: (state, event) => {
    switch (event.type) {
      case 'DrawAnnounced':
        return { ...state, status: 'announced', announced: event.data };
      case 'DrawEntered': {
        const { participant, userId, entries, cause } = event.data;
        state.entries.set(entryKey(userId, cause), { participant, userId, entries });
        return state;
      }
      case 'DrawEntryWithdrawn':
        state.entries.delete(entryKey(event.data.userId, event.data.cause));
        return state;
      case 'DrawClosed':
        return { ...state, status: 'closed', closed: event.data };
      case 'DrawDecided':
        return { ...state, status: 'decided', decided: event.data };
      case 'DrawCancelled':
        return { ...state, status: 'cancelled' };
      default:
        return unreachable(event);
    }
  },
};

/** Of a purchase: the prefix tells it from what is entered by hand. */
export const causeOfPurchase = (purchaseId: PurchaseId): string => `purchase:${purchaseId}`;
