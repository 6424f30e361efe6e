/**
 * The products, brands and categories that campaigns ask about, wherever in a definition the condition stands. Only under these
 * the lines of a receipt are filed (linesBy.ts): most of what is in a basket is no campaign's business.
 *
 * Invariant: whatever a condition looks up was found here, since both ask the condition itself for its values.
 */
import type { Campaign } from './campaign.js';
import { conditionKinds } from './conditions.js';
import { lineAttribute } from './conditions/lineAttribute.js';
import type { Asked, LineFact, LineHint } from './linesBy.js';

type HintOf = (given: object) => LineHint;

const lineHints = new Map<unknown, HintOf>(
  conditionKinds.flatMap((kind) =>
    kind.about === 'line' && kind.hint ? [[kind.kind, kind.hint as unknown as HintOf]] : [],
  ),
);

export const askedIn = (campaigns: readonly Campaign[]): Asked => {
  const values: Record<LineFact, Set<string>> = {
    product: new Set(),
    brand: new Set(),
    category: new Set(),
  };
  let attributes = false;
  const walk = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    const kind = 'kind' in part ? part.kind : undefined;
    if (kind === lineAttribute.kind) attributes = true;
    const hint = lineHints.get(kind)?.(part);
    for (const value of hint?.values ?? []) values[(hint as LineHint).by].add(value as string);
    for (const inner of Object.values(part)) walk(inner);
  };
  for (const { when, rewards } of campaigns) walk([when, rewards]);
  const { product, brand, category } = values;
  const catalogue = attributes || brand.size > 0 || category.size > 0;
  return { product, brand, categories: askedCategories(category), catalogue };
};

const rememberedMax = 10_000;
const none: readonly string[] = [];

/** Remembered, since cutting strings up costs more than finding them. */
const askedCategories = (asked: ReadonlySet<string>): Asked['categories'] => {
  if (asked.size === 0) return () => none;
  const known = new Map<string, readonly string[]>();
  return (of) => {
    let found = known.get(of);
    if (found === undefined) {
      found = pathsOf(of).filter((path) => asked.has(path));
      if (known.size >= rememberedMax) known.clear();
      known.set(of, found);
    }
    return found;
  };
};

/** A category and all above it. */
const pathsOf = (category: string): string[] => {
  const paths = [category];
  for (let end = category.lastIndexOf('/'); end > 0; end = category.lastIndexOf('/', end - 1)) {
    paths.push(category.slice(0, end));
  }
  return paths;
};
