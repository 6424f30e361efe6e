/** /admin/v1/sales: what the merchants turned over, in all and day by day. */
import { Type } from '@sinclair/typebox';
import type pg from 'pg';
import { MerchantId } from '../../domain/ids.js';
import {
  readDailySales,
  readSalesTotals,
  type SalesQuestion,
} from '../../projections/sales/totals.js';
import type { Waiting } from '../../projections/waiting.js';
import { readersOnly } from '../auth/access.js';
import { minPosition } from '../pos/reading.js';
import { type Route, route } from '../route.js';
import { forMerchant, operatorOf } from './operatorCommand.js';
import { upTo } from './readModelPages.js';

export interface SalesRoutes {
  readonly pool: pg.Pool;
  readonly waiting: Waiting;
}

const Count = Type.Integer({ minimum: 0 });
const sums = {
  receipts: Count,
  anonymousReceipts: Count,
  returns: Count,
  cancellations: Count,
  gross: Type.Integer({ description: 'Minor units: goods sold, before discounts' }),
  discount: Type.Integer({ description: 'Minor units: taken off them by campaigns' }),
  returned: Type.Integer({ description: 'Minor units: goods given back, before discounts' }),
  returnedDiscount: Type.Integer({ description: 'Minor units: of them, what had been taken off' }),
  net: Type.Integer({
    description: 'Minor units: gross - discount - (returned - returnedDiscount)',
  }),
  paidByPoints: Type.Integer({ description: 'Minor units: what points paid of the sold' }),
  returnedToPoints: Type.Integer({
    description: 'Minor units: what went back as points of the returned',
  }),
} as const;
const Day = Type.String({ format: 'date', examples: ['2026-03-01'] });

const exampleSums = {
  receipts: 40,
  anonymousReceipts: 25,
  returns: 2,
  cancellations: 0,
  gross: 100_000,
  discount: 12_000,
  returned: 5_000,
  returnedDiscount: 500,
  net: 83_500,
  paidByPoints: 3_000,
  returnedToPoints: 100,
};
const example = {
  summary: 'A day with a tenth off much of what was sold',
  value: {
    totals: exampleSums,
    items: [{ day: '2026-03-01', merchantId: 1, pointOfSaleId: 1, ...exampleSums }],
    next: null,
  },
};

export const salesRoutes = ({ pool, waiting }: SalesRoutes): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/sales',
    summary: 'Shows sales by day, merchant and point of sale, and their sum.',
    description:
      "Days are the merchant's own, in its time zone. The totals are of all that matches, not of the page.",
    tags: ['Sales'],
    access: readersOnly,
    query: {
      merchantId: Type.Optional(MerchantId),
      from: Type.Optional(Day),
      to: Type.Optional(Day),
      limit: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000, default: 100 })),
      after: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
      ...minPosition,
    },
    response: Type.Object(
      {
        totals: Type.Object(sums),
        items: Type.Array(
          Type.Object({ day: Day, merchantId: MerchantId, pointOfSaleId: Type.Integer(), ...sums }),
        ),
        next: Type.Union([Type.String(), Type.Null()]),
      },
      { title: 'Sales' },
    ),
    examples: { response: [example] },
    handle: async (request) => {
      const { limit = 100, after = 0, ...asked } = request.query;
      const caller = operatorOf(request);
      if (asked.merchantId !== undefined) forMerchant(request, asked.merchantId);
      const question: SalesQuestion = {
        tenant: caller.tenant,
        merchantId: asked.merchantId ?? caller.merchantId,
        from: asked.from ?? null,
        to: asked.to ?? null,
      };
      await upTo(waiting, 'sales', request.query);
      const totals = await readSalesTotals(pool, question);
      const found = await readDailySales(pool, question, { limit: limit + 1, offset: after });
      const items = found.slice(0, limit).map((day) => ({
        ...day,
        merchantId: day.merchantId as NonNullable<typeof asked.merchantId>,
      }));
      return { body: { totals, items, next: found.length > limit ? String(after + limit) : null } };
    },
  }),
];
