/**
 * What can happen to the points of an account, lot by lot. Part of the account's stream: see events.ts.
 *
 * These names are the storage format: proof-read, version with care.
 */
import { Type, type Static } from '@sinclair/typebox';
import { Money, Points, SignedPoints } from '../amount.js';
import { event } from '../event.js';
import { GameName } from '../game/definition.js';
import { LotId, MerchantId, PurchaseId } from '../ids.js';
import { CampaignId } from '../pricing/discount.js';
import { ClawbackPolicy } from '../programme/rule.js';

const Instant = Type.Integer({ minimum: 0, description: 'Milliseconds since the epoch, UTC' });
const InstantOrNull = Type.Union([Instant, Type.Null()]);
const closed = { additionalProperties: false } as const;

/** Points taken from or given back to one lot. */
export const LotShare = Type.Object({ lotId: LotId, points: Points }, closed);
export type LotShare = Static<typeof LotShare>;

/**
 * A share with the terms of its lot: a lot that was spent to the last point is forgotten by the account, and comes back whole
 * from here when the purchase is returned. The issuer is null where the lot was made by hand.
 */
export const LotPart = Type.Object(
  {
    lotId: LotId,
    points: Points,
    merchantId: Type.Union([MerchantId, Type.Null()]),
    earnedAt: Instant,
    expiresAt: InstantOrNull,
  },
  closed,
);
export type LotPart = Static<typeof LotPart>;

export const PointsRedeemed = event('PointsRedeemed', {
  purchaseId: PurchaseId,
  merchantId: MerchantId,
  points: Points,
  value: Money,
  lots: Type.Array(LotPart, { maxItems: 10_000 }),
});

/** A new lot. `repaid` of `points` went to an open deficit; the lot holds the rest (which may be nothing). */
export const PointsEarned = event('PointsEarned', {
  purchaseId: PurchaseId,
  lotId: LotId,
  /** Whose points have terms of their own and so a lot of their own; the other campaigns' are in the programme's lot. */
  campaignId: Type.Optional(CampaignId),
  /** Whose reward they are. */
  game: Type.Optional(GameName),
  merchantId: MerchantId,
  points: Points,
  repaid: Points,
  earnedAt: Instant,
  activatesAt: Instant,
  expiresAt: InstantOrNull,
  /** What a return will take back: the policy of the rule the points were earned under, not of a later one. */
  clawback: ClawbackPolicy,
});

/**
 * Redeemed points given back to their own lots: `points` = the sum of `lots` + `repaid`, which went to an open deficit first.
 * `cause` is the return's id, or the purchase's where it was cancelled.
 */
export const PointsRestored = event('PointsRestored', {
  purchaseId: PurchaseId,
  cause: Type.String({ maxLength: 80 }),
  points: Points,
  repaid: Points,
  lots: Type.Array(LotPart, { maxItems: 10_000 }),
});

/** Earned points taken back: `points` = the sum of `lots` + `deficit` + `forgiven`. */
export const PointsClawedBack = event('PointsClawedBack', {
  purchaseId: PurchaseId,
  cause: Type.String({ maxLength: 80 }),
  policy: ClawbackPolicy,
  points: Points,
  lots: Type.Array(LotShare, { maxItems: 10_000 }),
  deficit: Points,
  /** What the policy lets the customer keep. */
  forgiven: Points,
});

export const PointsActivated = event('PointsActivated', {
  lots: Type.Array(LotShare, { minItems: 1, maxItems: 10_000 }),
  points: Points,
  asOf: Instant,
});

export const PointsExpired = event('PointsExpired', {
  lots: Type.Array(LotShare, { minItems: 1, maxItems: 10_000 }),
  points: Points,
  asOf: Instant,
});

/** By hand. More than zero makes a lot that is active at once; less consumes lots in the usual order. */
export const PointsAdjusted = event('PointsAdjusted', {
  adjustmentId: Type.String({ maxLength: 64 }),
  points: SignedPoints,
  reason: Type.String({ maxLength: 500 }),
  lot: Type.Union([
    Type.Object(
      {
        lotId: LotId,
        points: Points,
        repaid: Points,
        activatesAt: Instant,
        expiresAt: InstantOrNull,
      },
      closed,
    ),
    Type.Null(),
  ]),
  lots: Type.Array(LotShare, { maxItems: 10_000 }),
});

export const pointEvents = [
  PointsRedeemed,
  PointsEarned,
  PointsRestored,
  PointsClawedBack,
  PointsActivated,
  PointsExpired,
  PointsAdjusted,
] as const;
