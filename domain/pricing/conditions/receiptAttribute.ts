import { attributeArguments, attributeTest } from '../arguments.js';
import { receiptCondition } from '../condition.js';

export const receiptAttribute = receiptCondition(
  'receipt-attribute',
  'An attribute of the receipt has one of these values, is within a range, or is there at all.',
  attributeArguments,
  {
    compile: (question) => {
      const test = attributeTest(question);
      return ({ receipt }) => test(receipt.attributes);
    },
  },
);
