import { attributeArguments, attributeTest } from '../arguments.js';
import { lineCondition } from '../condition.js';

export const lineAttribute = lineCondition(
  'line-attribute',
  'An attribute of the line or its product has one of these values, is within a range, or is there at all.',
  attributeArguments,
  {
    compile: (question) => {
      const test = attributeTest(question);
      return (line) => test(line.attributes);
    },
  },
);
