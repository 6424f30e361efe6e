import { Type } from '@sinclair/typebox';
import { receiptCondition } from '../condition.js';

export const nthPurchase = receiptCondition(
  'nth-purchase',
  "It is the customer's n-th purchase, or every n-th one.",
  {
    nth: Type.Integer({ minimum: 1, maximum: 100_000 }),
    every: Type.Optional(Type.Boolean({ description: 'The 2n-th, the 3n-th and so on too' })),
  },
  {
    compile:
      ({ nth, every = false }) =>
      ({ customer }) => {
        if (customer === null) return false;
        const number = (customer.purchases ?? 0) + 1;
        return every ? number % nth === 0 : number === nth;
      },
  },
);
