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

type Look = (drawer: Drawer, facts: Facts, found: number[]) => void;

const lookUp = (drawer: Drawer, value: string | number, found: number[]): void => {
  const places = drawer.get(value);
  if (places) for (const place of places) found.push(place);
};

/** Every value that a campaign may be filed under, for each kind of fact. */
const looks: Readonly<Record<HintName, Look>> = {
  coupon: (drawer, { couponCodes }, found) => {
    for (const series of couponCodes.keys()) lookUp(drawer, series, found);
  },
  product: (drawer, { linesBy }, found) => {
    for (const id of linesBy.product.keys()) lookUp(drawer, id, found);
  },
  segment: (drawer, { segments }, found) => {
    for (const segment of segments) lookUp(drawer, segment, found);
  },
  brand: (drawer, { linesBy }, found) => {
    for (const brand of linesBy.brand.keys()) lookUp(drawer, brand, found);
  },
  category: (drawer, { linesBy }, found) => {
    for (const category of linesBy.category.keys()) lookUp(drawer, category, found);
  },
  tier: (drawer, { customer }, found) => {
    if (customer?.tier != null) lookUp(drawer, customer.tier, found);
  },
  pointOfSale: (drawer, { receipt }, found) => lookUp(drawer, receipt.pointOfSaleId, found),
  merchant: (drawer, { receipt }, found) => lookUp(drawer, receipt.merchantId, found),
  weekday: (drawer, { local }, found) => lookUp(drawer, local.weekday, found),
};

/** Places in the set, rising; one may come twice. */
export const candidatesFor = ({ always, drawers }: CandidateIndex, facts: Facts): Uint32Array => {
  const found = always.slice();
  for (const [name, drawer] of drawers) looks[name](drawer, facts, found);
  // Numbers in an array of numbers are sorted without asking a function which of two comes first.
  return new Uint32Array(found).sort();
};
