/**
 * Goods of an anonymous receipt given back, at the till that sold them or at another one of the same merchant.
 */
import { Type } from '@sinclair/typebox';
import { PurchaseId, ReturnId, TillId } from '../../domain/ids.js';
import { decidedAt } from '../../domain/receiptTime.js';
import { returnAnonymous as decide } from '../../domain/sales/decide.js';
import { sales, salesStream } from '../../domain/sales/sales.js';
import { receiptTime, ReturnLinesInput, tillInput, timeInput } from '../account/receiptInput.js';
import { defineCommand } from '../command.js';
import { presentPointOfSale } from '../registry/present.js';
import { answerSaleUndone, saleHistory } from './saleHistory.js';

export const ReturnAnonymousInput = Type.Object(
  {
    purchaseId: PurchaseId,
    returnId: ReturnId,
    ...tillInput,
    /** The till that sold the goods, where it is another one. */
    soldAtTillId: Type.Optional(TillId),
    lines: Type.Optional(ReturnLinesInput),
    ...timeInput,
  },
  { additionalProperties: false, title: 'ReturnAnonymous' },
);

export const returnAnonymous = defineCommand({
  name: 'ReturnAnonymous',
  summary: 'Records goods of an anonymous receipt given back.',
  input: ReturnAnonymousInput,
  aggregate: sales,
  stream: (input, context) => salesStream(context.tenant, input.soldAtTillId ?? input.tillId),
  lookUp: (input, context, from) => {
    const { merchantId, pointOfSaleId, purchaseId } = input;
    presentPointOfSale(from.directory, context.tenant, merchantId, pointOfSaleId);
    return saleHistory(purchaseId, from);
  },
  decide: (input, state, history, context) => {
    const { purchaseId, returnId, merchantId, pointOfSaleId, tillId, lines } = input;
    const till = { merchantId, pointOfSaleId, tillId };
    const order = { purchaseId, returnId, ...till, ...receiptTime(input, context) };
    return decide({ ...order, request: lines ?? 'all' }, state, history);
  },
  occurredAt: (input, context) => decidedAt(receiptTime(input, context)),
  answer: ({ events, input, found }) => {
    const recorded = events[0]?.type === 'AnonymousPurchaseReturned' ? events[0].data : null;
    const { returnId } = input;
    const returned = recorded ?? found?.returns.find((one) => one.returnId === returnId);
    if (!returned) throw new Error('a return without its event');
    return answerSaleUndone(returned);
  },
});
