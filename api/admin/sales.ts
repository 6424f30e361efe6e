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
import { operatorsOnly } from '../auth/access.js';
import { minPosition } from '../pos/reading.js';
import { type Route, route } from '../route.js';
import { forMerchant, operatorOf } from './operatorCommand.js';

export interface SalesRoutes {
  readonly pool: pg.Pool;
  readonly waiting: Waiting;
}

const Minor = Type.Integer({ description: 'Minor units' });
const Count = Type.Integer({ minimum: 0 });
const sums = {
  receipts: Count,
  anonymousReceipts: Count,
  returns: Count,
  cancellations: Count,
  gross: Minor,
  returned: Minor,
  net: Minor,
  paidByPoints: Minor,
} as const;
const Day = Type.String({ format: 'date', examples: ['2026-03-01'] });

/** As for every query that names a position. */
const waitMs = 5_000;

export const salesRoutes = ({ pool, waiting }: SalesRoutes): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/sales',
    summary: 'Shows sales by day, merchant and point of sale, and their sum.',
    description:
      "Days are the merchant's own, in its time zone. The totals are of all that matches, not of the page.",
    tags: ['Sales'],
    access: operatorsOnly('owner', 'manager', 'analyst', 'auditor'),
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
    handle: async (request) => {
      const { minPosition: position, limit = 100, after = 0, ...asked } = request.query;
      const caller = operatorOf(request);
      if (asked.merchantId !== undefined) forMerchant(request, asked.merchantId);
      const question: SalesQuestion = {
        tenant: caller.tenant,
        merchantId: asked.merchantId ?? caller.merchantId,
        from: asked.from ?? null,
        to: asked.to ?? null,
      };
      if (position !== undefined) await waiting.waitFor('sales', BigInt(position), waitMs);
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
