import { list, Name } from '../arguments.js';
import { lineCondition } from '../condition.js';

export const brand = lineCondition(
  'brand',
  'The line is of one of these brands.',
  { brands: list(Name, 'As the catalogue has them') },
  {
    compile: ({ brands }) => {
      const set = new Set(brands);
      return (line) => line.brand != null && set.has(line.brand);
    },
    hint: ({ brands }) => ({ by: 'brand', values: brands }),
  },
);
