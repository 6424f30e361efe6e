/**
 * The points rule of a tenant: how points are earned by amount, how long they sleep and live, how much of a receipt they may
 * pay, and what a return takes back. One rule per tenant, versioned: a purchase records the version it was decided under.
 */
import { Type, type Static } from '@sinclair/typebox';
import { Currency, Points } from '../amount.js';

export const ClawbackPolicy = Type.Union(
  [Type.Literal('pendingOnly'), Type.Literal('withinBalance'), Type.Literal('allowDeficit')],
  {
    description:
      'What a return takes back of the points it had earned: only those not yet active, as much as the balance holds, or all, leaving a deficit that later earnings repay first',
  },
);
export type ClawbackPolicy = Static<typeof ClawbackPolicy>;

export const ProgrammeRule = Type.Object(
  {
    currency: Currency,
    earn: Type.Object(
      { points: Points, per: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }) },
      {
        additionalProperties: false,
        description:
          '`points` (hundredths) for every `per` minor units paid, rounded down once per receipt',
        examples: [{ points: 100, per: 100 }],
      },
    ),
    /** Minor units that one whole point (100 hundredths) pays. */
    pointValue: Type.Integer({
      minimum: 1,
      maximum: 1_000_000_000,
      description: 'Minor units that one point pays',
    }),
    redeemMaxBasisPoints: Type.Integer({
      minimum: 0,
      maximum: 10_000,
      description: 'The most of a receipt that points may pay: 5000 is half',
    }),
    earnOnRedeemed: Type.Boolean({
      description: 'Whether the part paid by points earns points too',
    }),
    activationDelayDays: Type.Integer({ minimum: 0, maximum: 3_650 }),
    lifetimeDays: Type.Union([Type.Integer({ minimum: 1, maximum: 36_500 }), Type.Null()], {
      description: 'Days from activation to expiry, null: never',
    }),
    clawback: ClawbackPolicy,
  },
  { additionalProperties: false, title: 'ProgrammeRule' },
);
export type ProgrammeRule = Static<typeof ProgrammeRule>;

/** A rule with the number of its version, from 1. */
export const VersionedRule = Type.Object({
  version: Type.Integer({ minimum: 1 }),
  rule: ProgrammeRule,
});
export interface VersionedRule {
  readonly version: number;
  readonly rule: ProgrammeRule;
}
