/** The timer's decision about a tier: every review that is due. Nothing due, or an account that is closed, decides nothing. */
import { rejected } from '../rejected.js';
import { settleTier } from '../tier/judge.js';
import type { VersionedScheme } from '../tier/scheme.js';
import type { AccountEvent } from './events.js';
import type { Account } from './state.js';

/** `asOf` in milliseconds; `scheme` null where the programme has no tiers. @throws Rejected account-not-found */
export const reviewTier = (
  { asOf }: { readonly asOf: number },
  account: Account,
  scheme: VersionedScheme | null,
): AccountEvent[] => {
  if (account.status === 'unknown') throw rejected('account-not-found');
  if (account.status !== 'open') return [];
  return settleTier(account.progress.tier, scheme, asOf).events;
};
