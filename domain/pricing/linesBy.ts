/**
 * The lines of a receipt by product, brand and category, so that a condition looks at the lines that it can be about and not at
 * all of them: with 200 campaigns on 30 lines that is most of the work. Filed is what some campaign asks about, and nothing else.
 */
import type { BasketLine } from './basketLines.js';

export type LineFact = 'product' | 'brand' | 'category';

/** What campaigns ask about: see asked.ts. */
export interface Asked {
  readonly product: ReadonlySet<string>;
  readonly brand: ReadonlySet<string>;
  /** Of a category and all above it, those that anybody asks about. */
  readonly categories: (of: string) => readonly string[];
  /** Brands, categories or attributes: what a line has from the catalogue. */
  readonly catalogue: boolean;
}

/** Places in canonical order, rising. */
export interface LinesBy extends Readonly<
  Record<LineFact, ReadonlyMap<string, readonly number[]>>
> {
  readonly all: readonly number[];
}

const file = (under: Map<string, number[]>, key: string, place: number): void => {
  const places = under.get(key);
  if (places) places.push(place);
  else under.set(key, [place]);
};

/** `lines` in canonical order. A line of dairy/cheese/blue is also filed under dairy/cheese and under dairy. */
export const linesBy = (lines: readonly BasketLine[], asked: Asked): LinesBy => {
  const product = new Map<string, number[]>();
  const brand = new Map<string, number[]>();
  const category = new Map<string, number[]>();
  const all: number[] = [];
  for (const { productId, brand: ofBrand, category: ofCategory } of lines) {
    const place = all.length;
    all.push(place);
    if (asked.product.has(productId)) file(product, productId, place);
    if (ofBrand != null && asked.brand.has(ofBrand)) file(brand, ofBrand, place);
    if (ofCategory == null) continue;
    for (const path of asked.categories(ofCategory)) file(category, path, place);
  }
  return { all, product, brand, category };
};

/** The lines that have one of `values`. */
export interface LineHint {
  readonly by: LineFact;
  readonly values: readonly (string | number)[];
}

const none: readonly number[] = [];

/** Places of the lines that meet one of the hints, rising; of all where nothing is known. */
export const linesFor = (hints: readonly LineHint[] | null, by: LinesBy): readonly number[] => {
  if (hints === null) return by.all;
  let found: readonly number[] = none;
  for (const { by: fact, values } of hints) {
    const filed = by[fact];
    if (filed.size === 0) continue;
    for (const value of values) {
      const places = filed.get(value as string);
      if (places) found = found.length === 0 ? places : merged(found, places);
    }
  }
  return found;
};

/** Both rise, and so does what comes of them. */
const merged = (a: readonly number[], b: readonly number[]): readonly number[] => {
  const all: number[] = [];
  let inB = 0;
  for (const place of a) {
    while (inB < b.length && (b[inB] as number) < place) all.push(b[inB++] as number);
    if (b[inB] === place) inB += 1;
    all.push(place);
  }
  while (inB < b.length) all.push(b[inB++] as number);
  return all;
};

export const hasLineFor = (hints: readonly LineHint[], by: LinesBy): boolean => {
  for (const { by: fact, values } of hints) {
    const filed = by[fact];
    if (filed.size === 0) continue;
    for (const value of values) if (filed.has(value as string)) return true;
  }
  return false;
};
