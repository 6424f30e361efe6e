/** Opens a series of gift cards under terms that never change, and makes the next cards of one hold. */
import { Type } from '@sinclair/typebox';
import {
  giftCardSeries,
  GiftCardSeriesOpened,
  giftCardSeriesStream,
  GiftCardsIssued,
  issueGiftCards as issue,
  openGiftCardSeries as open,
} from '../../domain/giftCard/series.js';
import { defineCommand } from '../command.js';
import { presentMerchant, presentTenant } from '../registry/present.js';

const closed = { additionalProperties: false } as const;

export const openGiftCardSeries = defineCommand({
  name: 'OpenGiftCardSeries',
  summary: 'Opens a series of gift cards under terms that never change.',
  input: Type.Omit(GiftCardSeriesOpened.schema, ['number'], {
    ...closed,
    title: 'OpenGiftCardSeries',
  }),
  aggregate: giftCardSeries,
  stream: (_input, context) => giftCardSeriesStream(context.tenant),
  lookUp: (input, { tenant }, { directory }) => {
    presentTenant(directory, tenant);
    const { merchantId, terms } = input;
    for (const id of new Set([merchantId, ...(terms.merchants ?? [])])) {
      presentMerchant(directory, tenant, id);
    }
  },
  decide: (input, state) => open(input, state),
  answer: ({ input }) => ({ seriesId: input.seriesId }),
});

/** The numbers are not made here: whoever exports them derives them (domain/coupon/codes.ts). */
export const issueGiftCards = defineCommand({
  name: 'IssueGiftCards',
  summary: 'Issues the next cards of a series: from now on they can be sold.',
  input: Type.Pick(GiftCardsIssued.schema, ['seriesId', 'count'], {
    ...closed,
    title: 'IssueGiftCards',
  }),
  aggregate: giftCardSeries,
  stream: (_input, context) => giftCardSeriesStream(context.tenant),
  lookUp: () => undefined,
  decide: (input, state) => issue(input, state),
  answer: ({ events, input: { seriesId } }) => {
    const [issued] = events;
    if (issued?.type !== 'GiftCardsIssued') throw new Error('cards were issued without an event');
    const { first, count } = issued.data;
    return { seriesId, first, count, issued: first + count };
  },
});
