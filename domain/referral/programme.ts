/**
 * The referral programme of a tenant: what whoever brings a customer gets and what the newcomer gets, when, and how often. Invariant:
 * versions count from 1 without a gap and never change; a newcomer keeps the version they came under, so a change of the programme
 * takes nothing from whoever is on the way.
 */
import { Type, type Static } from '@sinclair/typebox';
import { Money, Points } from '../amount.js';
import { SeriesId } from '../coupon/ids.js';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import type { TenantId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';

const closed = { additionalProperties: false } as const;
const Days = (most: number) => Type.Integer({ minimum: 1, maximum: most });
const kind = <Kind extends string>(name: Kind) => ({ kind: Type.Literal(name) });

/** When a newcomer has done what is asked of them. Amounts are minor units paid in money, after discounts and points. */
export const Qualifying = Type.Union(
  [
    Type.Object(kind('enrolment'), { ...closed, title: 'AtEnrolment' }),
    Type.Object(
      { ...kind('firstPurchase'), minimum: Money, withinDays: Days(730) },
      { ...closed, title: 'AtFirstPurchase' },
    ),
    Type.Object(
      {
        ...kind('spent'),
        amount: Type.Integer({ minimum: 1, maximum: 1_000_000_000_000 }),
        withinDays: Days(730),
      },
      { ...closed, title: 'OnceSpent' },
    ),
  ],
  {
    description:
      'When it is earned: at enrolment, by the first receipt of at least `minimum`, or once `amount` was spent; minor units paid in money, within so many days of enrolment',
  },
);
export type Qualifying = Static<typeof Qualifying>;

export const ReferralReward = Type.Union([
  Type.Object(
    {
      ...kind('points'),
      points: Type.Unsafe<number>({ ...Points, minimum: 1 }),
      activationDelayDays: Type.Optional(Type.Integer({ minimum: 0, maximum: 3_650 })),
      lifetimeDays: Type.Optional(Type.Union([Days(36_500), Type.Null()])),
    },
    {
      ...closed,
      title: 'PointsForReferral',
      description:
        'Hundredths of a point; where no times are given those of the programme hold, null: for ever',
    },
  ),
  Type.Object(
    { ...kind('coupon'), series: SeriesId },
    {
      ...closed,
      title: 'CouponForReferral',
      description: 'A coupon of a personal series, by its terms',
    },
  ),
]);
export type ReferralReward = Static<typeof ReferralReward>;

export const ReferralProgramme = Type.Object(
  {
    qualifies: Qualifying,
    takeBackDays: Type.Integer({
      minimum: 0,
      maximum: 365,
      description:
        'So long after it was earned both rewards are taken back where the purchase is cancelled or comes back; 0: never',
    }),
    referrer: Type.Union([ReferralReward, Type.Null()]),
    newcomer: Type.Union([ReferralReward, Type.Null()]),
    limits: Type.Object(
      {
        total: Type.Integer({ minimum: 1, maximum: 10_000 }),
        period: Type.Union([
          Type.Object(
            { most: Type.Integer({ minimum: 1, maximum: 10_000 }), days: Days(3_650) },
            closed,
          ),
          Type.Null(),
        ]),
      },
      {
        ...closed,
        description:
          'For how many newcomers one customer is rewarded: in all, and in any so many days',
      },
    ),
    contactRequired: Type.Boolean({
      description: 'Whether a newcomer has to leave a phone or an e-mail: both are unique',
    }),
  },
  { ...closed, title: 'ReferralProgramme' },
);
export type ReferralProgramme = Static<typeof ReferralProgramme>;

export interface VersionedReferrals {
  readonly version: number;
  readonly programme: ReferralProgramme;
}

export const referralsStream = (tenant: TenantId) => streamName('referrals', tenant, 'programme');

// These names are the storage format: proof-read, version with care.
export const ReferralProgrammeSet = event('ReferralProgrammeSet', {
  version: Type.Integer({ minimum: 1 }),
  programme: ReferralProgramme,
});
/** Nobody is referred any more; whoever is on the way goes on under their version. A next version opens it again. */
export const ReferralProgrammeEnded = event('ReferralProgrammeEnded', {
  version: Type.Integer({ minimum: 1 }),
  reason: Type.String({ maxLength: 500 }),
});

export const referralProgrammeEvents = [ReferralProgrammeSet, ReferralProgrammeEnded] as const;
export type ReferralProgrammeEvent = EventOf<(typeof referralProgrammeEvents)[number]>;

export type Referrals =
  { readonly status: 'unset' } | ({ readonly status: 'open' | 'ended' } & VersionedReferrals);

export const referrals: Aggregate<Referrals, ReferralProgrammeEvent> = {
  category: 'referrals',
  initial: () => ({ status: 'unset' }),
  evolve: (state, event) => {
    switch (event.type) {
      case 'ReferralProgrammeSet':
        return { status: 'open', ...event.data };
      case 'ReferralProgrammeEnded':
        return state.status === 'unset' ? state : { ...state, status: 'ended' };
      default:
        return unreachable(event);
    }
  },
};

/** @throws Rejected referral-terms-wrong where nobody would get anything. */
export const setReferralProgramme = (
  { programme }: { readonly programme: ReferralProgramme },
  state: Referrals,
): ReferralProgrammeEvent[] => {
  if (programme.referrer === null && programme.newcomer === null) {
    throw rejected('referral-terms-wrong', {
      advice: 'Reward the referrer, the newcomer or both.',
    });
  }
  if (state.status === 'open' && isSame(state.programme, programme)) return []; // already carried out
  const version = state.status === 'unset' ? 1 : state.version + 1;
  return [{ type: 'ReferralProgrammeSet', data: { version, programme } }];
};

/** @throws Rejected referrals-not-open where there never was a programme. */
export const endReferralProgramme = (
  { reason }: { readonly reason: string },
  state: Referrals,
): ReferralProgrammeEvent[] => {
  if (state.status === 'unset') throw rejected('referrals-not-open');
  if (state.status === 'ended') return []; // already carried out
  return [{ type: 'ReferralProgrammeEnded', data: { version: state.version, reason } }];
};

/** Whatever the order of their fields. */
const isSame = (one: ReferralProgramme, other: ReferralProgramme): boolean =>
  canonical(one) === canonical(other);

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
