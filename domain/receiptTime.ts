/**
 * As of when a receipt is decided: an offline one as of the till's time, any other now.
 */
import type { MerchantId, PointOfSaleId, PurchaseId, TillId } from './ids.js';
import { rejected } from './rejected.js';

/** Milliseconds that a till's clock may be ahead. */
const aheadMax = 5 * 60_000;

export interface ReceiptTime {
  /** The till was not connected: the receipt was made out at `occurredAt` and is sent later. */
  readonly offline: boolean;
  /** Milliseconds since the epoch, by the till's clock; null where it does not say. */
  readonly occurredAt: number | null;
  readonly now: number;
}

/** A receipt, and the till that sends it. */
export interface AtTill extends ReceiptTime {
  readonly purchaseId: PurchaseId;
  readonly merchantId: MerchantId;
  readonly pointOfSaleId: PointOfSaleId;
  readonly tillId: TillId;
}

/** @throws Rejected time-in-future where the till is more than five minutes ahead. */
export const decidedAt = ({ offline, occurredAt, now }: ReceiptTime): number => {
  if (occurredAt === null) return now;
  if (occurredAt > now + aheadMax) throw rejected('time-in-future', { occurredAt, now });
  return offline ? Math.min(occurredAt, now) : now;
};

/** Whether a receipt that is sent again is dated like the recorded one (ms): a till may number its receipts anew every day. */
export const isSameTime = ({ offline, occurredAt }: ReceiptTime, recordedAt: number): boolean =>
  !offline || occurredAt === null || Math.abs(occurredAt - recordedAt) <= aheadMax;
