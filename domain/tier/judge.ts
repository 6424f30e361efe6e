/**
 * Judging a customer's tier: up at once when a purchase reaches a level, down only when a period is over.
 *
 * Within a period a level never falls, whatever is bought and given back, with one exception: where a return takes away what had
 * proved the level, it is looked at again at the end of that day, so that nobody buys a level for a year and returns the goods. They
 * are where they were before it, then: the level and the end of its period come back, if its own proof still stands.
 */
import type { PurchaseId } from '../ids.js';
import type { TierEvent } from './events.js';
import { dayMs, dayOf, figureBetween, type Qualifying } from './figures.js';
import {
  levelAt,
  neededFor,
  periodEnd,
  rankOf,
  rankReached,
  type VersionedScheme,
  windowStart,
} from './scheme.js';
import { countQualifying, type EarlierLevel, evolveStanding, type Standing } from './standing.js';

export interface Judged {
  readonly events: TierEvent[];
  /** After the events. */
  readonly standing: Standing;
}

/** Periods that are made up for at once, where nobody looked for long. */
const periodsAtOnce = 100;

const finite = (day: number): number | null => (Number.isFinite(day) ? day : null);

/** Every review that is due up to `now` (ms, inclusive). A decision on the account calls it before anything depends on the tier. */
export const settleTier = (
  standing: Standing,
  current: VersionedScheme | null,
  now: number,
): Judged => {
  const events: TierEvent[] = [];
  let after = standing;
  for (let count = 0; current && count < periodsAtOnce; count += 1) {
    const event = review(after, current, now);
    if (event === null) break;
    events.push(event);
    after = evolveStanding(after, event);
  }
  return { events, standing: after };
};

/** When a review is due (ms), null: never. For the timer. */
export const nextReview = ({ until }: Standing): number | null => until;

const review = (
  standing: Standing,
  { version, scheme }: VersionedScheme,
  now: number,
): TierEvent | null => {
  const { level, until, periodEnds, inGrace, figures } = standing;
  if (until === null || until > now || level === null) return null;
  const last = dayOf(until) - 1;
  const early = !inGrace && standing.doubted;
  const extended = inGrace || early;
  const from = extended ? (standing.evidenceFrom ?? -Infinity) : windowStart(scheme, last);
  const figure = figureBetween(figures, scheme.basis, from, last);
  const rank = rankOf(scheme, level);
  const reached = rankReached(scheme, figure);
  // After a grace the next period counts from the end of the one before, not from that of the grace.
  const ends = early ? periodEnds : periodEnd(scheme, dayOf(periodEnds ?? until));
  const told = { figure, schemeVersion: version, evidenceFrom: finite(from) };
  const back = early && reached < rank ? heldBefore(standing, scheme, until) : null;
  if (back && rankOf(scheme, back.level) >= reached) {
    const { level: to, until: ofPeriod, evidenceFrom } = back;
    const stands = figureBetween(figures, scheme.basis, evidenceFrom ?? -Infinity, last);
    const data = { from: level, to, figure: stands, until: ofPeriod, evidenceFrom };
    return { type: 'TierChanged', data: { ...data, schemeVersion: version, cause: 'review' } };
  }
  if (rank > 0 && reached === rank) {
    return { type: 'TierKept', data: { tier: level, ...told, until: ends } };
  }
  if (reached < rank && !extended && scheme.graceDays > 0) {
    const grace = until + scheme.graceDays * dayMs;
    const needed = neededFor(scheme, rank);
    return { type: 'TierGraceGranted', data: { tier: level, needed, ...told, until: grace } };
  }
  const held = rank > reached && scheme.downgrade === 'oneLevel' && !early;
  const to = levelAt(scheme, held ? rank - 1 : reached);
  if (to === level) return { type: 'TierKept', data: { tier: level, ...told, until: ends } };
  const data = { from: level, to, ...told, until: to === null ? null : ends };
  return { type: 'TierChanged', data: { ...data, cause: 'review' } };
};

/** The last level before that would hold now, had there been no other after it. */
const heldBefore = (
  { before, figures }: Standing,
  scheme: VersionedScheme['scheme'],
  now: number,
): EarlierLevel | null => {
  const found = before.findLast(({ level, until, evidenceFrom, proof }) => {
    const rank = rankOf(scheme, level);
    if (rank === 0 || (until !== null && until <= now)) return false;
    const figure = figureBetween(figures, scheme.basis, evidenceFrom ?? -Infinity, dayOf(now) - 1);
    // One that was kept without being reached again, level by level down, stands as long as nothing of it was returned.
    return figure >= Math.min(proof ?? Infinity, neededFor(scheme, rank));
  });
  return found ?? null;
};

/**
 * What a purchase brings. `standing` has not counted it yet; `day` is that of the purchase, `now` when it is judged: a late
 * receipt counts on its own day and is judged when it arrives.
 */
export const judgePurchase = (
  standing: Standing,
  current: VersionedScheme | null,
  purchase: Qualifying & {
    readonly purchaseId: PurchaseId;
    readonly day: number;
    readonly now: number;
  },
): Judged => {
  const { purchaseId, day, now, spent, earned } = purchase;
  const counted = countQualifying(standing, day, { spent, earned });
  if (!current) return { events: [], standing: counted };
  const { version, scheme } = current;
  const today = dayOf(now);
  const from = windowStart(scheme, today);
  const figure = figureBetween(counted.figures, scheme.basis, from, today);
  const reached = rankReached(scheme, figure);
  const to = levelAt(scheme, reached);
  if (to === null || reached <= rankOf(scheme, counted.level))
    return { events: [], standing: counted };
  const event: TierEvent = {
    type: 'TierChanged',
    data: {
      from: counted.level,
      to,
      figure,
      until: periodEnd(scheme, today),
      cause: 'purchase',
      purchaseId,
      schemeVersion: version,
      evidenceFrom: finite(from),
    },
  };
  return { events: [event], standing: evolveStanding(counted, event) };
};

export interface ReturnedFigures extends Qualifying {
  readonly purchaseId: PurchaseId;
  /** The return's id, or the purchase's where it is cancelled. */
  readonly cause: string;
  /** On which the purchase was counted. */
  readonly day: number;
  readonly now: number;
}

/** What a return takes back of the figures, and whether the level has to be looked at again. */
export const judgeReturn = (
  standing: Standing,
  current: VersionedScheme | null,
  { purchaseId, cause, day, now, spent, earned }: ReturnedFigures,
): Judged => {
  if (spent === 0 && earned === 0) return { events: [], standing };
  const taken: TierEvent = {
    type: 'TierFiguresTakenBack',
    data: { purchaseId, cause, day, spent, earned },
  };
  const after = evolveStanding(standing, taken);
  const { level, until, inGrace, doubted, evidenceFrom, figures } = after;
  const tomorrow = (dayOf(now) + 1) * dayMs;
  const done = { events: [taken], standing: after };
  if (!current || level === null || inGrace || doubted) return done;
  const { scheme } = current;
  const needed = neededFor(scheme, rankOf(scheme, level));
  const from = evidenceFrom ?? -Infinity;
  const figure = figureBetween(figures, scheme.basis, from, dayOf(now));
  // A level that is kept without being reached, on its way down, stands by what it was kept with.
  if (figure >= Math.min(needed, standing.proof ?? Infinity)) return done;
  const forward: TierEvent = {
    type: 'TierReviewBroughtForward',
    data: {
      tier: level,
      figure,
      needed,
      until: Math.min(until ?? tomorrow, tomorrow),
      purchaseId,
      cause,
    },
  };
  return { events: [taken, forward], standing: evolveStanding(after, forward) };
};
