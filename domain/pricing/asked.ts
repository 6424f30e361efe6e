/**
 * The products, brands and categories that campaigns ask about, wherever in a definition the condition stands. Only under these
 * the lines of a receipt are filed (linesBy.ts): most of what is in a basket is no campaign's business.
 *
 * Invariant: whatever a condition looks up was found here, since both ask the condition itself for its values.
 */
import type { Campaign } from './campaign.js';
import { conditionKinds } from './conditions.js';
import type { Asked, LineFact, LineHint } from './linesBy.js';

type HintOf = (given: object) => LineHint;

const lineHints = new Map<unknown, HintOf>(
  conditionKinds.flatMap((kind) =>
    kind.about === 'line' && kind.hint ? [[kind.kind, kind.hint as unknown as HintOf]] : [],
  ),
);

export const askedIn = (campaigns: readonly Campaign[]): Asked => {
  const asked = { product: new Set(), brand: new Set(), category: new Set() } as Record<
    LineFact,
    Set<string | number>
  >;
  const walk = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    const hint = 'kind' in part ? lineHints.get(part.kind)?.(part) : undefined;
    for (const value of hint?.values ?? []) asked[(hint as LineHint).by].add(value);
    for (const inner of Object.values(part)) walk(inner);
  };
  for (const { when, rewards } of campaigns) walk([when, rewards]);
  return asked;
};
