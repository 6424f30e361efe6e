/**
 * What a batch of facts changes in balances, ledger and lots, as far as the facts alone say.
 *
 * Changes are differences, so a batch may hold any number of facts of one account. One thing a fact does not say: whether a lot
 * that a return or a correction takes from is already active. A movement keeps such shares in `open`; settle.ts closes them with
 * the state of the lots before the batch.
 */
import type { LotShare } from '../../domain/account/events.js';
import type { Position } from '../../domain/fact.js';

export type MovementKind =
  | 'earned'
  | 'redeemed'
  | 'restored'
  | 'clawedBack'
  | 'activated'
  | 'expired'
  | 'adjusted'
  | 'forfeited';

/** One line of the ledger. Points are hundredths, signed as the customer sees them. */
export interface Movement {
  readonly account: string;
  readonly tenant: string;
  readonly userId: string;
  readonly revision: number;
  readonly position: Position;
  readonly occurredAt: number;
  readonly kind: MovementKind;
  points: number;
  active: number;
  pending: number;
  deficit: number;
  readonly purchaseId: string | null;
  readonly lotId: string | null;
  readonly merchantId: number | null;
  readonly note: string | null;
  /** Shares taken from lots of which it is not known whether they are active. */
  open: readonly LotShare[];
}

export interface NewLot {
  readonly merchantId: number | null;
  readonly purchaseId: string | null;
  /** Including what went to a deficit and never was in the lot. */
  readonly earned: number;
  readonly earnedAt: number;
  readonly activatesAt: number;
  readonly expiresAt: number | null;
  readonly position: Position;
}

export interface LotChange {
  readonly account: string;
  readonly tenant: string;
  readonly userId: string;
  readonly lotId: string;
  created: NewLot | null;
  remaining: number;
  /** Null: not known from this batch. */
  activated: boolean | null;
}

export interface AccountChange {
  readonly account: string;
  readonly tenant: string;
  readonly userId: string;
  status: 'active' | 'closed' | 'erased' | null;
  active: number;
  pending: number;
  deficit: number;
  earned: number;
  redeemed: number;
  restored: number;
  clawedBack: number;
  adjusted: number;
  expired: number;
  forfeited: number;
  purchases: number;
  lastPurchaseAt: number | null;
  enrolledAt: number | null;
  position: Position;
}

/** Accounts, and lots inside of them, are keyed by the account's stream. */
export interface BalanceChanges {
  readonly accounts: Map<string, AccountChange>;
  readonly lots: Map<string, LotChange>;
  readonly movements: Movement[];
}

export const lotKey = (account: string, lotId: string): string => `${account}/${lotId}`;
