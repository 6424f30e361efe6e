import { receiptCondition } from '../condition.js';

export const knownCustomer = receiptCondition(
  'known-customer',
  'The customer showed a card: the receipt is not anonymous.',
  {},
  {
    compile:
      () =>
      ({ customer }) =>
        customer !== null,
  },
);
