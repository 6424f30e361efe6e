/**
 * Declares an anonymous receipt void.
 */
import { Type } from '@sinclair/typebox';
import { PurchaseId, TillId } from '../../domain/ids.js';
import { decidedAt } from '../../domain/receiptTime.js';
import { cancelAnonymous as decide } from '../../domain/sales/decide.js';
import { sales, salesStream } from '../../domain/sales/sales.js';
import { receiptTime, tillInput, timeInput } from '../account/receiptInput.js';
import { defineCommand } from '../command.js';
import { presentPointOfSale } from '../registry/present.js';
import { answerSaleUndone, saleHistory } from './saleHistory.js';

export const CancelAnonymousInput = Type.Object(
  {
    purchaseId: PurchaseId,
    ...tillInput,
    /** The till that made the receipt out, where it is another one. */
    soldAtTillId: Type.Optional(TillId),
    reason: Type.String({ minLength: 1, maxLength: 500 }),
    ...timeInput,
  },
  { additionalProperties: false, title: 'CancelAnonymous' },
);

export const cancelAnonymous = defineCommand({
  name: 'CancelAnonymous',
  summary: 'Declares an anonymous receipt void.',
  input: CancelAnonymousInput,
  aggregate: sales,
  stream: (input, context) => salesStream(context.tenant, input.soldAtTillId ?? input.tillId),
  lookUp: (input, context, from) => {
    const { merchantId, pointOfSaleId, purchaseId } = input;
    presentPointOfSale(from.directory, context.tenant, merchantId, pointOfSaleId);
    return saleHistory(purchaseId, from);
  },
  decide: (input, state, history, context) => {
    const { purchaseId, merchantId, pointOfSaleId, tillId, reason } = input;
    const till = { merchantId, pointOfSaleId, tillId };
    return decide({ purchaseId, reason, ...till, ...receiptTime(input, context) }, state, history);
  },
  occurredAt: (input, context) => decidedAt(receiptTime(input, context)),
  answer: ({ events, found }) => {
    const recorded = events[0]?.type === 'AnonymousPurchaseCancelled' ? events[0].data : null;
    const cancelled = recorded ?? found?.cancelled;
    if (!cancelled) throw new Error('a cancellation without its event');
    return answerSaleUndone(cancelled);
  },
});
