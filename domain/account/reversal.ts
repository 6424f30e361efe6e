/**
 * Taking back what a purchase did to the points, for the part of it that is returned: redeemed points go back to the lots they
 * came from, earned ones are taken back under the policy they were earned under.
 *
 * Only recorded effects are reversed, nothing is calculated again by a rule. Points are given back first, so that what the
 * customer gets can pay for what is taken.
 */
import { unreachable, type EventOf } from '../event.js';
import type { LotId, PurchaseId } from '../ids.js';
import type {
  AccountEvent,
  LotPart,
  LotShare,
  PointsClawedBack,
  PointsEarned,
  PointsRedeemed,
  Reason,
} from './events.js';
import { because } from './explain.js';
import { type Lot, pointsIn, shareOf } from './lots.js';
import { tryPoints, type Points } from './points.js';
import { isExpired } from './settle.js';

export type Redeemed = EventOf<typeof PointsRedeemed>['data'];
export type Earned = EventOf<typeof PointsEarned>['data'];
type ClawedBack = EventOf<typeof PointsClawedBack>['data'];

export interface Reversal {
  readonly purchaseId: PurchaseId;
  /** The return's id, or the purchase's where it is cancelled. */
  readonly cause: string;
  readonly redeemed: Redeemed | null;
  /** Hundredths of the redeemed points that earlier returns gave back. */
  readonly restoredBefore: number;
  readonly restore: number;
  /** By the lot that the points were earned in. */
  readonly takeBack: readonly TakeBack[];
  /** Milliseconds. */
  readonly at: number;
}

export interface TakeBack {
  readonly earned: Pick<Earned, 'lotId' | 'clawback'>;
  readonly points: number;
}

export interface Reversed {
  readonly events: AccountEvent[];
  readonly why: Reason[];
  readonly points: Points;
}

export const reversePoints = (reversal: Reversal, before: Points): Reversed => {
  const events: AccountEvent[] = [];
  const why: Reason[] = [];
  let points = before;
  const add = (event: AccountEvent, ...reasons: Reason[]): void => {
    events.push(event);
    why.push(...reasons);
    points = tryPoints(points, event);
  };
  if (reversal.restore > 0 && reversal.redeemed) restore(reversal, reversal.redeemed, points, add);
  const [first] = reversal.takeBack;
  if (first && pointsIn(reversal.takeBack) > 0) takeBack(reversal, first.earned, points, add);
  return { events, why, points };
};

type Add = (event: AccountEvent, ...reasons: Reason[]) => void;

const restore = (reversal: Reversal, redeemed: Redeemed, before: Points, add: Add): void => {
  const { purchaseId, cause, restoredBefore, restore: points, at } = reversal;
  const repaid = Math.min(before.deficit, points);
  const parts = lastTaken(redeemed.lots, restoredBefore, points);
  const lots = lastTaken(parts, 0, points - repaid);
  const reasons = [because('points-restored', { points })];
  if (repaid > 0) {
    reasons.push(because('deficit-repaid', { points: repaid, left: before.deficit - repaid }));
  }
  const restored = { purchaseId, cause, points, repaid, lots };
  add({ type: 'PointsRestored', data: restored }, ...reasons);
  const dead = lots.filter((part) => isExpired(part, at)).map(shareOf);
  if (dead.length === 0) return;
  const expired = { lots: dead, points: pointsIn(dead), asOf: at };
  add(
    { type: 'PointsExpired', data: expired },
    because('restored-points-expired', { points: expired.points }),
  );
};

/** What was taken last goes back first: the points that live longest. In consumption order, like `parts`. */
const lastTaken = (parts: readonly LotPart[], skip: number, points: number): LotPart[] => {
  const back: LotPart[] = [];
  let skipped = skip;
  let left = points;
  for (let index = parts.length - 1; index >= 0 && left > 0; index -= 1) {
    const part = parts[index] as LotPart;
    const passed = Math.min(part.points, skipped);
    skipped -= passed;
    const share = Math.min(part.points - passed, left);
    left -= share;
    if (share > 0) back.push({ ...part, points: share });
  }
  return back.reverse();
};

const takeBack = (
  { purchaseId, cause, takeBack: wanted }: Reversal,
  { clawback: policy }: TakeBack['earned'],
  before: Points,
  add: Add,
): void => {
  const points = pointsIn(wanted);
  const lots = reachable(wanted, policy, before);
  const missing = points - pointsIn(lots);
  const deficit = policy === 'allowDeficit' ? missing : 0;
  const forgiven = missing - deficit;
  const reasons: Reason[] = [];
  if (lots.length > 0) {
    reasons.push(because('points-taken-back', { points: pointsIn(lots), policy }));
  }
  if (deficit > 0) reasons.push(because('deficit-made', { points: deficit }));
  if (forgiven > 0) reasons.push(because('points-forgiven', { points: forgiven, policy }));
  const data: ClawedBack = { purchaseId, cause, policy, points, lots, deficit, forgiven };
  add({ type: 'PointsClawedBack', data }, ...reasons);
};

/**
 * The purchase's own lots first, each for what was earned in it; then, where the policy goes so far, active points of any, and
 * pending ones last. All lots of a purchase are of one rule and so of one policy.
 */
export const reachable = (
  wanted: readonly TakeBack[],
  policy: Earned['clawback'],
  { active, pending }: Points,
): LotShare[] => {
  const shares = new Map<LotId, number>();
  const take = (lots: readonly Lot[], points: number): number => {
    let left = points;
    for (const { lotId, points: held } of lots) {
      if (left === 0) break;
      const taken = shares.get(lotId) ?? 0;
      const share = Math.min(held - taken, left);
      if (share > 0) shares.set(lotId, taken + share);
      left -= share;
    }
    return left;
  };
  let left = 0;
  for (const { earned, points } of wanted) {
    const isOwn = ({ lotId }: LotShare): boolean => lotId === earned.lotId;
    const own = pending.filter(isOwn);
    if (policy !== 'pendingOnly') own.push(...active.filter(isOwn));
    left += take(own, points);
  }
  switch (policy) {
    case 'pendingOnly':
      break;
    case 'withinBalance':
    case 'allowDeficit':
      if (left > 0) take(pending, take(active, left));
      break;
    default:
      return unreachable(policy);
  }
  return [...shares].map(([lotId, points]) => ({ lotId, points }));
};
