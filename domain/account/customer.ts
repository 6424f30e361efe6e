/**
 * Who the customer is and which cards they carry. Contacts and card numbers are unique in the tenant: the command reserves them on
 * their own small streams before these events are appended, and a worker settles the reservation afterwards.
 */
import { assertPresent, householdOf, ownerOfCard } from '../household/household.js';
import type { CardNumber, MemberId, MerchantId, UserId } from '../ids.js';
import type { VersionedReferrals } from '../referral/programme.js';
import type { Attributes } from '../pricing/basketLines.js';
import { rejected } from '../rejected.js';
import type { AccountEvent } from './events.js';
import { referredBy } from './ownReferral.js';
import type { Account } from './state.js';

export interface Enrolment {
  readonly userId: UserId;
  /** Encrypted; empty for a card holder who told nothing. */
  readonly person: string;
  readonly phoneHash: string | null;
  readonly emailHash: string | null;
  readonly merchantId: MerchantId | null;
  readonly cardNumber: CardNumber | null;
  /** Encrypted. */
  readonly birthday?: string;
  readonly attributes?: Attributes;
  /** In the spelling of `canonicalLanguage`. */
  readonly language?: string;
  /** The number was made for this command: an account under it that shares no contact is a stranger's. */
  readonly numbered: boolean;
  /** Who brought the customer, under which terms. */
  readonly referral?: { readonly referrer: UserId; readonly terms: VersionedReferrals | null };
}

/** @throws Rejected already-registered, account-closed, referral-refused */
export const enrol = (command: Enrolment, account: Account): AccountEvent[] => {
  const { userId, person, phoneHash, emailHash, merchantId, cardNumber, numbered } = command;
  const { referral, birthday, attributes, language } = command;
  if (account.status !== 'unknown') {
    const same = account.phoneHash === phoneHash && account.emailHash === emailHash;
    const nameless = phoneHash === null && emailHash === null;
    if (!same || (numbered && nameless)) throw rejected('already-registered', { userId });
    assertOpen(account);
    const referrer = account.referrals.own?.referrer ?? null;
    if (referral && referral.referrer !== referrer) {
      throw rejected('referral-refused', { reason: 'not-new' });
    }
    if (cardNumber === null || account.cards.has(cardNumber)) return []; // already carried out
    return issueCard({ cardNumber }, account);
  }
  const events: AccountEvent[] = [
    {
      type: 'CustomerEnrolled',
      data: { userId, person, phoneHash, emailHash, merchantId, ...(birthday && { birthday }) },
    },
  ];
  if (cardNumber !== null) events.push({ type: 'CardIssued', data: { cardNumber } });
  if (attributes && Object.keys(attributes).length > 0) {
    events.push({ type: 'CustomerAttributesSet', data: { set: attributes, removed: [] } });
  }
  if (language !== undefined) events.push({ type: 'LanguageChosen', data: { language } });
  if (referral?.terms) events.push(...referredBy(referral.referrer, referral.terms));
  return events;
};

/**
 * To a member of the household, the head where none is named.
 * @throws Rejected account-not-found, account-closed, card-blocked, member-not-found
 */
export const issueCard = (
  command: { readonly cardNumber: CardNumber; readonly memberId?: MemberId | undefined },
  account: Account,
): AccountEvent[] => {
  assertOpen(account);
  const { cardNumber } = command;
  const status = account.cards.get(cardNumber);
  if (status === 'active') return []; // already carried out
  if (status !== undefined) throw rejected('card-blocked', { cardNumber, status });
  return [{ type: 'CardIssued', data: { cardNumber, ...carrier(account, command) } }];
};

/** @throws Rejected account-not-found, account-closed, card-not-found */
export const blockCard = (
  { cardNumber, reason }: { readonly cardNumber: CardNumber; readonly reason: string },
  account: Account,
): AccountEvent[] => {
  assertOpen(account);
  const status = account.cards.get(cardNumber);
  if (status === undefined) throw rejected('card-not-found', { cardNumber });
  if (status !== 'active') return []; // it does not work any more already
  return [{ type: 'CardBlocked', data: { cardNumber, reason } }];
};

/**
 * A blocked card may be replaced too. It stays with its member unless another is named.
 * @throws Rejected account-not-found, account-closed, card-not-found, card-blocked, card-taken, member-not-found
 */
export const replaceCard = (
  command: {
    readonly cardNumber: CardNumber;
    readonly replacement: CardNumber;
    readonly reason: string;
    readonly memberId?: MemberId | undefined;
  },
  account: Account,
): AccountEvent[] => {
  assertOpen(account);
  const { cardNumber, replacement, reason } = command;
  const status = account.cards.get(cardNumber);
  if (status === undefined) throw rejected('card-not-found', { cardNumber });
  if (status === 'replaced') {
    if (account.cards.has(replacement)) return []; // already carried out
    throw rejected('card-blocked', { cardNumber, status });
  }
  if (account.cards.has(replacement)) throw rejected('card-taken', { cardNumber: replacement });
  const { household } = account;
  const memberId = command.memberId ?? (household && ownerOfCard(household, cardNumber));
  const data = { cardNumber, replacement, reason, ...carrier(account, { memberId }) };
  return [{ type: 'CardReplaced', data }];
};

/** Nothing where one person was ever on the account. */
const carrier = (
  account: Account,
  { memberId }: { readonly memberId?: MemberId | null | undefined },
): { readonly memberId?: MemberId } => {
  if (account.household === null && memberId == null) return {};
  const household = householdOf(account);
  const carries = memberId ?? household.head;
  assertPresent(household, carries);
  return account.household === null ? {} : { memberId: carries };
};

export const assertOpen = (account: Account): void => {
  if (account.status === 'unknown') throw rejected('account-not-found');
  if (account.status !== 'open') throw rejected('account-closed');
};
