/** The accounts and lots that a batch changes: what is put into a lot, taken out of it, and what of that moves which balance. */
import type { AccountEvent, LotShare } from '../../domain/account/events.js';
import { type FactOf, ownerOf } from '../facts.js';
import {
  type AccountChange,
  type BalanceChanges,
  lotKey,
  type LotChange,
  type Movement,
} from './changes.js';

export const accountOf = (changes: BalanceChanges, fact: FactOf<AccountEvent>): AccountChange => {
  const known = changes.accounts.get(fact.stream);
  if (known) return known;
  const account: AccountChange = {
    account: fact.stream,
    tenant: fact.metadata.tenant,
    userId: ownerOf(fact),
    status: null,
    active: 0,
    pending: 0,
    deficit: 0,
    earned: 0,
    redeemed: 0,
    restored: 0,
    clawedBack: 0,
    adjusted: 0,
    expired: 0,
    forfeited: 0,
    purchases: 0,
    lastPurchaseAt: null,
    enrolledAt: null,
    position: fact.position,
  };
  changes.accounts.set(fact.stream, account);
  return account;
};

export const lotOf = (
  changes: BalanceChanges,
  account: AccountChange,
  lotId: string,
): LotChange => {
  const key = lotKey(account.account, lotId);
  const known = changes.lots.get(key);
  if (known) return known;
  const { tenant, userId } = account;
  const lot: LotChange = {
    account: account.account,
    tenant,
    userId,
    lotId,
    created: null,
    remaining: 0,
    activated: null,
  };
  changes.lots.set(key, lot);
  return lot;
};

/** Lots that are not of this batch are emptied where it is written, before its own changes. */
export const emptyLots = (changes: BalanceChanges, { account }: AccountChange): void => {
  for (const lot of changes.lots.values()) if (lot.account === account) lot.remaining = 0;
};

/** A new lot. One whose activation is not after its earning is active from the start. */
export const fill = (
  changes: BalanceChanges,
  account: AccountChange,
  line: Movement,
  made: {
    readonly lotId: string;
    readonly merchantId: number | null;
    readonly purchaseId: string | null;
    readonly points: number;
    readonly held: number;
    readonly earnedAt: number;
    readonly activatesAt: number;
    readonly expiresAt: number | null;
    readonly position: bigint;
  },
): void => {
  const { merchantId, purchaseId, points, held, earnedAt, activatesAt, expiresAt, position } = made;
  const lot = lotOf(changes, account, made.lotId);
  lot.created = {
    merchantId,
    purchaseId,
    earned: points,
    earnedAt,
    activatesAt,
    expiresAt,
    position,
  };
  lot.remaining += held;
  lot.activated = activatesAt <= earnedAt;
  if (lot.activated) line.active += held;
  else line.pending += held;
};

export const take = (
  changes: BalanceChanges,
  account: AccountChange,
  line: Movement,
  shares: readonly LotShare[],
  from: 'active' | 'unknown',
): void => {
  const open: LotShare[] = [];
  for (const share of shares) {
    const lot = lotOf(changes, account, share.lotId);
    lot.remaining -= share.points;
    const activated = from === 'active' ? true : lot.activated;
    if (activated === null) open.push(share);
    else if (activated) line.active -= share.points;
    else line.pending -= share.points;
  }
  if (open.length > 0) line.open = open;
};
