/**
 * A priced receipt: what every line costs and why, to the last minor unit. The parts of it that a purchase records have schemas,
 * so that events can hold them as they are and a return can take them back without asking any rule.
 *
 * Invariants: on every line amount = sum of the discounts + net, and the same for each unit; lines add up to the receipt; a line
 * of zero carries no part of anything.
 */
import { Type, type Static } from '@sinclair/typebox';
import { Money, Points, Quantity } from '../amount.js';
import { ProductId } from '../ids.js';
import type { PointsTerms } from './campaign.js';
import { CampaignId, campaignVersion, Discount } from './discount.js';
import { Effect } from './effects.js';

const closed = { additionalProperties: false } as const;

/** Points by their source: null is the programme's rule. */
export const PointsShare = Type.Object(
  { campaignId: Type.Union([CampaignId, Type.Null()]), points: Points },
  closed,
);
export type PointsShare = Static<typeof PointsShare>;

const figures = {
  /** Before anything was taken off. */
  amount: Money,
  /** After discounts, before points. */
  net: Money,
  paidByPoints: Money,
  pointsRedeemed: Points,
  pointsEarned: Points,
} as const;

/** Units of a line that cost the same: `count` times these figures. What points pay and earn of them is in unitPoints.ts. */
export const UnitShare = Type.Object(
  {
    count: Type.Integer({ minimum: 1 }),
    quantity: Quantity,
    amount: Money,
    net: Money,
    discounts: Type.Array(Discount, { maxItems: 200 }),
  },
  closed,
);
export type UnitShare = Static<typeof UnitShare>;

export const PricedLine = Type.Object(
  {
    position: Type.Integer({ minimum: 1, maximum: 10_000 }),
    productId: ProductId,
    quantity: Quantity,
    price: Money,
    ...figures,
    discounts: Type.Array(Discount, { maxItems: 200 }),
    points: Type.Array(PointsShare, { maxItems: 200 }),
    /** The first are returned last. Left out where all units of the line cost the same. */
    units: Type.Optional(Type.Array(UnitShare, { minItems: 1, maxItems: 10_000 })),
  },
  closed,
);
export type PricedLine = Static<typeof PricedLine>;

/** What a campaign did on the receipt: what its budgets and counters are charged with. */
export const Applied = Type.Object(
  {
    ...campaignVersion,
    name: Type.String(),
    discount: Money,
    points: Points,
    effects: Type.Array(Effect, { maxItems: 100 }),
    /** Codes of the coupons that it spends. */
    coupons: Type.Array(Type.String(), { maxItems: 100 }),
  },
  closed,
);
export type Applied = Static<typeof Applied>;

export const refusalCodes = {
  'not-yet-valid': 'The campaign had not begun',
  'no-longer-valid': 'The campaign was over',
  'condition-not-met': 'A condition of the campaign was not met',
  'gives-nothing': 'Nothing on the receipt is left for the campaign to reward',
  'for-customers-only': 'Each customer may use the campaign so often, and none was named',
  'limit-reached': 'The customer has used the campaign as often as allowed',
  'budget-spent': 'What the campaign may still give is less than it would give here',
  'another-was-better': 'Another campaign of the group gave more',
  'another-was-first': 'Another campaign of the group came first',
  excluded: 'A campaign that stands alone applied',
} as const;
export type RefusalCode = keyof typeof refusalCodes;

/** A campaign that did not apply. `by` names the condition that failed or the campaign that applied instead. */
export const Refusal = Type.Object(
  {
    ...campaignVersion,
    code: Type.String({ pattern: '^[a-z][a-z-]{2,60}$' }),
    by: Type.Optional(Type.String({ maxLength: 100 })),
  },
  closed,
);
export type Refusal = Static<typeof Refusal>;

/** A coupon that was shown: spent by these campaigns, or refused for a reason. */
export const CouponOutcome = Type.Object(
  {
    code: Type.String(),
    series: Type.String(),
    campaigns: Type.Array(CampaignId, { maxItems: 200 }),
    /** Kebab-case; null where the coupon was used. */
    refusal: Type.Union([Type.String(), Type.Null()]),
  },
  closed,
);
export type CouponOutcome = Static<typeof CouponOutcome>;

/** What a receipt comes to at one redemption. Points in hundredths, money in minor units. */
export interface Scenario {
  readonly pointsRedeemed: number;
  readonly paidByPoints: number;
  readonly toPay: number;
  readonly pointsEarned: number;
}

export interface PricedReceipt {
  readonly currency: string;
  /** As the till sent them. */
  readonly lines: readonly PricedLine[];
  /** Before anything was taken off. */
  readonly total: number;
  readonly discount: number;
  /** total - discount: what money and points have to pay. */
  readonly net: number;
  readonly paidByPoints: number;
  readonly pointsRedeemed: number;
  readonly toPay: number;
  /** Minor units that the programme's rule earned on. */
  readonly eligible: number;
  readonly pointsEarned: number;
  /** Of the earned points, by source, the programme's first. */
  readonly points: readonly (PointsShare & { readonly terms?: PointsTerms })[];
  /** The most that points may pay, and what sets that bound. */
  readonly most: {
    readonly points: number;
    readonly value: number;
    readonly limitedBy: 'balance' | 'rule';
  };
  readonly atNone: Scenario;
  readonly asAsked: Scenario;
  readonly atMost: Scenario;
  /** In the order of their turns. */
  readonly applied: readonly Applied[];
  /** Campaigns that had a chance and did not apply, in the order of their turns. */
  readonly refused: readonly Refusal[];
  readonly coupons: readonly CouponOutcome[];
  readonly texts: { readonly cashier: readonly string[]; readonly slip: readonly string[] };
}
