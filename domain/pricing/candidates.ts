/**
 * Finds the campaigns that a receipt has a chance with, without trying the others. Each campaign is filed under the facts that it
 * cannot do without (a product, a segment, a weekday); those that need nothing in particular are always candidates.
 */
import type { Hint, HintName } from './condition.js';
import type { Facts } from './facts.js';

type Drawer = Map<string | number, number[]>;

export interface CandidateIndex {
  /** Campaigns in the set. */
  readonly size: number;
  readonly always: readonly number[];
  readonly drawers: ReadonlyMap<HintName, Drawer>;
}

/** `hints` by the campaigns' place in the set; null: always a candidate. */
export const indexCandidates = (hints: readonly (readonly Hint[] | null)[]): CandidateIndex => {
  const always: number[] = [];
  const drawers = new Map<HintName, Drawer>();
  hints.forEach((hint, place) => {
    if (hint === null) {
      always.push(place);
      return;
    }
    for (const { by, values } of hint) {
      const drawer = drawers.get(by) ?? new Map<string | number, number[]>();
      drawers.set(by, drawer);
      for (const value of values) {
        const places = drawer.get(value);
        if (!places) drawer.set(value, [place]);
        else if (places.at(-1) !== place) places.push(place);
      }
    }
  });
  return { size: hints.length, always, drawers };
};

/** Every value that a campaign may be filed under, for each kind of fact. */
const valuesIn: Record<HintName, (facts: Facts) => Iterable<string | number>> = {
  coupon: ({ couponCodes }) => couponCodes.keys(),
  product: ({ linesBy }) => linesBy.product.keys(),
  segment: ({ segments }) => segments,
  brand: ({ linesBy }) => linesBy.brand.keys(),
  category: ({ linesBy }) => linesBy.category.keys(),
  tier: ({ customer }) => (customer?.tier == null ? [] : [customer.tier]),
  pointOfSale: ({ receipt }) => [receipt.pointOfSaleId],
  merchant: ({ receipt }) => [receipt.merchantId],
  weekday: ({ local }) => [local.weekday],
};

/** Places in the set, rising; one may come twice. */
export const candidatesFor = ({ always, drawers }: CandidateIndex, facts: Facts): Uint32Array => {
  const found = always.slice();
  for (const [name, drawer] of drawers) {
    for (const value of valuesIn[name](facts)) {
      const places = drawer.get(value);
      if (places) for (const place of places) found.push(place);
    }
  }
  // Numbers in an array of numbers are sorted without asking a function which of two comes first.
  return new Uint32Array(found).sort();
};
