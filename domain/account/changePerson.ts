/**
 * What a person tells of themselves anew, as a whole: what is left out is gone. New contacts are won on their own streams before; those that
 * were given up become free afterwards.
 */
import { assertPresent, firstMember, householdOf } from '../household/household.js';
import type { MemberId } from '../ids.js';
import { assertOpen } from './customer.js';
import type { AccountEvent } from './events.js';
import type { Account } from './state.js';

export interface PersonTold {
  readonly memberId: MemberId;
  /** Encrypted, like the birthday; empty for somebody who told nothing. */
  readonly person: string;
  readonly birthday: string | null;
  readonly phoneHash: string | null;
  readonly emailHash: string | null;
}

/** @throws Rejected account-not-found, account-closed, member-not-found */
export const changePerson = (told: PersonTold, account: Account): AccountEvent[] => {
  assertOpen(account);
  const { memberId, person, birthday, phoneHash, emailHash } = told;
  assertPresent(householdOf(account), memberId);
  const whose = memberId === firstMember ? {} : { memberId };
  const data = { ...whose, person, phoneHash, emailHash, ...(birthday !== null && { birthday }) };
  return [{ type: 'PersonChanged', data }];
};
