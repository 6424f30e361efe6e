/**
 * What is due by itself: pending points that wake up and active ones that expire. Every decision on an account settles this
 * first, as of its own time, so it never depends on how late the timer is.
 */
import { rejected } from '../rejected.js';
import type { AccountEvent } from './events.js';
import { type Lot, pointsIn, shareOf } from './lots.js';
import { tryPoints, type Points } from './points.js';
import type { Account } from './state.js';

/** Of one event; what exceeds it goes into another. */
const sharesMax = 10_000;

export interface Settled {
  readonly events: AccountEvent[];
  /** After the events. */
  readonly points: Points;
}

/** Everything due up to `asOf` (ms, inclusive). */
export const settle = (points: Points, asOf: number): Settled => {
  const woken = head(points.pending, (lot) => lot.activatesAt <= asOf);
  const activations = events('PointsActivated', woken, asOf);
  const awake = activations.reduce(tryPoints, points);
  const dead = head(awake.active, (lot) => isExpired(lot, asOf));
  const expiries = events('PointsExpired', dead, asOf);
  return { events: [...activations, ...expiries], points: expiries.reduce(tryPoints, awake) };
};

/** When something is due next (ms), null when nothing ever is. For the timer. */
export const nextDue = (points: Points): number | null => {
  const wakes = points.pending[0]?.activatesAt ?? Infinity;
  const dies = points.active[0]?.expiresAt ?? Infinity;
  const next = Math.min(wakes, dies);
  return Number.isFinite(next) ? next : null;
};

export const isExpired = (lot: { readonly expiresAt: number | null }, asOf: number): boolean =>
  lot.expiresAt !== null && lot.expiresAt <= asOf;

/** The timer's decision. Nothing due, or an account that is closed, decides nothing. */
export const settlePoints = (
  command: { readonly asOf: number },
  account: Account,
): AccountEvent[] => {
  if (account.status === 'unknown') throw rejected('account-not-found');
  return settle(account.points, command.asOf).events;
};

const head = (lots: readonly Lot[], due: (lot: Lot) => boolean): readonly Lot[] => {
  const end = lots.findIndex((lot) => !due(lot));
  return end === 0 ? none : end < 0 ? lots : lots.slice(0, end);
};
const none: readonly Lot[] = [];

const events = (
  type: 'PointsActivated' | 'PointsExpired',
  due: readonly Lot[],
  asOf: number,
): AccountEvent[] => {
  const made: AccountEvent[] = [];
  for (let start = 0; start < due.length; start += sharesMax) {
    const lots = due.slice(start, start + sharesMax).map(shareOf);
    made.push({ type, data: { lots, points: pointsIn(lots), asOf } });
  }
  return made;
};
