/** Whether a receipt that is sent again is the one that was recorded, or another one under its number. */
import { shownCode } from '../coupon/codes.js';
import { sameCards } from '../giftCard/payment.js';
import type { CouponOutcome } from '../pricing/priced.js';
import { isSameTime } from '../receiptTime.js';
import { rejected } from '../rejected.js';
import type { Basket } from './basket.js';
import type { ConfirmedPurchase, RecordedPurchase } from './confirmed.js';
import { type Offer, shownCodes } from './offer.js';
import type { PurchaseOrder } from './purchaseOrder.js';

/** @throws Rejected purchase-exists unless the order is the recorded purchase, sent again. */
export const assertSame = (
  order: PurchaseOrder,
  basket: Basket,
  offer: Offer | null,
  recorded: RecordedPurchase | null,
): void => {
  if (recorded === null) throw new Error('the recorded purchase has to be looked up');
  const { data } = recorded;
  const same =
    data.merchantId === order.merchantId &&
    data.pointOfSaleId === order.pointOfSaleId &&
    data.tillId === order.tillId &&
    sameLines(data.lines, basket.lines) &&
    // A till that lost the answer may queue the receipt and send it again as an offline one, which cannot ask for points.
    (order.offline || askedOf(data) === order.redeemPoints) &&
    (order.offline || sameCoupons(data.coupons, offer ? shownCodes(offer) : [])) &&
    (order.offline || sameCards(data.giftCards, order.giftCards)) &&
    (!data.offline || isSameTime(order, recorded.occurredAt));
  if (!same) throw rejected('purchase-exists', { purchaseId: order.purchaseId });
};

type Line = Basket['lines'][number];

export const sameLines = (recorded: readonly Line[], sent: readonly Line[]): boolean =>
  recorded.length === sent.length &&
  recorded.every((line, index) => {
    const other = sent[index];
    return (
      line.position === other?.position &&
      line.productId === other.productId &&
      line.quantity === other.quantity &&
      line.price === other.price &&
      line.amount === other.amount
    );
  });

export const sameCoupons = (
  recorded: readonly Pick<CouponOutcome, 'code'>[] = [],
  shown: readonly string[] = [],
): boolean => {
  const codes = new Set(shown.map(shownCode));
  return recorded.length === codes.size && recorded.every(({ code }) => codes.has(code));
};

/** What the till had asked to redeem, in hundredths. */
const askedOf = ({ why }: ConfirmedPurchase): number => {
  const reason = why.find(({ figures }) => 'asked' in figures);
  return Number(reason?.figures['asked'] ?? 0);
};
