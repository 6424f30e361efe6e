/**
 * Who of a household stands at the till, and whether they may spend its points. The card tells; where none is shown, the till may
 * say it. An account of one person never comes here.
 */
import {
  assertPresent,
  firstMember,
  type Household,
  mayRedeem,
  ownerOfCard,
} from '../household/household.js';
import type { MemberId } from '../ids.js';
import { rejected } from '../rejected.js';
import type { PurchaseOrder } from './purchaseOrder.js';
import type { Account } from './state.js';

type Shown = Pick<PurchaseOrder, 'cardNumber' | 'memberId'>;

/**
 * Null where one person was ever on the account, or nobody said who it is.
 * @throws Rejected member-not-found, card-of-another-member
 */
export const shopperOf = (
  { cardNumber, memberId }: Shown,
  { household }: Pick<Account, 'household'>,
): MemberId | null => {
  if (household === null) {
    if ((memberId ?? firstMember) !== firstMember) throw rejected('member-not-found', { memberId });
    return null;
  }
  if (cardNumber === undefined) {
    if (memberId === undefined) return null;
    assertPresent(household, memberId);
    return memberId;
  }
  const owner = ownerOfCard(household, cardNumber);
  if (memberId !== undefined && memberId !== owner) {
    throw rejected('card-of-another-member', { cardNumber, memberId });
  }
  return owner;
};

/** Where only some may, somebody unknown may not. */
export const mayPayWithPoints = (household: Household | null, shopper: MemberId | null): boolean =>
  household === null ||
  household.redeemers === null ||
  (shopper !== null && mayRedeem(household, shopper));
