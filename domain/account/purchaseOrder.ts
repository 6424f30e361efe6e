/** A receipt as a till sends it to be confirmed. */
import type {
  CardNumber,
  MemberId,
  MerchantId,
  PointOfSaleId,
  PurchaseId,
  TillId,
} from '../ids.js';
import type { ShownGiftCard } from '../giftCard/payment.js';
import type { ReceiptTime } from '../receiptTime.js';
import type { BasketLine } from './basket.js';
import type { Outcome } from './pricing.js';

export interface PurchaseOrder extends ReceiptTime {
  readonly purchaseId: PurchaseId;
  readonly merchantId: MerchantId;
  readonly pointOfSaleId: PointOfSaleId;
  readonly tillId: TillId;
  readonly cardNumber?: CardNumber;
  /** Who of the household buys, where no card tells. */
  readonly memberId?: MemberId;
  readonly lines: readonly BasketLine[];
  /** Hundredths that the customer wants to pay with. */
  readonly redeemPoints: number;
  /** Looked up for this receipt. */
  readonly giftCards?: readonly ShownGiftCard[];
  readonly quoteId?: string;
  /** Called with the outcome before anything is decided; throws where the customer agreed to another one. */
  readonly checkQuote?: (outcome: Outcome) => void;
  /** What the till printed while it was offline: points earned in hundredths, total and discount in minor units. */
  readonly slip?: {
    readonly pointsEarned?: number;
    readonly total?: number;
    readonly discount?: number;
  };
}
