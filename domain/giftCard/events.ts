/**
 * What can happen to a gift card. Everything that money does names the receipt and the issuer, so that a read model needs nothing else.
 *
 * These names are the storage format: proof-read, version with care.
 */
import { Type, type Static } from '@sinclair/typebox';
import { Currency, Money } from '../amount.js';
import { event, type EventOf } from '../event.js';
import { MerchantId, PointOfSaleId, PurchaseId, TillId, UserId } from '../ids.js';
import { GiftCardId } from './ids.js';

const Instant = Type.Integer({ minimum: 0, description: 'Milliseconds since the epoch, UTC' });
const InstantOrNull = Type.Union([Instant, Type.Null()]);
const reason = Type.String({ maxLength: 500 });

/** The receipt that a card pays for, and who takes the money. */
const charge = {
  card: GiftCardId,
  purchaseId: PurchaseId,
  /** Null for an anonymous receipt. */
  userId: Type.Union([UserId, Type.Null()]),
  tillId: TillId,
  merchantId: MerchantId,
  /** Of the series: it owes `merchantId` what the card pays. */
  issuer: MerchantId,
  amount: Money,
} as const;
export const GiftCardCharge = Type.Object(charge, { additionalProperties: false });
export type GiftCardCharge = Static<typeof GiftCardCharge>;

/** Sold at a till: from now on it pays. */
export const GiftCardActivated = event('GiftCardActivated', {
  card: GiftCardId,
  merchantId: MerchantId,
  pointOfSaleId: PointOfSaleId,
  tillId: TillId,
  amount: Money,
  currency: Currency,
  expiresAt: InstantOrNull,
});
/** The till gave the money back before the card ever paid: it can be sold anew. */
export const GiftCardSaleCancelled = event('GiftCardSaleCancelled', {
  card: GiftCardId,
  merchantId: MerchantId,
  pointOfSaleId: PointOfSaleId,
  tillId: TillId,
  amount: Money,
  reason,
});
export const GiftCardChargeReserved = event('GiftCardChargeReserved', {
  ...charge,
  /** Milliseconds: what is not spent by then came to nothing. */
  until: Instant,
});
export const GiftCardChargeSpent = event('GiftCardChargeSpent', {
  ...charge,
  /** Of what the receipt says, what the card no longer had: the reservation was released before its receipt was found. */
  missing: Type.Optional(Money),
});
export const GiftCardChargeReleased = event('GiftCardChargeReleased', { ...charge, reason });
/** `cause` is the return's id, or the purchase's where it was cancelled. */
export const GiftCardRefunded = event('GiftCardRefunded', {
  ...charge,
  cause: Type.String({ maxLength: 80 }),
  /** As it is from now on: what was given back can be spent for a while. */
  expiresAt: InstantOrNull,
});
export const GiftCardBlocked = event('GiftCardBlocked', { card: GiftCardId, reason });
export const GiftCardUnblocked = event('GiftCardUnblocked', { card: GiftCardId, reason });
/** What was left when its time was over is the issuer's. */
export const GiftCardExpired = event('GiftCardExpired', {
  card: GiftCardId,
  amount: Money,
  asOf: Instant,
});

export const giftCardEvents = [
  GiftCardActivated,
  GiftCardSaleCancelled,
  GiftCardChargeReserved,
  GiftCardChargeSpent,
  GiftCardChargeReleased,
  GiftCardRefunded,
  GiftCardBlocked,
  GiftCardUnblocked,
  GiftCardExpired,
] as const;
export type GiftCardEvent = EventOf<(typeof giftCardEvents)[number]>;
export type CancelledSale = EventOf<typeof GiftCardSaleCancelled>['data'];
export type SoldGiftCard = EventOf<typeof GiftCardActivated>['data'];
