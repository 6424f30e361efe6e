/**
 * One gift card from its sale on: money that somebody paid before, good for whoever shows its number. Invariant: what is on a card is
 * never less than nothing, and never more is given back to it than was taken from it; taken less given back is what it paid.
 *
 *   (nothing) ⇄ sold        charge: reserved → spent → given back, in parts        reserved → released
 *
 * A charge is reserved before the receipt is recorded and settled by a worker, which alone releases one, and only after it has looked
 * whether the receipt was recorded. A receipt may reserve anew under its number: the later amount takes the place of the earlier.
 */
import { type ReceiptName, receiptKey } from '../budget/state.js';
import { unreachable, type Aggregate, type EventOf } from '../event.js';
import type { TenantId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';
import type {
  CancelledSale,
  GiftCardCharge,
  GiftCardChargeReserved,
  GiftCardEvent,
  SoldGiftCard,
} from './events.js';
import type { GiftCardId } from './ids.js';

export const giftCardStream = (tenant: TenantId, card: GiftCardId) =>
  streamName('giftCard', tenant, card);

interface Charged {
  readonly status: 'reserved' | 'spent';
  readonly amount: number;
  /** Of a reserved one, milliseconds. */
  readonly until: number;
  /** Given back, and for which returns. */
  readonly refunded: number;
  readonly causes: readonly string[];
}

/** Changed in place by `evolve`. */
export interface GiftCard {
  sold: SoldGiftCard | null;
  /** The last sale that was cancelled. */
  cancelled: CancelledSale | null;
  blocked: boolean;
  /** On the card, reserved amounts included. Minor units. */
  balance: number;
  /** Milliseconds; null: never. */
  expiresAt: number | null;
  /** By receipt. */
  readonly charges: Map<string, Charged>;
}

export const giftCard: Aggregate<GiftCard, GiftCardEvent> = {
  category: 'giftCard',
  initial: () => ({
    sold: null,
    cancelled: null,
    blocked: false,
    balance: 0,
    expiresAt: null,
    charges: new Map(),
  }),
  evolve: (state, event) => {
    const { charges } = state;
    switch (event.type) {
      case 'GiftCardActivated':
        state.sold = event.data;
        state.balance = event.data.amount;
        state.expiresAt = event.data.expiresAt;
        return state;
      case 'GiftCardSaleCancelled':
        state.sold = null;
        state.cancelled = event.data;
        state.balance = 0;
        state.expiresAt = null;
        return state;
      case 'GiftCardChargeReserved': {
        const { amount, until } = event.data;
        const reserved = { status: 'reserved', amount, until, refunded: 0, causes: [] } as const;
        charges.set(receiptKey(event.data), reserved);
        return state;
      }
      case 'GiftCardChargeSpent': {
        const { amount } = event.data;
        state.balance -= amount;
        const spent = { status: 'spent', amount, until: 0, refunded: 0, causes: [] } as const;
        charges.set(receiptKey(event.data), spent);
        return state;
      }
      case 'GiftCardChargeReleased':
        charges.delete(receiptKey(event.data));
        return state;
      case 'GiftCardRefunded': {
        const { amount, cause, expiresAt } = event.data;
        const key = receiptKey(event.data);
        const was = charges.get(key);
        if (was) {
          const refunded = was.refunded + amount;
          charges.set(key, { ...was, refunded, causes: [...was.causes, cause] });
        }
        state.balance += amount;
        state.expiresAt = expiresAt;
        return state;
      }
      case 'GiftCardBlocked':
        state.blocked = true;
        return state;
      case 'GiftCardUnblocked':
        state.blocked = false;
        return state;
      case 'GiftCardExpired':
        state.balance -= event.data.amount;
        return state;
      default:
        return unreachable(event);
    }
  },
};

/** What `receipt` can take, minor units: what is on the card and not reserved for others. Null: for any receipt. */
export const availableOn = (
  { balance, charges }: GiftCard,
  receipt: ReceiptName | null,
): number => {
  const own = receipt && receiptKey(receipt);
  let left = balance;
  for (const [key, { status, amount }] of charges) {
    if (status === 'reserved' && key !== own) left -= amount;
  }
  return left;
};

/** Why a card cannot pay. */
export type GiftCardFault = 'gift-card-not-sold' | 'gift-card-blocked' | 'gift-card-expired';

/** Null where it can, as of a time (ms). */
export const giftCardFault = (
  { sold, blocked, expiresAt }: GiftCard,
  at: number,
): GiftCardFault | null => {
  if (!sold) return 'gift-card-not-sold';
  if (blocked) return 'gift-card-blocked';
  return expiresAt !== null && at >= expiresAt ? 'gift-card-expired' : null;
};

/** @throws Rejected gift-card-sold, gift-card-blocked */
export const sellGiftCard = (command: SoldGiftCard, state: GiftCard): GiftCardEvent[] => {
  const { sold, blocked } = state;
  if (sold) {
    const same = sold.tillId === command.tillId && sold.amount === command.amount;
    if (same && state.charges.size === 0 && !blocked) return []; // already carried out
    throw rejected('gift-card-sold', { card: command.card });
  }
  if (blocked) throw rejected('gift-card-blocked', { card: command.card });
  return [{ type: 'GiftCardActivated', data: command }];
};

/**
 * A slip of the cashier, or the buyer thought better of it. A charge that came to nothing does not count, one that was given back does:
 * its receipt stands in the books. @throws Rejected gift-card-not-sold, gift-card-blocked, gift-card-used
 */
export const cancelSale = (
  command: Omit<CancelledSale, 'amount'>,
  state: GiftCard,
): GiftCardEvent[] => {
  const { card } = command;
  const { sold, blocked, charges, balance } = state;
  if (!sold) {
    if (state.cancelled?.tillId === command.tillId) return []; // already carried out
    throw rejected('gift-card-not-sold', { card });
  }
  if (blocked) throw rejected('gift-card-blocked', { card });
  if (charges.size > 0 || balance !== sold.amount) throw rejected('gift-card-used', { card });
  return [{ type: 'GiftCardSaleCancelled', data: { ...command, amount: sold.amount } }];
};

/** `at` in milliseconds. @throws Rejected gift-card-not-sold, gift-card-blocked, gift-card-expired, gift-card-too-little */
export const reserveCharge = (
  command: EventOf<typeof GiftCardChargeReserved>['data'],
  at: number,
  state: GiftCard,
): GiftCardEvent[] => {
  const { card, amount, until } = command;
  const was = state.charges.get(receiptKey(command));
  if (was?.status === 'spent') return []; // already carried out
  if (was?.amount === amount && was.until === until) return [];
  const fault = giftCardFault(state, at);
  if (fault) throw rejected(fault, { card });
  const available = availableOn(state, command);
  if (amount > available)
    throw rejected('gift-card-too-little', { card, asked: amount, available });
  return [{ type: 'GiftCardChargeReserved', data: command }];
};

/** Also of a charge that was released: the receipt was recorded after all, so it takes what the card still has. */
export const spendCharge = (command: GiftCardCharge, state: GiftCard): GiftCardEvent[] => {
  if (state.charges.get(receiptKey(command))?.status === 'spent') return []; // already carried out
  const amount = Math.max(0, Math.min(command.amount, availableOn(state, command)));
  const missing = command.amount - amount;
  const data = { ...onlyCharge(command), amount, ...(missing > 0 && { missing }) };
  return [{ type: 'GiftCardChargeSpent', data }];
};

/** A charge that was spent or reserved anew meanwhile stays. `until` tells one reservation from the next. */
export const releaseCharge = (
  command: GiftCardCharge & { readonly reason: string; readonly until: number },
  state: GiftCard,
): GiftCardEvent[] => {
  const was = state.charges.get(receiptKey(command));
  if (was?.status !== 'reserved' || was.until !== command.until) return [];
  const data = { ...onlyCharge(command), amount: was.amount, reason: command.reason };
  return [{ type: 'GiftCardChargeReleased', data }];
};

/** What is given back to a card can be spent for at least so long: 30 days. */
export const refundGoodForMs = 30 * 86_400_000;

/** The goods came back: once for each return, and never more than was taken. `at` in milliseconds. */
export const refundCharge = (
  command: GiftCardCharge & { readonly cause: string },
  at: number,
  state: GiftCard,
): GiftCardEvent[] => {
  const was = state.charges.get(receiptKey(command));
  if (was?.status !== 'spent' || was.causes.includes(command.cause)) return [];
  const amount = Math.min(command.amount, was.amount - was.refunded);
  if (amount === 0) return [];
  const expiresAt =
    state.expiresAt === null ? null : Math.max(state.expiresAt, at + refundGoodForMs);
  const data = { ...onlyCharge(command), amount, cause: command.cause, expiresAt };
  return [{ type: 'GiftCardRefunded', data }];
};

type Why = { readonly card: GiftCardId; readonly reason: string };

/** A card that was not sold yet can be blocked, too: stolen stock. */
export const blockGiftCard = (command: Why, state: GiftCard): GiftCardEvent[] =>
  state.blocked ? [] : [{ type: 'GiftCardBlocked', data: command }];

export const unblockGiftCard = (command: Why, state: GiftCard): GiftCardEvent[] =>
  state.blocked ? [{ type: 'GiftCardUnblocked', data: command }] : [];

/** Takes off what is left on a card whose time is over, except what is reserved. `asOf` in milliseconds. */
export const expireGiftCard = (
  { card, asOf }: { readonly card: GiftCardId; readonly asOf: number },
  state: GiftCard,
): GiftCardEvent[] => {
  if (state.expiresAt === null || asOf < state.expiresAt) return [];
  const amount = availableOn(state, null);
  return amount > 0 ? [{ type: 'GiftCardExpired', data: { card, amount, asOf } }] : [];
};

const onlyCharge = (command: GiftCardCharge): GiftCardCharge => {
  const { card, purchaseId, userId, tillId, merchantId, issuer, amount } = command;
  return { card, purchaseId, userId, tillId, merchantId, issuer, amount };
};
