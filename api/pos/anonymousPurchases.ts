/**
 * /pos/v1/purchases/: receipts of nobody we know, kept by the till that made them out. They earn and spend no
 * points; what is on offer to everybody applies to them.
 */
import { cancelAnonymous, CancelAnonymousInput } from '../../commands/sales/cancelAnonymous.js';
import { confirmAnonymous, ConfirmAnonymousInput } from '../../commands/sales/confirmAnonymous.js';
import { createQuoteAnonymous, QuoteAnonymousInput } from '../../commands/sales/quoteAnonymous.js';
import { returnAnonymous, ReturnAnonymousInput } from '../../commands/sales/returnAnonymous.js';
import { PurchaseId } from '../../domain/ids.js';
import { tillsOnly } from '../auth/access.js';
import { carryOutNumbered, contextOf, Recorded, recorded } from '../commandContext.js';
import { route, type Route } from '../route.js';
import { anonymousReadingRoutes } from './purchaseReading.js';
import { refusedByGiftCards } from './giftCards.js';
import {
  anonymousBasketExample,
  anonymousExample,
  giftCardExample,
  returnExample,
} from './receiptExamples.js';
import { bodyOf, receiptError, receiptInput, shownLines } from './receiptInput.js';
import {
  anonymousCancelled,
  anonymousConfirmed,
  AnonymousQuote,
  anonymousReturned,
} from './anonymousShapes.js';
import type { PosServices } from './services.js';

const ofPurchase = { purchaseId: PurchaseId } as const;
const tags = ['Anonymous purchases'] as const;

export const anonymousPurchaseRoutes = (services: PosServices): readonly Route[] => {
  const { handler } = services;
  const quoteAnonymous = createQuoteAnonymous(handler);
  return [
    ...anonymousReadingRoutes(services.queries),
    route({
      method: 'POST',
      path: '/pos/v1/purchases/',
      summary: 'Confirms a receipt without a customer',
      tags,
      access: tillsOnly,
      body: bodyOf(ConfirmAnonymousInput, [], 'ConfirmAnonymousBody'),
      checkedBy: 'command',
      idempotencyKey: 'optional',
      command: confirmAnonymous.name,
      status: 201,
      response: Recorded('ConfirmedAnonymousPurchase', anonymousConfirmed),
      translate: receiptError,
      problems: [
        'purchase-exists',
        'redemption-not-allowed',
        'currency-mismatch',
        'amount-mismatch',
        'position-repeated',
        'basket-too-large',
        'time-in-future',
        ...refusedByGiftCards,
      ],
      examples: { body: [anonymousExample, giftCardExample] },
      handle: async (request) => {
        const input = receiptInput(request, ConfirmAnonymousInput);
        const handled = await carryOutNumbered(
          handler,
          confirmAnonymous,
          input,
          request,
          input.purchaseId,
        );
        return recorded({ ...handled, answer: shownLines(handled.answer) });
      },
    }),
    route({
      method: 'POST',
      path: '/pos/v1/purchases/quote',
      summary: 'Says what a receipt without a customer would come to',
      description: 'With what is on offer to everybody. Nothing is recorded.',
      tags,
      access: tillsOnly,
      body: bodyOf(QuoteAnonymousInput, [], 'QuoteAnonymousBody'),
      checkedBy: 'command',
      response: AnonymousQuote,
      translate: receiptError,
      problems: ['currency-mismatch', 'amount-mismatch', 'position-repeated', 'basket-too-large'],
      examples: { body: [anonymousBasketExample] },
      handle: async (request) => {
        const input = receiptInput(request, QuoteAnonymousInput);
        return { body: shownLines(await quoteAnonymous(input, contextOf(request, 'quote'))) };
      },
    }),
    route({
      method: 'POST',
      path: '/pos/v1/purchases/{purchaseId}/returns',
      summary: 'Returns goods of a receipt without a customer',
      description: 'Name `soldAtTillId` where another till of the merchant sold them.',
      tags,
      access: tillsOnly,
      params: ofPurchase,
      body: bodyOf(ReturnAnonymousInput, ['purchaseId'], 'ReturnAnonymousBody'),
      checkedBy: 'command',
      idempotencyKey: 'optional',
      command: returnAnonymous.name,
      status: 201,
      response: Recorded('ReturnedAnonymousPurchase', anonymousReturned),
      translate: receiptError,
      problems: [
        'purchase-not-found',
        'foreign-merchant',
        'purchase-cancelled',
        'line-not-found',
        'nothing-to-return',
        'return-exceeds-purchase',
        'return-exists',
        'too-many-returns',
      ],
      examples: { body: [returnExample] },
      handle: async (request) => {
        const input = receiptInput(request, ReturnAnonymousInput);
        const handled = await carryOutNumbered(
          handler,
          returnAnonymous,
          input,
          request,
          input.returnId,
        );
        // Both kinds of undoing share an answer; a return has lines.
        const answer = handled.answer as Extract<typeof handled.answer, { lines: unknown }>;
        return recorded({ ...handled, answer: shownLines(answer) });
      },
    }),
    route({
      method: 'POST',
      path: '/pos/v1/purchases/{purchaseId}/cancel',
      summary: 'Declares a receipt without a customer void',
      description: 'Name `soldAtTillId` where another till of the merchant made it out.',
      tags,
      access: tillsOnly,
      params: ofPurchase,
      body: bodyOf(CancelAnonymousInput, ['purchaseId'], 'CancelAnonymousBody'),
      checkedBy: 'command',
      idempotencyKey: 'optional',
      command: cancelAnonymous.name,
      response: Recorded('CancelledAnonymousPurchase', anonymousCancelled),
      translate: receiptError,
      problems: ['purchase-not-found', 'foreign-merchant', 'nothing-to-return'],
      examples: {
        body: [{ summary: 'A slip of the cashier', value: { reason: 'scanned twice' } }],
      },
      handle: async (request) => {
        const input = receiptInput(request, CancelAnonymousInput);
        const handled = await carryOutNumbered(
          handler,
          cancelAnonymous,
          input,
          request,
          `cancel ${input.purchaseId}`,
        );
        const answer = handled.answer as Extract<typeof handled.answer, { reason: string }>;
        return recorded({ ...handled, answer });
      },
    }),
  ];
};
