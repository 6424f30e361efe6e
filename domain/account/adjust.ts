/**
 * Points given or taken by hand, always with a reason. Given ones are a lot that is active at once and issued by nobody; taken
 * ones come from the lots in the usual order and never make a deficit.
 */
import type { EventOf } from '../event.js';
import type { LotId } from '../ids.js';
import type { ProgrammeRule } from '../programme/rule.js';
import { rejected } from '../rejected.js';
import { amountMax } from './basket.js';
import type { AccountEvent, PointsAdjusted } from './events.js';
import { shareOf, takeFrom } from './lots.js';
import { settle } from './settle.js';
import type { Account } from './state.js';

export interface Adjustment {
  /** Unique in the account, so that a repeat is known. */
  readonly adjustmentId: string;
  /** Hundredths, more or less than zero. */
  readonly points: number;
  readonly reason: string;
  /** Milliseconds. */
  readonly at: number;
}

export type AdjustedPoints = EventOf<typeof PointsAdjusted>['data'];

const dayMs = 86_400_000;

/**
 * `recorded` is the adjustment of this id where the account has one, null where it has none.
 * @throws Rejected account-not-found, account-closed, adjustment-exists, not-enough-points, basket-too-large
 */
export const adjustPoints = (
  adjustment: Adjustment,
  account: Account,
  rule: Pick<ProgrammeRule, 'lifetimeDays'>,
  recorded: AdjustedPoints | null,
): AccountEvent[] => {
  const { adjustmentId, points, reason, at } = adjustment;
  if (account.status === 'unknown') throw rejected('account-not-found');
  if (account.adjustments.has(adjustmentId)) {
    if (recorded === null) throw new Error('the recorded adjustment has to be looked up');
    const same = recorded.points === points && recorded.reason === reason;
    if (!same) throw rejected('adjustment-exists', { adjustmentId });
    return []; // already carried out
  }
  if (account.status !== 'open') throw rejected('account-closed');
  const due = settle(account.points, at);
  const { active, activeTotal, pendingTotal, deficit } = due.points;
  if (points < 0) {
    if (-points > activeTotal) {
      throw rejected('not-enough-points', { asked: -points, active: activeTotal });
    }
    const lots = takeFrom(active, -points).map(shareOf);
    const data = { adjustmentId, points, reason, lot: null, lots };
    return [...due.events, { type: 'PointsAdjusted', data }];
  }
  if (activeTotal + pendingTotal + points > amountMax) {
    throw rejected('basket-too-large', { most: amountMax });
  }
  const lot = {
    lotId: `by-hand.${adjustmentId}` as LotId,
    points,
    repaid: Math.min(deficit, points),
    activatesAt: at,
    expiresAt: rule.lifetimeDays === null ? null : at + rule.lifetimeDays * dayMs,
  };
  const data = { adjustmentId, points, reason, lot, lots: [] };
  return [...due.events, { type: 'PointsAdjusted', data }];
};
