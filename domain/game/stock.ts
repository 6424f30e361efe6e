/**
 * The prizes of an instant win that there are so many of: the stream that the receipts of all customers share. Invariant: what is
 * reserved and won of a prize together, less what came back, never exceeds its stock.
 *
 *   reserved → won → returned        reserved → released (the receipt came to nothing)
 *
 * A receipt whose number wins such a prize reserves it before the account records the win; a worker settles it afterwards from what
 * was recorded. Each step names the draw, since one receipt may draw more than once in a game.
 */
import { type Static, Type } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf, unreachable } from '../event.js';
import { PurchaseId, type TenantId, UserId } from '../ids.js';
import { Name } from '../pricing/arguments.js';
import { PrizeDraw } from '../pricing/effects.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';
import type { GameName } from './definition.js';

export const stockStream = (tenant: TenantId, game: GameName) => streamName('prizes', tenant, game);

/** The fact of the account that it answers. Several facts of one append may be at one place of the log. */
const answers = Type.Object(
  {
    place: Type.String({ pattern: '^[0-9]{1,20}$', description: 'In the log' }),
    revision: Type.Integer({ minimum: 0, description: "In the account's stream" }),
  },
  { additionalProperties: false },
);
export type AnsweredFact = Static<typeof answers>;
const drawn = { userId: UserId, purchaseId: PurchaseId, draw: PrizeDraw } as const;

// These names are the storage format: proof-read, version with care.
export const PrizeReserved = event('PrizeReserved', {
  ...drawn,
  prize: Name,
  /** Milliseconds: tells one reservation from the next. */
  until: Type.Integer({ minimum: 0 }),
});
/** As the account recorded it, whatever had been reserved. */
export const PrizeWon = event('PrizeWon', { ...drawn, prize: Name, answers });
export const PrizeReleased = event('PrizeReleased', {
  ...drawn,
  prize: Name,
  reason: Type.String({ maxLength: 500 }),
});
/** `cause` is the id of the return, or of the purchase where it was cancelled. */
export const PrizeReturned = event('PrizeReturned', {
  userId: UserId,
  purchaseId: PurchaseId,
  prize: Name,
  cause: Type.String({ maxLength: 80 }),
  answers,
});

export const stockEvents = [PrizeReserved, PrizeWon, PrizeReleased, PrizeReturned] as const;
export type StockEvent = EventOf<(typeof stockEvents)[number]>;

export type DrawName = Pick<EventOf<typeof PrizeReserved>['data'], keyof typeof drawn>;
export type PrizeReservation = EventOf<typeof PrizeReserved>['data'];

export const drawKey = ({ userId, purchaseId, draw }: DrawName): string =>
  `${userId} ${purchaseId} ${draw}`;

/** `evolve` changes the maps in place; deciders never touch them. */
export interface Stock {
  /** By prize: reserved and won, less what came back. */
  readonly taken: Map<string, number>;
  /** By draw. */
  readonly open: Map<string, PrizeReservation>;
  /** The last fact that was settled; null before the first. */
  readonly answered: AnsweredFact | null;
}

interface StockSnapshot {
  readonly taken: readonly (readonly [string, number])[];
  readonly open: readonly PrizeReservation[];
  readonly answered: AnsweredFact | null;
}

export const stock: Aggregate<Stock, StockEvent> = {
  category: 'prizes',
  initial: () => ({ taken: new Map(), open: new Map(), answered: null }),
  evolve: (state, event) => {
    switch (event.type) {
      case 'PrizeReserved':
        state.open.set(drawKey(event.data), event.data);
        count(state, event.data.prize, 1);
        return state;
      case 'PrizeReleased':
        letGo(state, event.data);
        return state;
      case 'PrizeWon':
        letGo(state, event.data);
        count(state, event.data.prize, 1);
        return { ...state, answered: event.data.answers };
      case 'PrizeReturned':
        count(state, event.data.prize, -1);
        return { ...state, answered: event.data.answers };
      default:
        return unreachable(event);
    }
  },
  snapshot: {
    every: 1_000,
    schemaVersion: 1,
    take: ({ taken, open, answered }): StockSnapshot => ({
      taken: [...taken],
      open: [...open.values()],
      answered,
    }),
    restore: (json) => {
      const { taken, open, answered } = json as StockSnapshot;
      return {
        taken: new Map(taken),
        open: new Map(open.map((reservation) => [drawKey(reservation), reservation])),
        answered,
      };
    },
  },
};

const count = ({ taken }: Stock, prize: string, change: 1 | -1): void => {
  taken.set(prize, Math.max(0, (taken.get(prize) ?? 0) + change));
};

const letGo = (state: Stock, name: DrawName): void => {
  const reservation = state.open.get(drawKey(name));
  if (!reservation) return;
  state.open.delete(drawKey(name));
  count(state, reservation.prize, -1);
};

/** The worker goes through the log in order, so whatever does not lie behind the last one was settled already. */
const isAnswered = ({ answered }: Stock, { place, revision }: AnsweredFact): boolean => {
  if (answered === null) return false;
  const [last, other] = [BigInt(answered.place), BigInt(place)];
  return other < last || (other === last && revision <= answered.revision);
};

/** What a receipt may still win of a prize; what its own draws have reserved is left to it. */
export const leftOf = (
  { taken, open }: Stock,
  prize: string,
  inStock: number,
  own: readonly DrawName[],
): number => {
  const mine = own.filter((draw) => open.get(drawKey(draw))?.prize === prize).length;
  return Math.max(0, inStock - (taken.get(prize) ?? 0) + mine);
};

/** @throws Rejected budget-exhausted where none is left */
export const reservePrize = (
  command: PrizeReservation & { readonly inStock: number },
  state: Stock,
): StockEvent[] => {
  const { inStock, ...reservation } = command;
  const { prize } = command;
  if (state.open.get(drawKey(command))?.prize === prize) return []; // already carried out
  if (leftOf(state, prize, inStock, [command]) < 1) throw rejected('budget-exhausted', { prize });
  return [{ type: 'PrizeReserved', data: reservation }];
};

/** Also where the reservation was released meanwhile, or never was: the account says that it was won. */
export const winPrize = (data: EventOf<typeof PrizeWon>['data'], state: Stock): StockEvent[] =>
  isAnswered(state, data.answers) ? [] : [{ type: 'PrizeWon', data }];

/** The goods came back, and the prize with them. */
export const returnPrize = (
  data: EventOf<typeof PrizeReturned>['data'],
  state: Stock,
): StockEvent[] => (isAnswered(state, data.answers) ? [] : [{ type: 'PrizeReturned', data }]);

/** Known by its `until`: what was settled or reserved anew meanwhile is left alone. */
export const releasePrize = (
  command: PrizeReservation & { readonly reason: string },
  state: Stock,
): StockEvent[] => {
  const open = state.open.get(drawKey(command));
  if (open?.until !== command.until) return [];
  const { userId, purchaseId, draw, reason } = command;
  return [{ type: 'PrizeReleased', data: { userId, purchaseId, draw, prize: open.prize, reason } }];
};
