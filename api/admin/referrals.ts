/** /admin/v1/referral-programme and /admin/v1/referrals: what bringing a customer brings, and what became of those who were brought. */
import { type Static, Type } from '@sinclair/typebox';
import type pg from 'pg';
import {
  endReferralProgramme,
  setReferralProgramme,
} from '../../commands/referral/setProgramme.js';
import { PurchaseId, UserId } from '../../domain/ids.js';
import { ReferralProgramme } from '../../domain/referral/programme.js';
import { rejected } from '../../domain/rejected.js';
import {
  listReferrals,
  referralTotals,
  type ReferralView,
} from '../../projections/referrals/queries.js';
import type { Waiting } from '../../projections/waiting.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { pageShown } from '../pos/reading.js';
import { type Route, route } from '../route.js';
import { Instant, instantOf, InstantOrNull, instantOrNull } from '../wire.js';
import { contextOf, done, type Registry, wholeTenant } from './operatorCommand.js';
import { pageOf } from './paging.js';
import { stepRoute } from './stepRoute.js';
import { pageAsked, readModelQuery, upTo } from './readModelPages.js';

export interface ReferralRoutes extends Registry {
  readonly pool: pg.Pool;
  readonly waiting: Waiting;
}

const Count = Type.Integer({ minimum: 0 });
const version = Type.Integer({ minimum: 1 });
const Shown = Type.Object(
  { version, programme: ReferralProgramme, open: Type.Boolean() },
  { title: 'ShownReferralProgramme' },
);
const Side = Type.Object(
  {
    outcome: Type.Union(
      [...['rewarded', 'refused', 'takenBack'].map((one) => Type.Literal(one)), Type.Null()],
      { description: 'Null: nothing yet, or nothing to get' },
    ),
    reason: Type.Union([Type.String(), Type.Null()], { description: 'Why it was refused' }),
    points: Type.Integer({
      description: 'Hundredths; of a reward that was taken back, what it had been',
    }),
    couponId: Type.Union([Type.String(), Type.Null()]),
  },
  { title: 'SideOfReferral' },
);
const status = Type.Union(
  ['referred', 'qualified', 'disqualified'].map((one) => Type.Literal(one)),
);
const Listed = Type.Object(
  {
    newcomer: UserId,
    referrer: UserId,
    version,
    referredAt: Instant,
    qualifiesUntil: Type.Union([Instant, Type.Null()], {
      description: 'A newcomer who is only `referred` by then has let the time go by',
    }),
    status,
    round: Type.Integer({ minimum: 0, description: 'How often the newcomer qualified' }),
    purchaseId: Type.Union([PurchaseId, Type.Null()]),
    qualifiedAt: InstantOrNull,
    rewards: Type.Object({ referrer: Side, newcomer: Side }),
  },
  { title: 'ListedReferral' },
);
const shown = ({ referredAt, qualifiesUntil, qualifiedAt, ...rest }: ReferralView) =>
  ({
    ...rest,
    referredAt: instantOf(referredAt),
    qualifiesUntil: instantOrNull(qualifiesUntil),
    qualifiedAt: instantOrNull(qualifiedAt),
  }) as Static<typeof Listed>;

const tags = ['Referrals'] as const;

const example = {
  summary: '5 points for both with the first 20.00, a hundred newcomers each',
  value: {
    programme: {
      qualifies: { kind: 'firstPurchase', minimum: 2_000, withinDays: 30 },
      takeBackDays: 30,
      referrer: { kind: 'points', points: 500, activationDelayDays: 14, lifetimeDays: 180 },
      newcomer: { kind: 'points', points: 500 },
      limits: { total: 100, period: { most: 5, days: 30 } },
      contactRequired: true,
    },
  },
};

export const referralRoutes = ({ handler, pool, waiting }: ReferralRoutes): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/referral-programme',
    summary: 'Shows what referring a customer brings, and the version of it.',
    tags,
    access: readersOnly,
    response: Shown,
    problems: ['referrals-not-open'],
    handle: ({ caller }) => {
      const found = handler.directory.referrals.programme(caller.tenant);
      if (!found) throw rejected('referrals-not-open');
      const { version: last, programme, open } = found;
      return { body: { version: last, programme, open } };
    },
  }),
  route({
    method: 'PUT',
    path: '/admin/v1/referral-programme',
    summary: 'Sets what referring a customer brings. Newcomers on the way keep their version.',
    tags,
    access: editorsOnly,
    body: setReferralProgramme.input,
    idempotencyKey: 'optional',
    command: setReferralProgramme.name,
    response: Shown,
    problems: [
      'programme-not-set',
      'referral-terms-wrong',
      'series-not-found',
      'series-kind-wrong',
      'series-closed',
    ],
    examples: { body: [example] },
    handle: async (request) => {
      wholeTenant(request);
      return done(await handler.handle(setReferralProgramme, request.body, contextOf(request)));
    },
  }),
  stepRoute(handler, {
    path: '/admin/v1/referral-programme/ending',
    summary: 'Takes no more newcomers; those on the way are rewarded still.',
    tags,
    access: editorsOnly,
    command: endReferralProgramme,
    response: Type.Object({ version, open: Type.Boolean() }),
    problems: ['referrals-not-open'],
  }),
  route({
    method: 'GET',
    path: '/admin/v1/referrals',
    summary: 'Lists who was brought by whom and what became of it, the newest first.',
    description:
      'With `referrer` those whom a customer brought, with `newcomer` how one came. The totals are of all that matches, not of the page.',
    tags,
    access: readersOnly,
    query: {
      referrer: Type.Optional(UserId),
      newcomer: Type.Optional(UserId),
      status: Type.Optional(status),
      ...readModelQuery,
    },
    response: Type.Object(
      {
        totals: Type.Object({
          referred: Count,
          qualified: Count,
          disqualified: Count,
          rewards: Type.Array(
            Type.Object({
              side: Type.Union([Type.Literal('referrer'), Type.Literal('newcomer')]),
              outcome: Type.String(),
              reason: Type.Union([Type.String(), Type.Null()]),
              referrals: Count,
              points: Type.Integer({
                description: 'Hundredths that were given and not taken back',
              }),
            }),
          ),
        }),
        ...pageOf(Listed).properties,
      },
      { title: 'Referrals' },
    ),
    handle: async (request) => {
      const { tenant } = wholeTenant(request);
      const { referrer = null, newcomer = null } = request.query;
      await upTo(waiting, 'referrals', request.query);
      const asked = (request.query.status as string | undefined) ?? null;
      const question = { tenant, referrer, newcomer, status: asked };
      const found = await referralTotals(pool, question);
      const totals = { ...found, rewards: [...found.rewards] };
      const page = listReferrals(pool, { ...question, ...pageAsked(request.query) });
      return { body: { totals, ...(await pageShown(page, shown)) } };
    },
  }),
];
