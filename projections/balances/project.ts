/** From facts of accounts to changes of their balances. Pure; see changes.ts for what stays open. */
import type { AccountEvent } from '../../domain/account/events.js';
import type { Fact } from '../../domain/fact.js';
import { type FactOf, occurredAtOf, typed } from '../facts.js';
import type { AccountChange, BalanceChanges } from './changes.js';
import { accountOf, emptyLots, fill, lotOf, take } from './lots.js';
import { lineOf, type Moved, movement } from './movements.js';

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
  fill(changes, account, line, { held, position: fact.position, ...fact.data, ...of });
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
