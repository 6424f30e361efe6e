/** Drafts for the bench: one that touches nearly every receipt, one that looks at single products, one that gives points. */
import type { Campaign } from '../../domain/pricing/campaign.js';

const draft = (name: string, content: object): Campaign =>
  ({ campaignId: 'draft', version: 1, name, priority: 10, ...content }) as Campaign;

export const drafts: Readonly<Record<string, Campaign>> = {
  'ten percent off everything': draft('Ten percent', {
    rewards: [{ kind: 'percent', basisPoints: 1_000 }],
  }),
  'third unit of a product free': draft('Three for two', {
    rewards: [
      {
        kind: 'cheapest-free',
        every: 3,
        lines: { kind: 'product', productIds: ['85123A', '22423', '84879', '47566'] },
      },
    ],
  }),
  'double points on Thursdays': draft('Thursdays', {
    when: { kind: 'weekday', days: ['thu'] },
    rewards: [{ kind: 'points-multiplier', basisPoints: 20_000 }],
  }),
};
