/**
 * What a price is made from, all of it given: the lines with what the catalogue says of their products, where and when they were
 * rung up, who buys, and the coupons they brought. Nothing in domain/pricing asks anybody anything else.
 *
 * Money is minor units, quantities thousandths, points hundredths, times milliseconds.
 */
import type { MerchantId, PointOfSaleId } from '../ids.js';
import { type Attributes, type BasketLine, inCanonicalOrder } from './basketLines.js';
import { type Asked, type LinesBy, linesBy } from './linesBy.js';
import { type LocalTime, localTime } from './localTime.js';

/** What of the account a price may depend on. */
export interface Customer {
  /** Hundredths that may be spent now. */
  readonly activePoints: number;
  readonly tier?: string | null;
  readonly segments?: readonly string[];
  /** Month and day, `--05-31` as in ISO 8601 or a whole date; null where it is not known. */
  readonly birthday?: string | null;
  /** Confirmed before this one and not wholly returned. */
  readonly purchases?: number;
  readonly attributes?: Attributes;
  /** That they chose, BCP 47; null: none. */
  readonly language?: string | null;
}

/** A coupon shown at the till, looked up before: a refused one has its reason and takes no part. */
export interface Coupon {
  readonly code: string;
  readonly series: string;
  /** Kebab-case, for instance `coupon-expired`. */
  readonly refusal?: string;
}

export interface Receipt {
  readonly lines: readonly BasketLine[];
  readonly merchantId: MerchantId;
  readonly pointOfSaleId: PointOfSaleId;
  /** Milliseconds: the time the receipt is decided as of. */
  readonly at: number;
  /** IANA name of the merchant's time zone. */
  readonly timeZone: string;
  readonly attributes?: Attributes;
  readonly coupons?: readonly Coupon[];
}

/** What is left of a campaign for this customer and this receipt; a figure that is left out is unlimited. */
export interface Remaining {
  /** Times that all customers together may still use it. */
  readonly uses?: number;
  /** Times that this customer may. */
  readonly usesOfCustomer?: number;
  /** Minor units of discount. */
  readonly amount?: number;
  /** Hundredths. */
  readonly points?: number;
}

/** A receipt made ready for conditions: looked up by name and in sets, once, however many campaigns ask. */
export interface Facts {
  readonly receipt: Receipt;
  /** In canonical order: see basketLines.ts. */
  readonly lines: readonly BasketLine[];
  /** Where each line of the receipt stands among them. */
  readonly places: readonly number[];
  readonly linesBy: LinesBy;
  /** Before anything is taken off. */
  readonly total: number;
  readonly local: LocalTime;
  /** Null for an anonymous receipt. */
  readonly customer: Customer | null;
  readonly segments: ReadonlySet<string>;
  /** The coupon that is spent, by series, where it was not refused: one of a series on a receipt, the first by its code. */
  readonly couponCodes: ReadonlyMap<string, string>;
}

export const factsOf = (receipt: Receipt, customer: Customer | null, asked: Asked): Facts => {
  let total = 0;
  for (const { amount } of receipt.lines) total += amount;
  const couponCodes = new Map<string, string>();
  for (const { code, series, refusal } of receipt.coupons ?? []) {
    const known = couponCodes.get(series);
    if (refusal === undefined && (known === undefined || code < known))
      couponCodes.set(series, code);
  }
  const { lines, places } = inCanonicalOrder(receipt.lines);
  return {
    receipt,
    lines,
    places,
    linesBy: linesBy(lines, asked),
    total,
    local: localTime(receipt.at, receipt.timeZone),
    customer,
    segments: new Set(customer?.segments),
    couponCodes,
  };
};
