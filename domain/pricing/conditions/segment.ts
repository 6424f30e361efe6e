import { list, Name } from '../arguments.js';
import { receiptCondition } from '../condition.js';

export const segment = receiptCondition(
  'segment',
  'The customer belongs to at least one of these segments.',
  { segments: list(Name, 'Static, dynamic or analytic ones') },
  {
    compile:
      ({ segments }) =>
      (facts) =>
        segments.some((name) => facts.segments.has(name)),
    hint: ({ segments }) => ({ by: 'segment', values: segments }),
  },
);
