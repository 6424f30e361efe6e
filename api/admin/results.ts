/** /admin/v1/campaign-results, coupon-use, liability: what campaigns gave, how coupons fared, and what points may still cost. */
import { Type } from '@sinclair/typebox';
import type pg from 'pg';
import { MerchantId } from '../../domain/ids.js';
import { CampaignId } from '../../domain/pricing/campaign.js';
import { couponDays } from '../../projections/campaigns/couponUse.js';
import { campaignDays, campaignTotals } from '../../projections/campaigns/results.js';
import { liabilityOf } from '../../projections/liability/liability.js';
import type { Waiting } from '../../projections/waiting.js';
import { readersOnly } from '../auth/access.js';
import { pageShown } from '../pos/reading.js';
import { type Route, route } from '../route.js';
import { forMerchant, type Operation, operatorOf } from './operatorCommand.js';
import { pageOf } from './paging.js';
import { pageAsked, readModelQuery, upTo } from './readModelPages.js';

export interface ResultRoutes {
  readonly pool: pg.Pool;
  readonly waiting: Waiting;
}

const Count = Type.Integer({ minimum: 0 });
const Day = Type.String({ format: 'date', examples: ['2026-03-01'] });
const figures = {
  receipts: Count,
  discount: Type.Integer({ description: 'Minor units' }),
  points: Type.Integer({ description: 'Hundredths' }),
  uses: Count,
  returnedReceipts: Count,
  returnedDiscount: Type.Integer({ description: 'Minor units' }),
  returnedPoints: Type.Integer({ description: 'Hundredths' }),
  returnedUses: Count,
} as const;
const when = {
  merchantId: Type.Optional(MerchantId),
  from: Type.Optional(Day),
  to: Type.Optional(Day),
} as const;

interface Asked {
  readonly merchantId?: MerchantId;
  readonly from?: string;
  readonly to?: string;
}

/** An operator of one merchant asks for this one. */
const boundsOf = (request: Pick<Operation, 'caller'>, { merchantId, from, to }: Asked) => {
  const caller = operatorOf(request);
  if (merchantId !== undefined) forMerchant(request, merchantId);
  const { tenant } = caller;
  return {
    tenant,
    merchantId: merchantId ?? caller.merchantId,
    from: from ?? null,
    to: to ?? null,
  };
};

export const resultRoutes = ({ pool, waiting }: ResultRoutes): Route[] => {
  return [
    route({
      method: 'GET',
      path: '/admin/v1/campaign-results',
      summary: 'Shows what campaigns gave and got back, by day, version and merchant.',
      description:
        "Days are the merchant's own: of the receipt for what was given, of the return for what came back. The totals are of all that matches, not of the page.",
      tags: ['Campaigns'],
      access: readersOnly,
      query: { campaignId: Type.Optional(CampaignId), ...when, ...readModelQuery },
      response: Type.Object(
        {
          totals: Type.Object(figures),
          items: Type.Array(
            Type.Object({
              day: Day,
              campaignId: Type.String(),
              version: Type.Integer(),
              merchantId: Type.Integer(),
              ...figures,
            }),
          ),
          next: Type.Union([Type.String(), Type.Null()]),
        },
        { title: 'CampaignResults' },
      ),
      handle: async (request) => {
        const { campaignId = null } = request.query;
        const question = { ...boundsOf(request, request.query), campaignId };
        await upTo(waiting, 'campaigns', request.query);
        const totals = await campaignTotals(pool, question);
        const page = campaignDays(pool, { ...question, ...pageAsked(request.query) });
        return { body: { totals, ...(await pageShown(page, (row) => row)) } };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/coupon-use',
      summary: 'Shows how coupons fared at the tills, by series, day and merchant.',
      description: 'Of confirmed receipts. `refusal` is null where the coupon was used.',
      tags: ['Coupons'],
      access: readersOnly,
      query: {
        series: Type.Optional(Type.String({ maxLength: 100 })),
        ...when,
        ...readModelQuery,
      },
      response: pageOf(
        Type.Object(
          {
            day: Day,
            series: Type.String(),
            merchantId: Type.Integer(),
            refusal: Type.Union([Type.String(), Type.Null()]),
            shown: Count,
          },
          { title: 'CouponUse' },
        ),
      ),
      handle: async (request) => {
        const { series = null } = request.query;
        await upTo(waiting, 'campaigns', request.query);
        const question = { ...boundsOf(request, request.query), series };
        const page = couponDays(pool, { ...question, ...pageAsked(request.query) });
        return { body: await pageShown(page, (row) => row) };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/liability',
      summary: 'Shows the points that may still be spent, by who issued them and when they expire.',
      description:
        'Of the programme itself (merchant 0) are points given by hand or for referrals.',
      tags: ['Settlement'],
      access: readersOnly,
      query: { merchantId: Type.Optional(MerchantId), ...readModelQuery },
      response: pageOf(
        Type.Object(
          {
            merchantId: Type.Integer({ minimum: 0 }),
            expires: Type.Union([Type.String({ description: 'YYYY-MM, UTC' }), Type.Null()]),
            lots: Count,
            active: Type.Integer({ description: 'Hundredths that can be spent now' }),
            pending: Type.Integer({ description: 'Hundredths that sleep still' }),
          },
          { title: 'Liability' },
        ),
      ),
      handle: async (request) => {
        const { tenant, merchantId } = boundsOf(request, request.query);
        await upTo(waiting, 'balances', request.query);
        const question = { tenant, merchantId, ...pageAsked(request.query) };
        return { body: await pageShown(liabilityOf(pool, question), (row) => row) };
      },
    }),
  ];
};
