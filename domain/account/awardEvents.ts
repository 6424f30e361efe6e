/**
 * Points that the programme gives for something else than goods, and takes back again. They are issued by the programme itself, so no
 * merchant owes for them.
 *
 * These names are the storage format: proof-read, version with care.
 */
import { Type } from '@sinclair/typebox';
import { Points } from '../amount.js';
import { event } from '../event.js';
import { LotId } from '../ids.js';
import { ClawbackPolicy } from '../programme/rule.js';
import { LotShare } from './pointEvents.js';

const Instant = Type.Integer({ minimum: 0, description: 'Milliseconds since the epoch, UTC' });
/** What it is for, unique in the account: a referral. */
const Cause = Type.String({ maxLength: 80 });

/** A new lot. `repaid` of `points` went to an open deficit; the lot holds the rest (which may be nothing). */
export const PointsAwarded = event('PointsAwarded', {
  lotId: LotId,
  cause: Cause,
  points: Points,
  repaid: Points,
  earnedAt: Instant,
  activatesAt: Instant,
  expiresAt: Type.Union([Instant, Type.Null()]),
});

/** `points` = the sum of `lots` + `deficit` + `forgiven`. */
export const PointsAwardTakenBack = event('PointsAwardTakenBack', {
  lotId: LotId,
  cause: Cause,
  /** Of the programme's rule when the points were given. */
  policy: ClawbackPolicy,
  points: Points,
  lots: Type.Array(LotShare, { maxItems: 10_000 }),
  deficit: Points,
  /** What the policy lets the customer keep. */
  forgiven: Points,
});

export const awardEvents = [PointsAwarded, PointsAwardTakenBack] as const;
