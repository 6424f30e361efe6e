/**
 * Records a receipt of nobody we know, on the stream of the till. It earns and spends nothing.
 */
import { Type } from '@sinclair/typebox';
import { Points } from '../../domain/amount.js';
import { decidedAt } from '../../domain/receiptTime.js';
import { confirmAnonymous as decide, type RecordedSale } from '../../domain/sales/decide.js';
import { sales, salesStream } from '../../domain/sales/sales.js';
import { receiptInput, receiptTime } from '../account/receiptInput.js';
import { assertCurrency } from '../account/shop.js';
import { defineCommand } from '../command.js';
import { presentPointOfSale, presentTenant } from '../registry/present.js';
import { answerSale, recordedSale } from './saleHistory.js';

export const ConfirmAnonymousInput = Type.Object(
  { ...receiptInput, redeemPoints: Type.Optional(Points) },
  { additionalProperties: false, title: 'ConfirmAnonymous' },
);

interface Found {
  readonly currency: string;
  readonly recorded: RecordedSale | null;
}

export const confirmAnonymous = defineCommand({
  name: 'ConfirmAnonymous',
  summary: 'Records a receipt without a customer.',
  input: ConfirmAnonymousInput,
  aggregate: sales,
  stream: (input, context) => salesStream(context.tenant, input.tillId),
  lookUp: (input, { tenant }, from): Found | Promise<Found> => {
    const { currency } = presentTenant(from.directory, tenant);
    presentPointOfSale(from.directory, tenant, input.merchantId, input.pointOfSaleId);
    assertCurrency(input.currency, currency);
    if (!from.state.purchases.has(input.purchaseId)) return { currency, recorded: null };
    return recordedSale(input.purchaseId, from).then((recorded) => ({ currency, recorded }));
  },
  decide: (input, state, { currency, recorded }, context) => {
    const { purchaseId, merchantId, pointOfSaleId, tillId, lines, redeemPoints = 0 } = input;
    const receipt = { purchaseId, merchantId, pointOfSaleId, tillId, lines, redeemPoints };
    return decide({ ...receipt, currency, ...receiptTime(input, context) }, state, recorded);
  },
  occurredAt: (input, context) => decidedAt(receiptTime(input, context)),
  answer: ({ events, found }) => {
    const sale = events[0]?.type === 'AnonymousPurchaseConfirmed' ? events[0].data : null;
    const recorded = sale ?? found?.recorded?.data;
    if (!recorded) throw new Error('a receipt without its event');
    return answerSale(recorded);
  },
});
