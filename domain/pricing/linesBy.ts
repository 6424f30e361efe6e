/**
 * The lines of a receipt by product, brand and category, so that a condition looks at the lines that it can be about and not at
 * all of them: with 200 campaigns on 30 lines that is most of the work.
 */
import type { BasketLine } from './basketLines.js';

export type LineFact = 'product' | 'brand' | 'category';

/** Places in canonical order, rising. */
export interface LinesBy extends Readonly<
  Record<LineFact, ReadonlyMap<string, readonly number[]>>
> {
  readonly all: readonly number[];
}

const rememberedMax = 10_000;
const remembered = new Map<string, readonly string[]>();

/** A category and all above it. Remembered, since cutting strings up costs more than finding them. */
const pathsOf = (category: string): readonly string[] => {
  const known = remembered.get(category);
  if (known) return known;
  const paths = [category];
  for (let end = category.lastIndexOf('/'); end > 0; end = category.lastIndexOf('/', end - 1)) {
    paths.push(category.slice(0, end));
  }
  if (remembered.size >= rememberedMax) remembered.clear();
  remembered.set(category, paths);
  return paths;
};

const file = (under: Map<string, number[]>, key: string, place: number): void => {
  const places = under.get(key);
  if (places) places.push(place);
  else under.set(key, [place]);
};

/** `lines` in canonical order. A line of dairy/cheese/blue is also filed under dairy/cheese and under dairy. */
export const linesBy = (lines: readonly BasketLine[]): LinesBy => {
  const product = new Map<string, number[]>();
  const brand = new Map<string, number[]>();
  const category = new Map<string, number[]>();
  for (const [place, line] of lines.entries()) {
    file(product, line.productId, place);
    if (line.brand != null) file(brand, line.brand, place);
    if (line.category == null) continue;
    for (const path of pathsOf(line.category)) file(category, path, place);
  }
  return { all: lines.map((_line, place) => place), product, brand, category };
};

/** A line has at least one of `values`, or nobody is interested in it. */
export interface LineHint {
  readonly by: LineFact;
  readonly values: readonly (string | number)[];
}

const none: readonly number[] = [];

/** Places of the lines that meet one of the hints; of all where nothing is known. */
export const linesFor = (hints: readonly LineHint[] | null, by: LinesBy): readonly number[] => {
  if (hints === null) return by.all;
  let found: readonly number[] = none;
  let several: Set<number> | null = null;
  for (const { by: fact, values } of hints) {
    for (const value of values) {
      const places = by[fact].get(value as string);
      if (!places) continue;
      if (found.length === 0) {
        found = places;
        continue;
      }
      several ??= new Set(found);
      for (const place of places) several.add(place);
    }
  }
  return several ? [...several].sort((a, b) => a - b) : found;
};
