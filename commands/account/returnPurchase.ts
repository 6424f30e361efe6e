/**
 * Goods of a purchase given back: all of it, some lines, or some of a line's quantity. What the purchase did to the points is
 * reversed in proportion, from the record.
 */
import { Type } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { returnPurchase as decide } from '../../domain/account/return.js';
import { PurchaseId, ReturnId, UserId } from '../../domain/ids.js';
import { decidedAt } from '../../domain/receiptTime.js';
import { defineCommand } from '../command.js';
import { presentPointOfSale } from '../registry/present.js';
import { answerReturn } from './purchaseAnswer.js';
import { purchaseHistory } from './purchaseHistory.js';
import { receiptTime, ReturnLinesInput, tillInput, timeInput } from './receiptInput.js';

export const ReturnPurchaseInput = Type.Object(
  {
    userId: UserId,
    purchaseId: PurchaseId,
    returnId: ReturnId,
    ...tillInput,
    lines: Type.Optional(ReturnLinesInput),
    ...timeInput,
  },
  { additionalProperties: false, title: 'ReturnPurchase' },
);

export const returnPurchase = defineCommand({
  name: 'ReturnPurchase',
  summary: 'Records goods given back and reverses their part of the points.',
  input: ReturnPurchaseInput,
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: (input, context, from) => {
    const { merchantId, pointOfSaleId, purchaseId } = input;
    presentPointOfSale(from.directory, context.tenant, merchantId, pointOfSaleId);
    const scheme = from.directory.tiers.scheme(context.tenant);
    return purchaseHistory(purchaseId, from).then((history) => ({ history, scheme }));
  },
  decide: (input, state, { history, scheme }, context) => {
    const { purchaseId, returnId, merchantId, pointOfSaleId, tillId, lines } = input;
    const till = { merchantId, pointOfSaleId, tillId };
    const order = { purchaseId, returnId, ...till, ...receiptTime(input, context) };
    return decide({ ...order, request: lines ?? 'all' }, state, history, scheme);
  },
  occurredAt: (input, context) => decidedAt(receiptTime(input, context)),
  answer: ({ events, input, found }) => {
    const recorded = events.find((event) => event.type === 'PurchaseReturned');
    const { returnId } = input;
    const returned =
      recorded?.data ?? found?.history?.returns.find((one) => one.returnId === returnId);
    if (!returned) throw new Error('a return without its event');
    return answerReturn(input.userId, returned);
  },
});
