/**
 * A campaign as it is written down: when it holds, what it gives, and what bounds it. One version never changes its content, so
 * that a receipt can say for ever which one decided it.
 *
 * The schema is the one source of the static type, the JSON Schema and the console's forms. What it cannot say (a group that is
 * played by two rules, a bundle with two prices) is in faults.ts.
 */
import { Type, type Static } from '@sinclair/typebox';
import { Money, Points } from '../amount.js';
import { BasisPoints, Name } from './arguments.js';
import { Condition, ConditionTree } from './conditionTree.js';
import { CampaignId } from './discount.js';
import { Reward } from './rewards.js';

export { CampaignId } from './discount.js';

const closed = { additionalProperties: false } as const;

export const groupRules = ['stack', 'best', 'first', 'exclusive'] as const;
export type GroupRule = (typeof groupRules)[number];
export const Group = Type.Object(
  {
    name: Name,
    rule: Type.Unsafe<GroupRule>(
      Type.String({
        enum: [...groupRules],
        description:
          'stack: all that hold apply; best: the one that gives the customer most when the turn of the group comes; first: the first that gives anything; exclusive: such a one stands alone, no other campaign applies',
      }),
    ),
  },
  closed,
);

/** An amount and a share may both be given: the smaller holds. */
const DiscountCap = Type.Object(
  { amount: Type.Optional(Money), basisPoints: Type.Optional(BasisPoints) },
  { ...closed, minProperties: 1, description: 'Of the price before anything was taken off' },
);
export const Caps = Type.Object(
  {
    perLine: Type.Optional(DiscountCap),
    perReceipt: Type.Optional(DiscountCap),
    pointsPerReceipt: Type.Optional(Points),
  },
  closed,
);
export type DiscountCap = Static<typeof DiscountCap>;
export type Caps = Static<typeof Caps>;

const Period = Type.Union([
  Type.Literal('ever'),
  Type.Literal('month'),
  Type.Literal('week'),
  Type.Literal('day'),
]);

/** Declared here, counted by those who keep the counters: pricing is told what remains. */
export const Limits = Type.Object(
  {
    perCustomer: Type.Optional(
      Type.Object({ uses: Type.Integer({ minimum: 1 }), per: Period }, closed),
    ),
    budgets: Type.Optional(
      Type.Array(
        Type.Object(
          {
            of: Type.Union([Type.Literal('amount'), Type.Literal('points'), Type.Literal('uses')]),
            most: Type.Integer({ minimum: 1, maximum: 1_000_000_000_000_000 }),
            per: Type.Optional(Period),
            eachMerchant: Type.Optional(Type.Boolean()),
          },
          closed,
        ),
        { minItems: 1, maxItems: 10 },
      ),
    ),
  },
  closed,
);

/** Of the points that the campaign gives; the programme's own where left out. */
export const PointsTerms = Type.Object(
  {
    activationDelayDays: Type.Optional(Type.Integer({ minimum: 0, maximum: 3_650 })),
    lifetimeDays: Type.Optional(
      Type.Union([Type.Integer({ minimum: 1, maximum: 36_500 }), Type.Null()]),
    ),
  },
  closed,
);
export type PointsTerms = Static<typeof PointsTerms>;

const Instant = Type.String({
  format: 'date-time',
  maxLength: 40,
  examples: ['2026-03-01T00:00:00Z'],
});

export const Campaign = Type.Object(
  {
    campaignId: CampaignId,
    version: Type.Integer({ minimum: 1 }),
    name: Type.String({ minLength: 1, maxLength: 200 }),
    priority: Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      description: 'The lower goes first; among equals the order of the ids',
    }),
    group: Type.Optional(Group),
    valid: Type.Optional(
      Type.Object({ from: Type.Optional(Instant), until: Type.Optional(Instant) }, closed),
    ),
    when: Type.Optional(Condition),
    rewards: Type.Array(Reward, { minItems: 1, maxItems: 20 }),
    caps: Type.Optional(Caps),
    limits: Type.Optional(Limits),
    pointsTerms: Type.Optional(PointsTerms),
    texts: Type.Optional(
      Type.Object(
        {
          cashier: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
          slip: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
        },
        { ...closed, description: 'Said where the campaign applied; its name where left out' },
      ),
    ),
  },
  { ...closed, title: 'Campaign', $defs: { Condition: ConditionTree } },
);
export type Campaign = Static<typeof Campaign>;
