/** The answers about customers' receipts: quotes, confirmations, returns and cancellations. */
import { Type } from '@sinclair/typebox';
import { LotPart, reversedPartProperties } from '../../domain/account/events.js';
import { Currency, Money, Points } from '../../domain/amount.js';
import { PurchaseId, ReturnId, UserId } from '../../domain/ids.js';
import {
  BalanceAfter,
  buyer,
  byGiftCards,
  line,
  offered,
  parts,
  PricedLine,
  reversed,
  standing,
  Texts,
  Why,
} from './receiptShapes.js';

const Scenario = Type.Object(
  { pointsRedeemed: Points, paidByPoints: Money, toPay: Money, pointsEarned: Points },
  { title: 'Scenario' },
);

const LinePart = Type.Object(
  { ...line, ...parts, ...reversedPartProperties },
  { title: 'ReturnedLine' },
);

export const Quote = Type.Object(
  {
    quoteId: Type.String({
      description: 'Name it when confirming: then no other outcome is accepted',
    }),
    userId: UserId,
    currency: Currency,
    total: Money,
    ...offered,
    lines: Type.Array(PricedLine),
    ...byGiftCards,
    toPay: Type.Optional(
      Type.Unsafe<number>({
        ...Money,
        description: 'Only with gift cards: in money after them, at the asked redemption',
      }),
    ),
    most: Type.Object(
      {
        points: Points,
        value: Money,
        lots: Type.Optional(Type.Array(LotPart)),
        limitedBy: Type.Union([Type.Literal('balance'), Type.Literal('rule')]),
      },
      { description: 'The most that points may pay' },
    ),
    atNone: Scenario,
    asAsked: Scenario,
    atMost: Scenario,
    balance: BalanceAfter,
    ...standing,
    texts: Texts,
    why: Why,
  },
  { title: 'Quote' },
);

/** Of the answer to a confirmation. */
export const confirmed = {
  purchaseId: PurchaseId,
  userId: UserId,
  currency: Currency,
  total: Money,
  ...offered,
  paidByPoints: Money,
  ...byGiftCards,
  toPay: Money,
  pointsRedeemed: Points,
  pointsEarned: Points,
  deficitRepaid: Points,
  lines: Type.Array(PricedLine),
  balance: BalanceAfter,
  ...standing,
  offline: Type.Boolean(),
  ...buyer,
  ruleVersion: Type.Integer({ minimum: 1 }),
  texts: Texts,
  why: Why,
} as const;

const undone = {
  currency: Currency,
  amount: Money,
  ...reversed,
  refund: Money,
  paidByPoints: Money,
  pointsRestored: Points,
  pointsTakenBack: Points,
  pointsOwed: Points,
  pointsForgiven: Points,
  balance: BalanceAfter,
  ...standing,
  texts: Texts,
  why: Why,
} as const;

export const returned = {
  purchaseId: PurchaseId,
  returnId: ReturnId,
  userId: UserId,
  lines: Type.Array(LinePart),
  complete: Type.Boolean({ description: 'Nothing of the purchase is left' }),
  ...undone,
} as const;

export const cancelled = {
  purchaseId: PurchaseId,
  userId: UserId,
  reason: Type.String(),
  ...undone,
} as const;
