/**
 * What can happen to the people of one account. The account's points, tier and games are theirs together; a person is theirs alone,
 * with contacts of their own and personal data under a key of their own.
 *
 * Whoever enrolled is member 1 and has no event here: an account of one person has none of these events at all.
 *
 * These names are the storage format: proof-read, version with care.
 */
import { Type } from '@sinclair/typebox';
import { event, type EventOf } from '../event.js';
import { CardNumber, MemberId, MerchantId } from '../ids.js';

const Text = Type.String({ maxLength: 500 });

/**
 * A family has room and a staff canteen has not: everybody on an account shares its limits, and a whole company on one account is
 * the usual way around them. Everyone present is also carried along with each decision.
 */
export const membersMax = 12;
/** Numbers are never given twice, so that no key and no contact is mistaken for another's: this ends an account that churns. */
export const membersEverMax = 200;

export const MemberAdded = event('MemberAdded', {
  memberId: MemberId,
  /** AES-256-GCM under the member's own key, base64url; unreadable for ever once the key is destroyed. */
  person: Type.String({ maxLength: 8_000 }),
  /** HMAC-SHA256 under the tenant's index key, hex: equality without the value. */
  phoneHash: Type.Union([Type.String(), Type.Null()]),
  emailHash: Type.Union([Type.String(), Type.Null()]),
  merchantId: Type.Union([MerchantId, Type.Null()]),
});

/** Follows what became of their cards. Their data stays readable until they are erased. */
export const MemberRemoved = event('MemberRemoved', { memberId: MemberId, reason: Text });

/** The key of this one person was destroyed. Who was present has been removed before. */
export const MemberErased = event('MemberErased', { memberId: MemberId, reason: Text });

export const HeadAppointed = event('HeadAppointed', { memberId: MemberId, before: MemberId });

/** Null: everybody. The head always may. */
export const RedeemersNamed = event('RedeemersNamed', {
  redeemers: Type.Union([Type.Array(MemberId, { maxItems: membersMax }), Type.Null()]),
});

/** The card works on; whose it is changes. */
export const CardHandedOver = event('CardHandedOver', {
  cardNumber: CardNumber,
  memberId: MemberId,
  before: MemberId,
});

export const householdEvents = [
  MemberAdded,
  MemberRemoved,
  MemberErased,
  HeadAppointed,
  RedeemersNamed,
  CardHandedOver,
] as const;
export type HouseholdEvent = EventOf<(typeof householdEvents)[number]>;
