/**
 * Declares a purchase void: everything that is left of it is undone, as if all of it had come back.
 */
import { Type } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { cancelPurchase as decide, type CancelledPurchase } from '../../domain/account/return.js';
import { PurchaseId, UserId } from '../../domain/ids.js';
import { decidedAt } from '../../domain/receiptTime.js';
import { defineCommand } from '../command.js';
import { presentPointOfSale } from '../registry/present.js';
import { answerCancellation } from './purchaseAnswer.js';
import { purchaseHistory } from './purchaseHistory.js';
import { receiptTime, tillInput, timeInput } from './receiptInput.js';

export const CancelPurchaseInput = Type.Object(
  {
    userId: UserId,
    purchaseId: PurchaseId,
    ...tillInput,
    reason: Type.String({ minLength: 1, maxLength: 500 }),
    ...timeInput,
  },
  { additionalProperties: false, title: 'CancelPurchase' },
);

export const cancelPurchase = defineCommand({
  name: 'CancelPurchase',
  summary: 'Declares a purchase void and undoes what is left of it.',
  input: CancelPurchaseInput,
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: async (input, context, from) => {
    const { merchantId, pointOfSaleId, purchaseId } = input;
    presentPointOfSale(from.directory, context.tenant, merchantId, pointOfSaleId);
    const history = await purchaseHistory(purchaseId, from);
    const revision = from.state.purchases.get(purchaseId)?.cancelled ?? null;
    const [fact] = revision === null ? [] : await from.read(revision, 1);
    const scheme = from.directory.tiers.scheme(context.tenant);
    return { history, scheme, cancelled: (fact?.data as CancelledPurchase | undefined) ?? null };
  },
  decide: (input, state, { history, scheme }, context) => {
    const { purchaseId, merchantId, pointOfSaleId, tillId, reason } = input;
    const till = { merchantId, pointOfSaleId, tillId };
    const order = { purchaseId, reason, ...till, ...receiptTime(input, context) };
    return decide(order, state, history, scheme);
  },
  occurredAt: (input, context) => decidedAt(receiptTime(input, context)),
  answer: ({ events, input, found }) => {
    const recorded = events.find((event) => event.type === 'PurchaseCancelled');
    const cancelled = recorded?.data ?? found?.cancelled;
    if (!cancelled) throw new Error('a cancellation without its event');
    return answerCancellation(input.userId, cancelled);
  },
});
