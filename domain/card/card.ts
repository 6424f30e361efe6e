/**
 * Who owns a card number. Invariant: one customer at a time. A number is reserved before the account records the card, and
 * settled by a worker afterwards: claimed where the account has it, lapsed where the command came to nothing.
 *
 *   free → reserved → claimed        reserved → free (lapsed)        claimed → free (person erased)
 *
 * A blocked or replaced card stays claimed: whoever finds it must not be able to bring it in as their own.
 */
import { Type } from '@sinclair/typebox';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import { CardNumber, type TenantId, UserId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';

export const cardStream = (tenant: TenantId, id: CardNumber) => streamName('card', tenant, id);

// These names are the storage format: proof-read, version with care.
export const CardReserved = event('CardReserved', {
  cardNumber: CardNumber,
  userId: UserId,
  until: Type.Integer({ minimum: 0, description: 'Milliseconds since the epoch, UTC' }),
});
export const CardClaimed = event('CardClaimed', { userId: UserId });
export const CardReleased = event('CardReleased', {
  userId: UserId,
  reason: Type.String({ maxLength: 500 }),
});

export const cardEvents = [CardReserved, CardClaimed, CardReleased] as const;
export type CardEvent = EventOf<(typeof cardEvents)[number]>;

export type Card =
  | { readonly status: 'free' }
  | { readonly status: 'reserved'; readonly userId: UserId; readonly until: number }
  | { readonly status: 'claimed'; readonly userId: UserId };

export const card: Aggregate<Card, CardEvent> = {
  category: 'card',
  initial: () => ({ status: 'free' }),
  evolve: (_state, event) => {
    switch (event.type) {
      case 'CardReserved':
        return { status: 'reserved', userId: event.data.userId, until: event.data.until };
      case 'CardClaimed':
        return { status: 'claimed', userId: event.data.userId };
      case 'CardReleased':
        return { status: 'free' };
      default:
        return unreachable(event);
    }
  },
};

type Reservation = EventOf<typeof CardReserved>['data'];

/**
 * `now` in milliseconds. The customer's own reservation is prolonged; another's may be taken over once `now` reaches its `until`,
 * which is far off: reservations that came to nothing are freed much earlier, by the worker that looks whether they did.
 */
export const reserveCard = (
  command: Reservation & { readonly now: number },
  state: Card,
): CardEvent[] => {
  const { cardNumber, userId, until, now } = command;
  if (state.status !== 'free' && state.userId !== userId) {
    const expired = state.status === 'reserved' && state.until <= now;
    if (!expired) throw rejected('card-taken', { cardNumber });
  } else if (state.status === 'claimed' || (state.status === 'reserved' && state.until >= until)) {
    return []; // already carried out
  }
  return [{ type: 'CardReserved', data: { cardNumber, userId, until } }];
};

/** Also from free: the account has recorded the card, so a reservation that lapsed meanwhile is made good. */
export const claimCard = (command: { readonly userId: UserId }, state: Card): CardEvent[] => {
  if (state.status !== 'free' && state.userId !== command.userId) throw rejected('card-taken');
  if (state.status === 'claimed') return []; // already carried out
  return [{ type: 'CardClaimed', data: { userId: command.userId } }];
};

export const releaseCard = (
  command: { readonly userId: UserId; readonly reason: string },
  state: Card,
): CardEvent[] => {
  if (state.status === 'free' || state.userId !== command.userId) return []; // nothing of theirs
  return [{ type: 'CardReleased', data: { userId: command.userId, reason: command.reason } }];
};

/**
 * Releases a reservation that came to nothing, known by its customer and its `until`: one that was claimed, prolonged or made by
 * somebody else meanwhile is left alone.
 */
export const lapseCard = (
  command: { readonly userId: UserId; readonly until: number; readonly reason: string },
  state: Card,
): CardEvent[] =>
  state.status === 'reserved' && state.until === command.until ? releaseCard(command, state) : [];
