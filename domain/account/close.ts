/**
 * The end of an account: its points are forfeited, its history stays. Erasing the person also ends the account, since a customer
 * nobody can be asked about cannot go on collecting.
 */
import { rejected } from '../rejected.js';
import type { AccountEvent } from './events.js';
import { settle } from './settle.js';
import type { Account } from './state.js';

export interface Closing {
  readonly reason: string;
  /** Milliseconds. */
  readonly at: number;
}

/** @throws Rejected account-not-found */
export const closeAccount = ({ reason, at }: Closing, account: Account): AccountEvent[] => {
  if (account.status === 'unknown') throw rejected('account-not-found');
  if (account.status !== 'open') return []; // already carried out
  const { events, points } = settle(account.points, at);
  const forfeited = points.activeTotal + points.pendingTotal;
  return [...events, { type: 'AccountClosed', data: { reason, forfeited } }];
};

/** @throws Rejected account-not-found */
export const erasePerson = (closing: Closing, account: Account): AccountEvent[] => {
  if (account.status === 'erased') return []; // already carried out
  const { reason } = closing;
  return [...closeAccount(closing, account), { type: 'PersonErased', data: { reason } }];
};
