/** From facts of accounts to changes of their balances. Pure; see changes.ts for what stays open. */
import type { AccountEvent, LotShare } from '../../domain/account/events.js';
import type { Fact } from '../../domain/fact.js';
import { type FactOf, occurredAtOf, ownerOf, typed } from '../facts.js';
import {
  type AccountChange,
  type BalanceChanges,
  lotKey,
  type LotChange,
  type Movement,
  type MovementKind,
} from './changes.js';

export const eventTypes = [
  'CustomerEnrolled',
  'PurchaseConfirmed',
  'PurchaseCancelled',
  'PointsEarned',
  'PointsAwarded',
  'PointsAwardTakenBack',
  'PointsRedeemed',
  'PointsRestored',
  'PointsClawedBack',
  'PointsActivated',
  'PointsExpired',
  'PointsAdjusted',
  'AccountClosed',
  'PersonErased',
] as const satisfies readonly AccountEvent['type'][];

export const projectBalances = (facts: readonly Fact[]): BalanceChanges => {
  const changes: BalanceChanges = { accounts: new Map(), lots: new Map(), movements: [] };
  for (const fact of facts) apply(changes, typed<AccountEvent>(fact));
  return changes;
};

const apply = (changes: BalanceChanges, fact: FactOf<AccountEvent>): void => {
  const account = accountOf(changes, fact);
  account.position = fact.position;
  switch (fact.type) {
    case 'CustomerEnrolled':
      account.status = 'active';
      account.enrolledAt = occurredAtOf(fact);
      return;
    case 'PurchaseConfirmed': {
      const at = occurredAtOf(fact);
      account.purchases += 1;
      account.lastPurchaseAt = Math.max(at, account.lastPurchaseAt ?? at);
      return;
    }
    case 'PurchaseCancelled':
      account.purchases -= 1;
      return;
    case 'PointsEarned':
    case 'PointsAwarded':
      return earned(changes, account, fact);
    case 'PointsAdjusted':
      return adjusted(changes, account, fact);
    case 'PointsRedeemed':
    case 'PointsRestored':
    case 'PointsClawedBack':
    case 'PointsAwardTakenBack':
    case 'PointsActivated':
    case 'PointsExpired':
      return moved(changes, account, fact);
    case 'AccountClosed':
      account.status = 'closed';
      emptyLots(changes, account);
      // All that is left and all that is owed: settled with what the account held before the batch.
      changes.movements.push(movement(account, fact, 'forfeited', 0));
      return;
    case 'PersonErased':
      account.status = 'erased';
      return;
    default:
      return; // not a matter of points
  }
};

const earned = (
  changes: BalanceChanges,
  account: AccountChange,
  fact: FactOf<Extract<AccountEvent, { type: 'PointsEarned' | 'PointsAwarded' }>>,
): void => {
  const { lotId, points, repaid } = fact.data;
  // An award is of no purchase, and the programme's own.
  const of =
    fact.type === 'PointsEarned'
      ? { merchantId: fact.data.merchantId, purchaseId: fact.data.purchaseId, note: null }
      : { merchantId: null, purchaseId: null, note: fact.data.cause };
  account.earned += points;
  const line = movement(account, fact, 'earned', points, { lotId, ...of });
  const held = points - repaid;
  fill(changes, account, line, { ...fact.data, ...of, held, position: fact.position });
  line.deficit = -repaid;
  changes.movements.push(line);
};

const adjusted = (
  changes: BalanceChanges,
  account: AccountChange,
  fact: FactOf<Extract<AccountEvent, { type: 'PointsAdjusted' }>>,
): void => {
  const { points, reason, lot, lots } = fact.data;
  account.adjusted += points;
  const lotId = lot?.lotId ?? null;
  const line = movement(account, fact, 'adjusted', points, { lotId, note: reason });
  if (lot) {
    const { repaid, activatesAt, expiresAt } = lot;
    fill(changes, account, line, {
      lotId: lot.lotId,
      merchantId: null,
      purchaseId: null,
      points: lot.points,
      held: lot.points - repaid,
      earnedAt: activatesAt, // active at once
      activatesAt,
      expiresAt,
      position: fact.position,
    });
    line.deficit = -repaid;
  }
  take(changes, account, line, lots, 'unknown');
  changes.movements.push(line);
};

