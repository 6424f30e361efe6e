import { list, Name } from '../arguments.js';
import { receiptCondition } from '../condition.js';

export const tier = receiptCondition(
  'tier',
  'The customer is in one of these tiers.',
  { tiers: list(Name, 'As the programme names them') },
  {
    compile: ({ tiers }) => {
      const set = new Set(tiers);
      return ({ customer }) => customer?.tier != null && set.has(customer.tier);
    },
    hint: ({ tiers }) => ({ by: 'tier', values: tiers }),
  },
);
