/**
 * /pos/v1/users/{userId}/purchases/: a customer's receipts, from the quote to the return. Confirming is what everything else here
 * exists for, and the path that must stay short.
 */
import { cancelPurchase, CancelPurchaseInput } from '../../commands/account/cancelPurchase.js';
import { confirmPurchase, ConfirmPurchaseInput } from '../../commands/account/confirmPurchase.js';
import { createQuotePurchase, QuotePurchaseInput } from '../../commands/account/quotePurchase.js';
import { returnPurchase, ReturnPurchaseInput } from '../../commands/account/returnPurchase.js';
import { PurchaseId, UserId } from '../../domain/ids.js';
import { tillsOnly } from '../auth/access.js';
import { carryOutNumbered, contextOf, Recorded, recorded } from '../commandContext.js';
import { route, type Route } from '../route.js';
import { purchaseReadingRoutes } from './purchaseReading.js';
import {
  basketExample,
  confirmExample,
  couponExample,
  giftCardExample,
  returnExample,
} from './receiptExamples.js';
import { refusedByGiftCards } from './giftCards.js';
import { bodyOf, receiptError, receiptInput, shownLines } from './receiptInput.js';
import { cancelled, confirmed, Quote, returned } from './purchaseShapes.js';
import type { PosServices } from './services.js';

const ofUser = { userId: UserId } as const;
const ofPurchase = { userId: UserId, purchaseId: PurchaseId } as const;
const tags = ['Purchases'] as const;
const refusedByShop = [
  'account-not-found',
  'account-closed',
  'card-not-found',
  'card-blocked',
  'member-not-found',
  'card-of-another-member',
  'programme-not-set',
  'currency-mismatch',
  'amount-mismatch',
  'position-repeated',
  'basket-too-large',
] as const;

export const purchaseRoutes = (services: PosServices): readonly Route[] => {
  const { handler } = services;
  const quotePurchase = createQuotePurchase(handler);
  return [
    ...purchaseReadingRoutes(services.queries),
    route({
      method: 'POST',
      path: '/pos/v1/users/{userId}/purchases/',
      summary: 'Confirms a purchase',
      description:
        'Records the receipt with everything it does to the account in one step. A retry under the same `purchaseId` never counts twice. ' +
        'Where `quoteId` is named and the outcome would differ, it is refused with `price-changed` and the new quote.',
      tags,
      access: tillsOnly,
      params: ofUser,
      body: bodyOf(ConfirmPurchaseInput, ['userId'], 'ConfirmPurchaseBody'),
      checkedBy: 'command',
      idempotencyKey: 'optional',
      command: confirmPurchase.name,
      status: 201,
      response: Recorded('ConfirmedPurchase', confirmed),
      translate: receiptError,
      problems: [
        ...refusedByShop,
        'purchase-exists',
        'not-enough-points',
        'redemption-over-limit',
        'not-a-redeemer',
        'offline-cannot-spend',
        'price-changed',
        'time-in-future',
        ...refusedByGiftCards,
      ],
      examples: { body: [confirmExample, giftCardExample] },
      handle: async (request) => {
        const input = receiptInput(request, ConfirmPurchaseInput);
        const handled = await carryOutNumbered(
          handler,
          confirmPurchase,
          input,
          request,
          input.purchaseId,
        );
        return recorded({ ...handled, answer: shownLines(handled.answer) });
      },
    }),
    route({
      method: 'POST',
      path: '/pos/v1/users/{userId}/purchases/quote',
      summary: 'Says what a receipt would come to',
      description:
        'Everything at once: what campaigns and coupons take off each line and what they give, which of them did not apply and why, the most that points may pay, what is earned at none, at the asked and at the most redeemed. Nothing is recorded.',
      tags,
      access: tillsOnly,
      params: ofUser,
      body: bodyOf(QuotePurchaseInput, ['userId'], 'QuoteBody'),
      checkedBy: 'command',
      response: Quote,
      translate: receiptError,
      problems: refusedByShop,
      examples: { body: [basketExample, couponExample] },
      handle: async (request) => {
        const input = receiptInput(request, QuotePurchaseInput);
        return { body: shownLines(await quotePurchase(input, contextOf(request, 'quote'))) };
      },
    }),
    route({
      method: 'POST',
      path: '/pos/v1/users/{userId}/purchases/{purchaseId}/returns',
      summary: 'Returns goods: the whole purchase, some lines, or some of a line',
      tags,
      access: tillsOnly,
      params: ofPurchase,
      body: bodyOf(ReturnPurchaseInput, ['userId', 'purchaseId'], 'ReturnBody'),
      checkedBy: 'command',
      idempotencyKey: 'optional',
      command: returnPurchase.name,
      status: 201,
      response: Recorded('ReturnedPurchase', returned),
      translate: receiptError,
      problems: [
        'account-not-found',
        'purchase-not-found',
        'foreign-merchant',
        'purchase-cancelled',
        'line-not-found',
        'position-repeated',
        'nothing-to-return',
        'return-exceeds-purchase',
        'return-exists',
        'too-many-returns',
        'time-in-future',
      ],
      examples: { body: [returnExample] },
      handle: async (request) => {
        const input = receiptInput(request, ReturnPurchaseInput);
        const handled = await carryOutNumbered(
          handler,
          returnPurchase,
          input,
          request,
          input.returnId,
        );
        return recorded({ ...handled, answer: shownLines(handled.answer) });
      },
    }),
    route({
      method: 'POST',
      path: '/pos/v1/users/{userId}/purchases/{purchaseId}/cancel',
      summary: 'Declares a purchase void',
      tags,
      access: tillsOnly,
      params: ofPurchase,
      body: bodyOf(CancelPurchaseInput, ['userId', 'purchaseId'], 'CancelBody'),
      checkedBy: 'command',
      idempotencyKey: 'optional',
      command: cancelPurchase.name,
      response: Recorded('CancelledPurchase', cancelled),
      translate: receiptError,
      problems: [
        'account-not-found',
        'purchase-not-found',
        'foreign-merchant',
        'nothing-to-return',
      ],
      examples: {
        body: [{ summary: 'A slip of the cashier', value: { reason: 'scanned twice' } }],
      },
      handle: async (request) => {
        const input = receiptInput(request, CancelPurchaseInput);
        return recorded(
          await carryOutNumbered(
            handler,
            cancelPurchase,
            input,
            request,
            `cancel ${input.purchaseId}`,
          ),
        );
      },
    }),
  ];
};
