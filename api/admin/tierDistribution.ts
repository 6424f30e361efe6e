/** /admin/v1/tier-distribution: how many customers each tier has, now and day by day, and who they are. */
import { Type } from '@sinclair/typebox';
import type pg from 'pg';
import { UserId } from '../../domain/ids.js';
import { TierName } from '../../domain/tier/scheme.js';
import {
  tierDays,
  tierMembers,
  type TierSize,
  tierSizes,
} from '../../projections/tiers/queries.js';
import type { Waiting } from '../../projections/waiting.js';
import { readersOnly } from '../auth/access.js';
import { minPosition, pageShown } from '../pos/reading.js';
import { type Route, route } from '../route.js';
import { Instant, instantOf, InstantOrNull, instantOrNull } from '../wire.js';
import { type Registry, wholeTenant } from './operatorCommand.js';
import { pageOf } from './paging.js';
import { pageAsked, readModelQuery, upTo } from './readModelPages.js';

export interface TierDistributionRoutes extends Registry {
  readonly pool: pg.Pool;
  readonly waiting: Waiting;
}

const Count = Type.Integer({ minimum: 0 });
const Day = Type.String({ format: 'date', examples: ['2026-03-01'] });
const TierOrNull = Type.Union([TierName, Type.Null()], { description: 'Null: no tier' });
const tags = ['Tiers'] as const;

const query = {
  tier: Type.Optional(
    Type.String({ maxLength: 100, description: 'Only this tier; empty: without any' }),
  ),
  ...readModelQuery,
};
const tierAsked = (tier: string | undefined) => (tier === '' ? null : tier);

export const tierDistributionRoutes = ({
  handler,
  pool,
  waiting,
}: TierDistributionRoutes): Route[] => {
  return [
    route({
      method: 'GET',
      path: '/admin/v1/tier-distribution',
      summary: 'Shows how many customers have each tier now.',
      description:
        'Of open accounts: without a tier first, then the levels of the scheme from the lowest, then tiers of former schemes that somebody has still.',
      tags,
      access: readersOnly,
      query: minPosition,
      response: Type.Object(
        {
          schemeVersion: Type.Union([Type.Integer(), Type.Null()]),
          customers: Count,
          items: Type.Array(Type.Object({ tier: TierOrNull, members: Count })),
        },
        { title: 'TierDistribution' },
      ),
      examples: {
        response: [
          {
            summary: 'Five of a hundred customers are gold',
            value: {
              schemeVersion: 1,
              customers: 100,
              items: [
                { tier: null, members: 80 },
                { tier: 'silver', members: 15 },
                { tier: 'gold', members: 5 },
              ],
            },
          },
        ],
      },
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        await upTo(waiting, 'tiers', request.query);
        const sizes = await tierSizes(pool, tenant);
        const current = handler.directory.tiers.scheme(tenant);
        const levels = current?.scheme.levels.map(({ name }) => name) ?? [];
        const customers = sizes.reduce((sum, { members }) => sum + members, 0);
        const items = inOrderOf(levels, sizes);
        return { body: { schemeVersion: current?.version ?? null, customers, items } };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/tier-distribution/days',
      summary: 'Shows how many customers had each tier day by day, the latest day first.',
      description:
        'Only days on which a tier changed; until its next such day it has as many. Days are UTC’s, and those on which the change was decided.',
      tags,
      access: readersOnly,
      query: { ...query, from: Type.Optional(Day), to: Type.Optional(Day) },
      response: pageOf(
        Type.Object(
          { day: Day, tier: TierOrNull, members: Count, came: Count, went: Count },
          { title: 'TierDay' },
        ),
      ),
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        const { tier, from = null, to = null } = request.query;
        await upTo(waiting, 'tiers', request.query);
        const question = { tenant, tier: tierAsked(tier), from, to, ...pageAsked(request.query) };
        return { body: await pageShown(tierDays(pool, question), (row) => row) };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/tier-distribution/customers',
      summary:
        'Lists customers by their number, each with the tier and when it is looked at again.',
      tags,
      access: readersOnly,
      query,
      response: pageOf(
        Type.Object(
          { userId: UserId, tier: TierOrNull, since: Instant, reviewAt: InstantOrNull },
          { title: 'TierMember' },
        ),
      ),
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        await upTo(waiting, 'tiers', request.query);
        const question = {
          tenant,
          tier: tierAsked(request.query.tier),
          ...pageAsked(request.query),
        };
        return {
          body: await pageShown(tierMembers(pool, question), (row) => ({
            ...row,
            since: instantOf(row.since),
            reviewAt: instantOrNull(row.reviewAt),
          })),
        };
      },
    }),
  ];
};

/** Levels of the scheme are shown also where nobody has them, former ones only where somebody does. */
const inOrderOf = (levels: readonly string[], sizes: readonly TierSize[]): TierSize[] => {
  const members = new Map(sizes.map((size) => [size.tier, size.members]));
  const known = [null, ...levels].map((tier) => ({ tier, members: members.get(tier) ?? 0 }));
  const former = sizes.filter(
    ({ tier, members: count }) => tier !== null && !levels.includes(tier) && count > 0,
  );
  return [...known, ...former];
};
