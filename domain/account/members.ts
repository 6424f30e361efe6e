/**
 * Several people on one account. Points, tier and games stay the account's whoever comes and goes; a person brings contacts and
 * cards and takes them along. Contacts are unique in the tenant: the command wins them on their own streams first, in the name of
 * this member, so that giving them back never frees what another member has won since.
 */
import {
  assertPresent,
  type Household,
  householdOf,
  knownIn,
  type Member,
  nextMemberId,
  ownerOfCard,
  presentIn,
} from '../household/household.js';
import { membersEverMax, membersMax } from '../household/events.js';
import type { CardNumber, MemberId, MerchantId } from '../ids.js';
import { rejected } from '../rejected.js';
import { type Closing, erasePerson } from './close.js';
import { assertOpen, issueCard } from './customer.js';
import type { AccountEvent } from './events.js';
import type { Account } from './state.js';

export interface Joining {
  /** The next number of the account (`nextMemberId`): their data was sealed under its key. */
  readonly memberId: MemberId;
  /** Encrypted; empty for somebody who told nothing. */
  readonly person: string;
  readonly phoneHash: string | null;
  readonly emailHash: string | null;
  readonly merchantId: MerchantId | null;
  readonly cardNumber: CardNumber | null;
}

/** The member who has just these contacts: whoever joins with them has joined before. Undefined where they have none. */
export const joinedBefore = (
  household: Household,
  { phoneHash, emailHash }: Pick<Member, 'phoneHash' | 'emailHash'>,
): MemberId | undefined =>
  phoneHash === null && emailHash === null
    ? undefined
    : presentIn(household).find(
        ([, one]) => one.phoneHash === phoneHash && one.emailHash === emailHash,
      )?.[0];

/** @throws Rejected account-not-found, account-closed, contact-taken, household-full, card-taken */
export const addMember = (
  { cardNumber, ...joining }: Joining,
  account: Account,
): AccountEvent[] => {
  assertOpen(account);
  const household = householdOf(account);
  const joined = joinedBefore(household, joining);
  if (joined !== undefined) {
    if (cardNumber === null || account.cards.has(cardNumber)) return []; // already carried out
    return issueCard({ cardNumber, memberId: joined }, account);
  }
  assertContactsFree(household, joining);
  const present = presentIn(household).length;
  if (present >= membersMax || household.members.size >= membersEverMax) {
    throw rejected('household-full', { present, most: membersMax, everMost: membersEverMax });
  }
  if (joining.memberId !== nextMemberId(household)) throw new Error('sealed for another member');
  const events: AccountEvent[] = [{ type: 'MemberAdded', data: joining }];
  if (cardNumber === null) return events;
  if (account.cards.has(cardNumber)) throw rejected('card-taken', { cardNumber });
  const { memberId } = joining;
  return [...events, { type: 'CardIssued', data: { cardNumber, memberId } }];
};

const assertContactsFree = (
  household: Household,
  { phoneHash, emailHash }: Pick<Member, 'phoneHash' | 'emailHash'>,
): void => {
  for (const [memberId, one] of presentIn(household)) {
    const phone = phoneHash !== null && one.phoneHash === phoneHash;
    const email = emailHash !== null && one.emailHash === emailHash;
    if (phone || email)
      throw rejected('contact-taken', { kind: phone ? 'phone' : 'email', memberId });
  }
};

/** What becomes of the cards of somebody who leaves: blocked, or this member's. */
export type CardsGoTo = MemberId | 'nobody';

export interface Leaving {
  readonly memberId: MemberId;
  readonly reason: string;
  readonly cardsGoTo: CardsGoTo;
}

/** @throws Rejected account-not-found, account-closed, member-not-found, member-is-head */
export const removeMember = (leaving: Leaving, account: Account): AccountEvent[] => {
  assertOpen(account);
  const household = householdOf(account);
  const { memberId } = leaving;
  const member = knownIn(household, memberId);
  if (member.status !== 'present') return []; // already carried out
  if (household.head === memberId) throw rejected('member-is-head', { memberId });
  return removal(leaving, household, account);
};

