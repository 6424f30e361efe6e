import { list, Name } from '../arguments.js';
import { lineCondition } from '../condition.js';

export const category = lineCondition(
  'category',
  'The line is of one of these categories, or of one below them: dairy/cheese is dairy.',
  { categories: list(Name, 'Paths, parts separated by a slash') },
  {
    compile: ({ categories }) => {
      const exact = new Set(categories);
      const below = categories.map((path) => `${path}/`);
      return ({ category: of }) =>
        of != null && (exact.has(of) || below.some((path) => of.startsWith(path)));
    },
    hint: ({ categories }) => ({ by: 'category', values: categories }),
  },
);
