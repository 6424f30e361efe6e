/**
 * What can happen to one customer's loyalty account. The account is the consistency boundary: a confirmed purchase is one append
 * of everything it did, so that points cannot be spent twice by construction.
 *
 * By subject: purchaseEvents.ts, pointEvents.ts, and those of coupons, games and tiers with their features. Here are the customer's
 * own and the list of all. These names are the storage format: proof-read, version with care.
 */
import { Type } from '@sinclair/typebox';
import { Points } from '../amount.js';
import { event, type EventOf } from '../event.js';
import { CardNumber, MemberId, MerchantId, UserId } from '../ids.js';
import { grantEvents } from '../coupon/grants.js';
import { gameProgressEvents } from '../game/events.js';
import { referralEvents } from '../referral/events.js';
import { householdEvents } from '../household/events.js';
import { tierEvents } from '../tier/events.js';
import { awardEvents } from './awardEvents.js';
import { profileEvents, SealedBirthday } from './profileEvents.js';
import {
  PointsActivated,
  PointsAdjusted,
  PointsClawedBack,
  PointsEarned,
  PointsExpired,
  PointsRedeemed,
  PointsRestored,
} from './pointEvents.js';
import { PurchaseCancelled, PurchaseConfirmed, PurchaseReturned } from './purchaseEvents.js';

export * from './pointEvents.js';
export * from './purchaseEvents.js';
export * from './receiptRecord.js';

const Text = Type.String({ maxLength: 500 });

export const CustomerEnrolled = event('CustomerEnrolled', {
  userId: UserId,
  /** AES-256-GCM under the customer's own key, base64url; unreadable for ever once the key is destroyed. */
  person: Type.String({ maxLength: 8_000 }),
  /** HMAC-SHA256 under the tenant's index key, hex: equality without the value. */
  phoneHash: Type.Union([Type.String(), Type.Null()]),
  emailHash: Type.Union([Type.String(), Type.Null()]),
  merchantId: Type.Union([MerchantId, Type.Null()]),
  /** Apart from the person, so that a receipt that asks for it opens nothing else. */
  birthday: Type.Optional(SealedBirthday),
});

/** From here on, `memberId` is only there where several people are, or were, on the account: whose card it is. */
export const CardIssued = event('CardIssued', {
  cardNumber: CardNumber,
  memberId: Type.Optional(MemberId),
});
export const CardBlocked = event('CardBlocked', { cardNumber: CardNumber, reason: Text });
/** `cardNumber` stops working, `replacement` works from now on. */
export const CardReplaced = event('CardReplaced', {
  cardNumber: CardNumber,
  replacement: CardNumber,
  reason: Text,
  memberId: Type.Optional(MemberId),
});

export const AccountClosed = event('AccountClosed', { reason: Text, forfeited: Points });
/** The person's key was destroyed: what was encrypted under it is gone, the chain of facts stays. */
export const PersonErased = event('PersonErased', { reason: Text });

export const accountEvents = [
  CustomerEnrolled,
  CardIssued,
  CardBlocked,
  CardReplaced,
  PurchaseConfirmed,
  PointsRedeemed,
  PointsEarned,
  PurchaseReturned,
  PurchaseCancelled,
  PointsRestored,
  PointsClawedBack,
  PointsActivated,
  PointsExpired,
  PointsAdjusted,
  AccountClosed,
  PersonErased,
  ...householdEvents,
  ...grantEvents,
  ...gameProgressEvents,
  ...tierEvents,
  ...awardEvents,
  ...profileEvents,
  ...referralEvents,
] as const;
export type AccountEvent = EventOf<(typeof accountEvents)[number]>;
