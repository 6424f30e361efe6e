/**
 * What is known of an account when it is asked whether it belongs to a segment. All of it comes from facts; what is encrypted (name,
 * birthday, contacts) is not here, so no segment can be made of it.
 *
 * Money is minor units, points hundredths, quantities thousandths, times milliseconds.
 */
import type { MerchantId, ProductId } from '../ids.js';

export interface BoughtLine {
  readonly productId: ProductId;
  /** As the catalogue has it today; null where it has none, or does not know the product. */
  readonly category: string | null;
  /** What was bought less what came back. */
  readonly kept: number;
}

/** A purchase that was neither cancelled nor wholly returned: the others count as if they had never been. */
export interface CountedPurchase {
  readonly at: number;
  readonly merchantId: MerchantId;
  /** Less what came back. */
  readonly net: number;
  readonly lines: readonly BoughtLine[];
}

/** Of an open account. */
export interface AccountFigures {
  readonly enrolledAt: number | null;
  /** That can be spent now. */
  readonly activePoints: number;
  /** Null: none. */
  readonly tier: string | null;
  /** That the customer chose, BCP 47. Null: none. */
  readonly language: string | null;
  readonly purchases: readonly CountedPurchase[];
}

export const dayMs = 86_400_000;

/** Those of the last `days` days up to `asOf`; all up to `asOf` where no days are given. */
export const purchasesWithin = (
  { purchases }: AccountFigures,
  days: number | undefined,
  asOf: number,
): readonly CountedPurchase[] => {
  const after = days === undefined ? -Infinity : asOf - days * dayMs;
  return purchases.filter(({ at }) => at > after && at <= asOf);
};
