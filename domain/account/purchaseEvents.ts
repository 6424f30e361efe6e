/**
 * A purchase, and what becomes of it. Part of the account's stream: see events.ts.
 *
 * These names are the storage format: proof-read, version with care.
 */
import { Type } from '@sinclair/typebox';
import { Currency, Money, Points, Quantity } from '../amount.js';
import { event } from '../event.js';
import {
  CardNumber,
  MemberId,
  MerchantId,
  PointOfSaleId,
  ProductId,
  PurchaseId,
  ReturnId,
  TillId,
} from '../ids.js';
import {
  figuresBack,
  Reason,
  receiptProperties,
  reversedPartProperties,
  reversedProperties,
} from './receiptRecord.js';
import { standingProperties } from './standing.js';

const closed = { additionalProperties: false } as const;
const Balance = Type.Object({ active: Points, pending: Points, deficit: Points }, closed);

export const PurchaseConfirmed = event('PurchaseConfirmed', {
  ...receiptProperties,
  cardNumber: Type.Optional(CardNumber),
  /** Who bought, where several people are on the account and it is known. */
  memberId: Type.Optional(MemberId),
  ruleVersion: Type.Integer({ minimum: 1 }),
  quoteId: Type.Optional(Type.String({ maxLength: 80 })),
  paidByPoints: Money,
  pointsRedeemed: Points,
  pointsEarned: Points,
  /** Of the earned points, what went to repay a deficit instead of into a lot. */
  deficitRepaid: Points,
  why: Type.Array(Reason, { maxItems: 500 }),
  /** After everything this receipt did. */
  balance: Balance,
  ...standingProperties,
});

export const PurchaseReturned = event('PurchaseReturned', {
  purchaseId: PurchaseId,
  returnId: ReturnId,
  merchantId: MerchantId,
  pointOfSaleId: PointOfSaleId,
  tillId: TillId,
  currency: Currency,
  lines: Type.Array(
    Type.Object(
      {
        position: Type.Integer({ minimum: 1 }),
        productId: ProductId,
        quantity: Quantity,
        amount: Money,
        paidByPoints: Money,
        pointsRedeemed: Points,
        pointsEarned: Points,
        ...reversedPartProperties,
      },
      closed,
    ),
    { minItems: 1, maxItems: 2_000 },
  ),
  ...reversedProperties,
  figures: figuresBack,
  /** Of the goods given back, before discounts; `refund` of it in money, `paidByPoints` of it as points. */
  amount: Money,
  refund: Money,
  paidByPoints: Money,
  /** Nothing of the purchase is left after this return. */
  complete: Type.Boolean(),
  why: Type.Array(Reason, { maxItems: 50 }),
  balance: Balance,
  ...standingProperties,
});

/** Like a return of all that is left, but the receipt itself is void. */
export const PurchaseCancelled = event('PurchaseCancelled', {
  purchaseId: PurchaseId,
  merchantId: MerchantId,
  pointOfSaleId: PointOfSaleId,
  tillId: TillId,
  currency: Currency,
  reason: Type.String({ maxLength: 500 }),
  ...reversedProperties,
  figures: figuresBack,
  amount: Money,
  refund: Money,
  paidByPoints: Money,
  why: Type.Array(Reason, { maxItems: 50 }),
  balance: Balance,
  ...standingProperties,
});

export const purchaseEvents = [PurchaseConfirmed, PurchaseReturned, PurchaseCancelled] as const;
