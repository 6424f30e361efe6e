/**
 * What a budget remembers: what was charged in all and by day, and the reservations that nobody settled yet. `evolve` changes the
 * maps in place; deciders never touch them.
 */
import type { PurchaseId, TillId, UserId } from '../ids.js';
import { type Charge, type Charged, noCharges } from './charge.js';

/** A receipt is numbered by its customer, or by its till where there is none. */
export interface ReceiptName {
  readonly purchaseId: PurchaseId;
  readonly userId: UserId | null;
  readonly tillId: TillId;
}

export interface Reservation extends ReceiptName, Readonly<Charge> {
  /** Milliseconds. */
  readonly until: number;
}

export interface Budget {
  /** Reserved and spent, less what was returned. */
  readonly charged: Charged;
  /** By receipt. */
  readonly open: Map<string, Reservation>;
  /** Place in the log of the last fact that was settled, -1 before the first. */
  readonly answered: bigint;
}

export const initialBudget = (): Budget => ({
  charged: noCharges(),
  open: new Map(),
  answered: -1n,
});

export const receiptKey = ({ purchaseId, userId, tillId }: ReceiptName): string =>
  `${userId ?? tillId} ${purchaseId}`;
