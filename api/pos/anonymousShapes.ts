/** The answers about receipts of nobody known. */
import { Type } from '@sinclair/typebox';
import { PricedLine as RecordedLine } from '../../domain/account/events.js';
import { Currency, Money } from '../../domain/amount.js';
import { PurchaseId, ReturnId } from '../../domain/ids.js';
import {
  byGiftCards,
  line,
  offered,
  PricedLine,
  reversed,
  shop,
  Texts,
  Why,
} from './receiptShapes.js';

const { net, discounts } = RecordedLine.properties;
const AnonymousPart = Type.Object({ ...line, net, discounts }, { title: 'AnonymousReturnedLine' });

export const AnonymousQuote = Type.Object(
  {
    currency: Currency,
    total: Money,
    ...offered,
    ...byGiftCards,
    toPay: Money,
    lines: Type.Array(PricedLine),
    texts: Texts,
  },
  { title: 'AnonymousQuote' },
);

export const anonymousConfirmed = {
  purchaseId: PurchaseId,
  currency: Currency,
  total: Money,
  ...offered,
  ...byGiftCards,
  toPay: Money,
  lines: Type.Array(PricedLine),
  offline: Type.Boolean(),
  texts: Texts,
  why: Type.Optional(Why),
} as const;

const anonymousUndone = {
  purchaseId: PurchaseId,
  ...shop,
  currency: Currency,
  amount: Money,
  ...reversed,
  refund: Money,
  texts: Texts,
} as const;
export const anonymousReturned = {
  ...anonymousUndone,
  returnId: ReturnId,
  lines: Type.Array(AnonymousPart),
  complete: Type.Boolean(),
} as const;
export const anonymousCancelled = { ...anonymousUndone, reason: Type.String() } as const;
