/**
 * Events of the customer whose account it is, and of their cards: who they are, what they show at the till, and how it ends.
 *
 * These names are the storage format: proof-read, version with care.
 */
import { Type } from '@sinclair/typebox';
import { Points } from '../amount.js';
import { event } from '../event.js';
import { CardNumber, MemberId, MerchantId, UserId } from '../ids.js';
import { SealedBirthday } from './profileEvents.js';

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

export const customerEvents = [
  CustomerEnrolled,
  CardIssued,
  CardBlocked,
  CardReplaced,
  AccountClosed,
  PersonErased,
] as const;
