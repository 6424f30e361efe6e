/**
 * Destroying the keys of people. Every key of an account goes, one by one, when the account is erased; one alone where a member is.
 * Twice is the same, so the command and the worker that makes sure of it may both try.
 */
import type { AccountEvent } from '../../domain/account/events.js';
import type { Account } from '../../domain/account/state.js';
import { firstMember, householdOf } from '../../domain/household/household.js';
import type { MemberId, TenantId, UserId } from '../../domain/ids.js';
import { type PersonalData, personSubject } from '../personalData.js';

/** Everybody who was ever on the account. */
export const membersOf = (account: Account): MemberId[] => [...householdOf(account).members.keys()];

/** The same, as the history of an account tells it. */
export const membersIn = (events: Iterable<AccountEvent>): MemberId[] => {
  const members = [firstMember];
  for (const event of events) {
    if (event.type === 'MemberAdded') members.push(event.data.memberId);
  }
  return members;
};

export const forget = async (
  personalData: Pick<PersonalData, 'destroy'>,
  tenant: TenantId,
  userId: UserId,
  members: readonly MemberId[],
): Promise<void> => {
  for (const memberId of members) {
    await personalData.destroy(tenant, personSubject(userId, memberId));
  }
};
