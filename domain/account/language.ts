/** The language in which messages are written to who enrolled: chosen with the enrolment or at any time, and taken back with null. */
import { assertPresent, firstMember, householdOf } from '../household/household.js';
import { assertOpen } from './customer.js';
import type { AccountEvent } from './events.js';
import type { Account } from './state.js';

/**
 * @param choice in the spelling of `canonicalLanguage`.
 * @throws Rejected account-not-found, account-closed, member-not-found where who enrolled has left the household
 */
export const chooseLanguage = (
  { language }: { readonly language: string | null },
  account: Account,
): AccountEvent[] => {
  assertOpen(account);
  if (account.profile.language === language) return []; // already carried out
  assertPresent(householdOf(account), firstMember);
  return [{ type: 'LanguageChosen', data: { language } }];
};
