import type { Campaign } from './campaign.js';
import type { SimpleCondition } from './conditions.js';

/** Whether a condition of this kind stands anywhere in a definition. */
export const asksFor = (
  { when, rewards }: Pick<Campaign, 'when' | 'rewards'>,
  kind: SimpleCondition['kind'],
): boolean => {
  const walk = (part: unknown): boolean =>
    typeof part === 'object' &&
    part !== null &&
    (('kind' in part && part.kind === kind) || Object.values(part).some(walk));
  return walk([when, rewards]);
};