type Moved = Extract<
  AccountEvent,
  {
    type:
      | 'PointsRedeemed'
      | 'PointsRestored'
      | 'PointsClawedBack'
      | 'PointsAwardTakenBack'
      | 'PointsActivated'
      | 'PointsExpired';
  }
>;

const moved = (changes: BalanceChanges, account: AccountChange, fact: FactOf<Moved>): void => {
  const { points, lots } = fact.data;
  const line = lineOf(account, fact);
  switch (fact.type) {
    case 'PointsRedeemed':
      account.redeemed += points;
      take(changes, account, line, lots, 'active');
      break;
    case 'PointsRestored':
      account.restored += points;
      line.active += points - fact.data.repaid;
      line.deficit = -fact.data.repaid;
      for (const share of lots) lotOf(changes, account, share.lotId).remaining += share.points;
      break;
    case 'PointsClawedBack':
    case 'PointsAwardTakenBack':
      account.clawedBack -= line.points;
      line.deficit = fact.data.deficit;
      take(changes, account, line, lots, 'unknown');
      break;
    case 'PointsActivated':
      for (const share of lots) lotOf(changes, account, share.lotId).activated = true;
      line.active += points;
      line.pending -= points;
      break;
    case 'PointsExpired':
      account.expired += points;
      take(changes, account, line, lots, 'unknown');
      break;
  }
  changes.movements.push(line);
};

const lineOf = (account: AccountChange, fact: FactOf<Moved>): Movement => {
  switch (fact.type) {
    case 'PointsRedeemed':
      return movement(account, fact, 'redeemed', -fact.data.points, fact.data);
    case 'PointsRestored':
      return movement(account, fact, 'restored', fact.data.points, {
        purchaseId: fact.data.purchaseId,
        note: fact.data.cause,
      });
    case 'PointsClawedBack':
      return movement(account, fact, 'clawedBack', fact.data.forgiven - fact.data.points, {
        purchaseId: fact.data.purchaseId,
        note: fact.data.cause,
      });
    case 'PointsAwardTakenBack':
      return movement(account, fact, 'clawedBack', fact.data.forgiven - fact.data.points, {
        lotId: fact.data.lotId,
        note: fact.data.cause,
      });
    case 'PointsActivated':
      return movement(account, fact, 'activated', 0);
    case 'PointsExpired':
      return movement(account, fact, 'expired', -fact.data.points);
  }
};

const accountOf = (changes: BalanceChanges, fact: FactOf<AccountEvent>): AccountChange => {
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

const movement = (
  account: AccountChange,
  fact: FactOf<AccountEvent>,
  kind: MovementKind,
  points: number,
  about: {
    readonly purchaseId?: string | null;
    readonly lotId?: string | null;
    readonly merchantId?: number | null;
    readonly note?: string | null;
  } = {},
): Movement => ({
  account: account.account,
  tenant: account.tenant,
  userId: account.userId,
  revision: fact.revision,
  position: fact.position,
  occurredAt: occurredAtOf(fact),
  kind,
  points,
  active: 0,
  pending: 0,
  deficit: 0,
  purchaseId: about.purchaseId ?? null,
  lotId: about.lotId ?? null,
  merchantId: about.merchantId ?? null,
  note: about.note ?? null,
  open: [],
});

const lotOf = (changes: BalanceChanges, account: AccountChange, lotId: string): LotChange => {
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
const emptyLots = (changes: BalanceChanges, { account }: AccountChange): void => {
  for (const lot of changes.lots.values()) if (lot.account === account) lot.remaining = 0;
};

/** A new lot. One whose activation is not after its earning is active from the start. */
const fill = (
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

const take = (
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
