/**
 * Records a receipt of nobody we know, on the stream of the till. It earns and spends no points; what is on
 * offer to everybody applies to it.
 */
import { Type } from '@sinclair/typebox';
import { Points } from '../../domain/amount.js';
import { decidedAt } from '../../domain/receiptTime.js';
import type { ShownGiftCard } from '../../domain/giftCard/payment.js';
import { confirmAnonymous as decide, type RecordedSale } from '../../domain/sales/decide.js';
import { sales, salesStream } from '../../domain/sales/sales.js';
import { offerFor, type OfferFound, offerSteps } from '../account/offered.js';
import { textsIn } from '../account/campaignWords.js';
import type { Directory } from '../directory.js';
import { offerInput, receiptInput, receiptTime, SlipInput } from '../account/receiptInput.js';
import { assertCurrency } from '../account/shop.js';
import { defineCommand } from '../command.js';
import { giftCardInput, giftCardsShown, giftCardSteps } from '../giftCard/shown.js';
import { presentPointOfSale, presentTenant } from '../registry/present.js';
import { answerSale, recordedSale } from './saleHistory.js';

export const ConfirmAnonymousInput = Type.Object(
  {
    ...receiptInput,
    redeemPoints: Type.Optional(Points),
    slip: Type.Optional(SlipInput),
    ...offerInput,
    ...giftCardInput,
  },
  { additionalProperties: false, title: 'ConfirmAnonymous' },
);

interface Found {
  readonly currency: string;
  readonly recorded: RecordedSale | null;
  readonly offered: OfferFound | null;
  readonly giftCards: readonly ShownGiftCard[] | null;
  readonly directory: Directory;
}

export const confirmAnonymous = defineCommand({
  name: 'ConfirmAnonymous',
  summary: 'Records a receipt without a customer.',
  input: ConfirmAnonymousInput,
  aggregate: sales,
  stream: (input, context) => salesStream(context.tenant, input.tillId),
  lookUp: (input, context, from): Found | Promise<Found> => {
    const { directory, state } = from;
    const { tenant } = context;
    const { purchaseId } = input;
    const { currency } = presentTenant(directory, tenant);
    presentPointOfSale(directory, tenant, input.merchantId, input.pointOfSaleId);
    assertCurrency(input.currency, currency);
    const at = decidedAt(receiptTime(input, context));
    const offered = offerFor({ ...input, userId: null, tenant, at }, null, from);
    const known = state.purchases.has(purchaseId);
    const cards = input.giftCards ? giftCardsShown(input, { currency, at }, context, from) : null;
    if (!known && offered === null && cards === null) {
      return { currency, recorded: null, offered, giftCards: null, directory };
    }
    return Promise.all([recordedSale(purchaseId, from), offered, cards]).then(
      ([recorded, offer, giftCards]): Found => ({
        currency,
        recorded,
        giftCards,
        directory,
        offered: offer,
      }),
    );
  },
  decide: (input, state, { currency, recorded, offered, giftCards }, context) => {
    const { purchaseId, merchantId, pointOfSaleId, tillId, lines, redeemPoints = 0 } = input;
    const receipt = { purchaseId, merchantId, pointOfSaleId, tillId, lines, redeemPoints };
    const cards = giftCards && { giftCards };
    const slip = input.slip && { slip: input.slip };
    const order = { ...receipt, currency, ...cards, ...slip, ...receiptTime(input, context) };
    return decide(order, state, recorded, offered?.offer ?? null);
  },
  reserve: (input, context, { offered, giftCards, directory }, [decided]) => {
    const { now, tenant } = context;
    const sale = decided?.type === 'AnonymousPurchaseConfirmed' ? decided.data : undefined;
    const steps = offerSteps(offered, sale, directory, now);
    if (!giftCards) return steps;
    const at = decidedAt(receiptTime(input, context));
    return [...steps, ...giftCardSteps(sale, null, tenant, { at, now })];
  },
  occurredAt: (input, context) => decidedAt(receiptTime(input, context)),
  answer: ({ events, found, directory, context }) => {
    const sale = events[0]?.type === 'AnonymousPurchaseConfirmed' ? events[0].data : null;
    const recorded = sale ?? found?.recorded?.data;
    if (!recorded) throw new Error('a receipt without its event');
    return answerSale(recorded, textsIn(directory, context.tenant));
  },
});
