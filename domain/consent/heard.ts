/**
 * What counts where a message goes to an address for an account: both have been asked, each with a last word of its own. Whoever
 * reads what arrives at an address may end that, whoever it was sent for; and agreeing for an address is only for whom it belongs to.
 */
import type { ConsentChange } from './consent.js';

/**
 * Of the address to the account: its own; foreign, since the account has another of the kind, or none; or untold, since accounts are not
 * known by such addresses.
 */
export type Belonging = 'own' | 'foreign' | 'untold';

export type Word = Pick<ConsentChange, 'state' | 'since'>;

const later = (one: Word, other: Word): Word => {
  if (one.since === other.since) return one.state === 'withdrawn' ? one : other;
  return one.since > other.since ? one : other;
};

/** The word that holds; null: nothing that counts was said. */
export const heardOf = (
  account: Word | null,
  address: Word | null,
  belonging: Belonging,
): Word | null => {
  if (!account || !address) {
    const only = account ?? address;
    const isOthers = only === account && belonging === 'foreign';
    return isOthers && only?.state === 'given' ? null : only;
  }
  // One person by two names: they may have thought better of it by the other.
  if (belonging === 'own' || account.state === address.state) {
    return belonging === 'foreign' ? address : later(account, address);
  }
  return account.state === 'withdrawn' ? account : address.state === 'withdrawn' ? address : null;
};