const removal = (
  { memberId, reason, cardsGoTo }: Leaving,
  household: Household,
  account: Account,
): AccountEvent[] => {
  const events: AccountEvent[] = [];
  if (cardsGoTo !== 'nobody') {
    assertPresent(household, cardsGoTo);
    if (cardsGoTo === memberId) throw rejected('member-not-found', { memberId });
  }
  for (const [cardNumber, status] of account.cards) {
    if (status !== 'active' || ownerOfCard(household, cardNumber) !== memberId) continue;
    if (cardsGoTo === 'nobody') events.push({ type: 'CardBlocked', data: { cardNumber, reason } });
    else {
      const data = { cardNumber, memberId: cardsGoTo, before: memberId };
      events.push({ type: 'CardHandedOver', data });
    }
  }
  return [...events, { type: 'MemberRemoved', data: { memberId, reason } }];
};

/**
 * Where the head is erased, whoever has been there longest becomes head; where nobody else is there, the account ends and everyone
 * who ever was on it is erased. @throws Rejected account-not-found, member-not-found
 */
export const eraseMember = (
  { at, ...leaving }: Leaving & Pick<Closing, 'at'>,
  account: Account,
): AccountEvent[] => {
  if (account.status === 'unknown') throw rejected('account-not-found');
  const household = householdOf(account);
  const { memberId, reason } = leaving;
  const { status } = knownIn(household, memberId);
  if (status === 'erased' || account.status === 'erased') return []; // already carried out
  const erased: AccountEvent = { type: 'MemberErased', data: { memberId, reason } };
  if (status === 'removed') return [erased];
  const heir = presentIn(household).find(([id]) => id !== memberId)?.[0];
  if (heir === undefined) return erasePerson({ reason, at }, account);
  const succession: AccountEvent[] =
    household.head === memberId
      ? [{ type: 'HeadAppointed', data: { memberId: heir, before: memberId } }]
      : [];
  return [...succession, ...removal(leaving, household, account), erased];
};

/** @throws Rejected account-not-found, account-closed, member-not-found */
export const appointHead = (
  { memberId }: { readonly memberId: MemberId },
  account: Account,
): AccountEvent[] => {
  assertOpen(account);
  const household = householdOf(account);
  assertPresent(household, memberId);
  if (household.head === memberId) return []; // already carried out
  return [{ type: 'HeadAppointed', data: { memberId, before: household.head } }];
};

/** `redeemers` null: everybody. @throws Rejected account-not-found, account-closed, member-not-found */
export const nameRedeemers = (
  { redeemers }: { readonly redeemers: readonly MemberId[] | null },
  account: Account,
): AccountEvent[] => {
  assertOpen(account);
  const household = householdOf(account);
  const named = redeemers && [...new Set(redeemers)].sort((a, b) => a - b);
  for (const memberId of named ?? []) assertPresent(household, memberId);
  if (JSON.stringify(named) === JSON.stringify(household.redeemers)) return []; // already carried out
  return [{ type: 'RedeemersNamed', data: { redeemers: named } }];
};

/** @throws Rejected account-not-found, account-closed, card-not-found, card-blocked, member-not-found */
export const handOverCard = (
  { cardNumber, memberId }: { readonly cardNumber: CardNumber; readonly memberId: MemberId },
  account: Account,
): AccountEvent[] => {
  assertOpen(account);
  const household = householdOf(account);
  assertPresent(household, memberId);
  const status = account.cards.get(cardNumber);
  if (status === undefined) throw rejected('card-not-found', { cardNumber });
  if (status !== 'active') throw rejected('card-blocked', { cardNumber, status });
  const before = ownerOfCard(household, cardNumber);
  if (before === memberId) return []; // already carried out
  return [{ type: 'CardHandedOver', data: { cardNumber, memberId, before } }];
};
