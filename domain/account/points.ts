/**
 * The points of an account: its lots and what it owes. The part of the state that deciders try events out on: `tryPoints` leaves
 * the given points as they were, `foldPoints` is for recorded facts alone and may reuse the given lists.
 *
 * Invariants: the totals are the sums of the lots; no lot is empty; who owes has no points (min(deficit, active + pending) = 0),
 * since whatever comes in repays the deficit first.
 */
import type { AccountEvent } from './events.js';
import {
  byActivation,
  byConsumption,
  type Change,
  type Lot,
  pointsIn,
  withLot,
  withLots,
  withoutShares,
} from './lots.js';

export interface Points {
  /** In consumption order. */
  readonly active: readonly Lot[];
  /** In the order of their activation. */
  readonly pending: readonly Lot[];
  readonly activeTotal: number;
  readonly pendingTotal: number;
  readonly deficit: number;
}

export const noPoints = (): Points => ({
  active: [],
  pending: [],
  activeTotal: 0,
  pendingTotal: 0,
  deficit: 0,
});

type PointsEvent = Extract<
  AccountEvent,
  {
    type:
      | 'PointsEarned'
      | 'PointsAwarded'
      | 'PointsAwardTakenBack'
      | 'PointsAdjusted'
      | 'PointsRestored'
      | 'PointsRedeemed'
      | 'PointsExpired'
      | 'PointsClawedBack'
      | 'PointsActivated'
      | 'AccountClosed';
  }
>;

/** As events record it, in hundredths. */
export interface Balance {
  readonly active: number;
  readonly pending: number;
  readonly deficit: number;
}

export const balanceOf = (points: Points): Balance => ({
  active: points.activeTotal,
  pending: points.pendingTotal,
  deficit: points.deficit,
});

export const tryPoints = (points: Points, event: AccountEvent): Points =>
  evolve(points, event, 'copied');

export const foldPoints = (points: Points, event: AccountEvent): Points =>
  evolve(points, event, 'inPlace');

const evolve = (points: Points, event: AccountEvent, change: Change): Points => {
  switch (event.type) {
    case 'PointsAwarded':
    case 'PointsEarned': {
      const { lotId, repaid, earnedAt, activatesAt, expiresAt } = event.data;
      const merchantId = event.type === 'PointsEarned' ? event.data.merchantId : null;
      const held = event.data.points - repaid;
      const lot = { lotId, merchantId, points: held, earnedAt, activatesAt, expiresAt };
      return repay(
        activatesAt <= earnedAt
          ? addActive(points, [lot], change)
          : addPending(points, lot, change),
        repaid,
      );
    }
    case 'PointsAdjusted': {
      const { lot, lots } = event.data;
      if (!lot) return remove(points, lots, change);
      const { lotId, repaid, activatesAt, expiresAt } = lot;
      const held = lot.points - repaid;
      const made = { lotId, points: held, activatesAt, expiresAt };
      return repay(
        addActive(points, [{ ...made, merchantId: null, earnedAt: activatesAt }], change),
        repaid,
      );
    }
    case 'PointsRestored': {
      const lots = event.data.lots.map((part) => ({ ...part, activatesAt: part.earnedAt }));
      return repay(addActive(points, lots, change), event.data.repaid);
    }
    case 'PointsRedeemed':
    case 'PointsExpired':
      return remove(points, event.data.lots, change);
    case 'PointsAwardTakenBack':
    case 'PointsClawedBack': {
      const left = remove(points, event.data.lots, change);
      return { ...left, deficit: left.deficit + event.data.deficit };
    }
    case 'PointsActivated': {
      const { lots } = event.data;
      const awake = new Set(lots.map(({ lotId }) => lotId));
      const woken = points.pending.filter(({ lotId }) => awake.has(lotId));
      return addActive(removePending(points, lots, change), woken, change);
    }
    case 'AccountClosed':
      return noPoints();
    default:
      return untouched(event, points);
  }
};

/** What changes points is named above: an event that does and is not does not compile. */
const untouched = (_event: Exclude<AccountEvent, PointsEvent>, points: Points): Points => points;

const addActive = (points: Points, lots: readonly Lot[], change: Change): Points => ({
  ...points,
  active: withLots(points.active, lots, byConsumption, change),
  activeTotal: points.activeTotal + pointsIn(lots),
});

const addPending = (points: Points, lot: Lot, change: Change): Points => ({
  ...points,
  pending: withLot(points.pending, lot, byActivation, change),
  pendingTotal: points.pendingTotal + lot.points,
});

const repay = (points: Points, repaid: number): Points =>
  repaid === 0 ? points : { ...points, deficit: points.deficit - repaid };

type Shares = Parameters<typeof withoutShares>[1];

const removePending = (points: Points, shares: Shares, change: Change): Points => {
  const { lots, taken } = withoutShares(points.pending, shares, change);
  return { ...points, pending: lots, pendingTotal: points.pendingTotal - taken };
};

/** From active lots; what is not found there is taken from pending ones. */
const remove = (points: Points, shares: Shares, change: Change): Points => {
  const { lots, taken } = withoutShares(points.active, shares, change);
  const left = { ...points, active: lots, activeTotal: points.activeTotal - taken };
  return taken === pointsIn(shares) ? left : removePending(left, shares, change);
};
