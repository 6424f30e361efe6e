/**
 * /admin/v1/settlement: what merchants of the coalition owe each other for points, month by month: pair by pair, merchant by merchant,
 * and as a file of the single debts behind both.
 */
import { Type } from '@sinclair/typebox';
import type pg from 'pg';
import { MerchantId } from '../../domain/ids.js';
import {
  entriesOf,
  type EntryView,
  netPositions,
  type SettlementQuestion,
  statementOf,
} from '../../projections/settlement/statement.js';
import type { Waiting } from '../../projections/waiting.js';
import { readersOnly } from '../auth/access.js';
import { pageShown } from '../pos/reading.js';
import { type Route, route } from '../route.js';
import { instantOf } from '../wire.js';
import { forMerchant, type Operation, operatorOf, wholeTenant } from './operatorCommand.js';
import { pageOf } from './paging.js';
import { pageAsked, readModelQuery, upTo } from './readModelPages.js';

export interface SettlementRoutes {
  readonly pool: pg.Pool;
  readonly waiting: Waiting;
}

const Minor = Type.Integer({ description: 'Minor units' });
const Party = Type.Integer({
  minimum: 0,
  description: 'A merchant; 0 is the programme itself, whose points were given by hand',
});
const Month = Type.String({
  pattern: '^[0-9]{4}-(0[1-9]|1[0-2])$',
  description: 'In the time zone of the merchant who took the points',
  examples: ['2026-03'],
});

const tags = ['Settlement'] as const;
const filePage = 1_000;

export const settlementRoutes = ({ pool, waiting }: SettlementRoutes): Route[] => {
  /** An operator of one merchant sees what this one owes and is owed. */
  const questionOf = (
    request: Pick<Operation, 'caller'>,
    asked: { readonly month: string; readonly merchantId?: MerchantId },
  ): SettlementQuestion => {
    const caller = operatorOf(request);
    if (asked.merchantId !== undefined) forMerchant(request, asked.merchantId);
    const merchantId = asked.merchantId ?? caller.merchantId;
    return { tenant: caller.tenant, month: asked.month, merchantId };
  };

  return [
    route({
      method: 'GET',
      path: '/admin/v1/settlement/{month}',
      summary: "Shows a month's statement between merchants, pair by pair.",
      description:
        'The issuer of points owes the merchant who took them what they paid. So does who sold a gift card. opening + redeemed + restored + clawedBack + giftCards = closing.',
      tags,
      access: readersOnly,
      params: { month: Month },
      query: { merchantId: Type.Optional(MerchantId), ...readModelQuery },
      response: pageOf(
        Type.Object(
          {
            issuerId: Party,
            takerId: Party,
            opening: Minor,
            redeemed: Minor,
            restored: Minor,
            clawedBack: Minor,
            giftCards: Minor,
            closing: Minor,
            points: Type.Integer({ description: 'Of the month, hundredths' }),
          },
          { title: 'SettlementPair' },
        ),
      ),
      handle: async (request) => {
        const { merchantId } = request.query;
        const { month } = request.params;
        const question = questionOf(request, { month, ...(merchantId && { merchantId }) });
        await upTo(waiting, 'settlement', request.query);
        const page = statementOf(pool, { ...question, ...pageAsked(request.query) });
        return { body: await pageShown(page, (row) => row) };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/settlement/{month}/positions',
      summary: 'Shows what each merchant is owed and owes at the end of a month.',
      description: 'The net positions add up to zero over all merchants and the programme.',
      tags,
      access: readersOnly,
      params: { month: Month },
      query: { ...readModelQuery },
      response: pageOf(
        Type.Object(
          { merchantId: Party, owed: Minor, owes: Minor, net: Minor },
          { title: 'SettlementPosition' },
        ),
      ),
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        const { month } = request.params;
        await upTo(waiting, 'settlement', request.query);
        const page = netPositions(pool, { tenant, month, ...pageAsked(request.query) });
        return { body: await pageShown(page, (row) => row) };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/settlement/{month}/entries.csv',
      summary: 'Downloads the single debts of a month as CSV.',
      description:
        'One line for each debt with the purchase that made it; values are in minor units and points in hundredths. The sum of the values is what the month moved.',
      tags,
      access: readersOnly,
      params: { month: Month },
      query: { merchantId: Type.Optional(MerchantId) },
      response: Type.String(),
      contentType: 'text/csv',
      handle: (request) => {
        const { merchantId } = request.query;
        const { month } = request.params;
        const question = questionOf(request, { month, ...(merchantId && { merchantId }) });
        return {
          body: entriesCsv(pool, question),
          contentType: 'text/csv; charset=utf-8',
          headers: { 'content-disposition': `attachment; filename="settlement-${month}.csv"` },
        };
      },
    }),
  ];
};

const columns = 'position,occurredAt,kind,issuerId,takerId,points,value,userId,purchaseId';

/** No value holds a comma or a quote: ids, numbers and times. */
const lineOf = (entry: EntryView): string => {
  const { position, occurredAt, kind, issuerId, takerId, points, value } = entry;
  const figures = [position, instantOf(occurredAt), kind, issuerId, takerId, points, value];
  return [...figures, entry.userId, entry.purchaseId].join(',');
};

/** A page at a time, so that a month of any size is sent in little memory. */
async function* entriesCsv(
  pool: pg.Pool,
  question: SettlementQuestion,
): AsyncGenerator<string, void, undefined> {
  yield `${columns}\n`;
  for (let after: string | null = null; ;) {
    const page: Awaited<ReturnType<typeof entriesOf>> = await entriesOf(pool, {
      ...question,
      limit: filePage,
      after,
    });
    if (page.rows.length > 0) yield `${page.rows.map(lineOf).join('\n')}\n`;
    if (page.next === null) return;
    after = page.next;
  }
}
