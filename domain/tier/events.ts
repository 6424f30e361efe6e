/**
 * What can happen to a customer's tier. These events are part of the account's stream: a purchase and the level it brings are one
 * append.
 *
 * These names are the storage format: proof-read, version with care.
 */
import { Type } from '@sinclair/typebox';
import { Money, Points } from '../amount.js';
import { event, type EventOf } from '../event.js';
import { PurchaseId } from '../ids.js';
import { TierName } from './scheme.js';

const Instant = Type.Integer({ minimum: 0, description: 'Milliseconds since the epoch, UTC' });
const InstantOrNull = Type.Union([Instant, Type.Null()]);
const TierOrNull = Type.Union([TierName, Type.Null()]);
const Figure = Type.Integer({ minimum: 0, description: 'As the scheme counts, in its window' });
const schemeVersion = Type.Integer({ minimum: 1 });
/** The first day (since the epoch, UTC) of what proved the level; null: since enrolment. */
const evidenceFrom = Type.Union([Type.Integer(), Type.Null()]);
const Cause = Type.String({ maxLength: 80 });

/** Up at once, by a purchase; down by a review. `until` is when it is reviewed next, null: never. */
export const TierChanged = event('TierChanged', {
  from: TierOrNull,
  to: TierOrNull,
  figure: Figure,
  until: InstantOrNull,
  cause: Type.Union([Type.Literal('purchase'), Type.Literal('review')]),
  purchaseId: Type.Optional(PurchaseId),
  schemeVersion,
  evidenceFrom,
});

/** A review found the level reached again, or still borne out after a return. */
export const TierKept = event('TierKept', {
  tier: TierName,
  figure: Figure,
  until: InstantOrNull,
  schemeVersion,
  evidenceFrom,
});

/** A review found the level not reached again; it is kept until the grace is over. */
export const TierGraceGranted = event('TierGraceGranted', {
  tier: TierName,
  figure: Figure,
  needed: Figure,
  until: Instant,
  schemeVersion,
  evidenceFrom,
});

/** A return took back what had proved the level: it is looked at again at the end of that day, before its period ends. */
export const TierReviewBroughtForward = event('TierReviewBroughtForward', {
  tier: TierName,
  figure: Figure,
  needed: Figure,
  until: Instant,
  purchaseId: PurchaseId,
  cause: Cause,
});

/** What a returned purchase had counted, taken from the day on which it was counted. */
export const TierFiguresTakenBack = event('TierFiguresTakenBack', {
  purchaseId: PurchaseId,
  cause: Cause,
  /** Since the epoch, UTC. */
  day: Type.Integer(),
  spent: Money,
  earned: Points,
});

export const tierEvents = [
  TierChanged,
  TierKept,
  TierGraceGranted,
  TierReviewBroughtForward,
  TierFiguresTakenBack,
] as const;
export type TierEvent = EventOf<(typeof tierEvents)[number]>;
