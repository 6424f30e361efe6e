import { attributeArguments, attributeTest } from '../arguments.js';
import { receiptCondition } from '../condition.js';

export const customerAttribute = receiptCondition(
  'customer-attribute',
  'An attribute of the customer has one of these values, is within a range, or is there at all.',
  attributeArguments,
  {
    compile: (question) => {
      const test = attributeTest(question);
      return ({ customer }) => test(customer?.attributes);
    },
  },
);
