/**
 * Receipts of nobody we know, on the stream of the till that made them out. They earn and spend no points; campaigns and
 * coupons that ask for no customer apply to them, and they count in sales.
 *
 * These names are the storage format: proof-read, version with care.
 */
import { Type } from '@sinclair/typebox';
import {
  Reason,
  receiptProperties,
  reversedPartProperties,
  reversedProperties,
} from '../account/events.js';
import { Currency, Money, Quantity } from '../amount.js';
import { event, type EventOf } from '../event.js';
import { MerchantId, PointOfSaleId, ProductId, PurchaseId, ReturnId, TillId } from '../ids.js';

const Text = Type.String({ maxLength: 500 });
const closed = { additionalProperties: false } as const;

export const AnonymousPurchaseConfirmed = event('AnonymousPurchaseConfirmed', {
  ...receiptProperties,
  /** Of a receipt that came late, and where its slip says something else. */
  why: Type.Optional(Type.Array(Reason, { maxItems: 50 })),
});
export const AnonymousPurchaseReturned = event('AnonymousPurchaseReturned', {
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
        net: reversedPartProperties.net,
        discounts: reversedPartProperties.discounts,
      },
      closed,
    ),
    { minItems: 1, maxItems: 2_000 },
  ),
  ...reversedProperties,
  /** Before discounts. */
  amount: Money,
  complete: Type.Boolean(),
});
export const AnonymousPurchaseCancelled = event('AnonymousPurchaseCancelled', {
  purchaseId: PurchaseId,
  merchantId: MerchantId,
  pointOfSaleId: PointOfSaleId,
  tillId: TillId,
  currency: Currency,
  reason: Text,
  ...reversedProperties,
  amount: Money,
});

export const salesEvents = [
  AnonymousPurchaseConfirmed,
  AnonymousPurchaseReturned,
  AnonymousPurchaseCancelled,
] as const;
export type SalesEvent = EventOf<(typeof salesEvents)[number]>;
