import { receiptCondition } from '../condition.js';

export const firstPurchase = receiptCondition(
  'first-purchase',
  'It is the first purchase of a known customer.',
  {},
  {
    compile:
      () =>
      ({ customer }) =>
        customer !== null && (customer.purchases ?? 0) === 0,
  },
);
