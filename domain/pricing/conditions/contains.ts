import { Type, type TSchema } from '@sinclair/typebox';
import { isWithin, rangeOf } from '../arguments.js';
import type { BasketLine } from '../basketLines.js';
import type { LineFinder, ReceiptTest } from '../condition.js';

const summary =
  'The lines that meet a condition come to a quantity and an amount within the ranges; at least one line where there is none.';

/** The one condition with a condition inside: `Lines` is the schema of a whole tree. */
export const containsSchema = <Lines extends TSchema>(Lines: Lines) =>
  Type.Object(
    {
      kind: Type.Literal('contains'),
      lines: Lines,
      quantity: Type.Optional(Type.Object(rangeOf('thousandths'), { additionalProperties: false })),
      amount: Type.Optional(
        Type.Object(rangeOf('minor units, before anything is taken off'), {
          additionalProperties: false,
        }),
      ),
    },
    { additionalProperties: false, title: 'contains', description: summary },
  );

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

export const contains = {
  kind: 'contains',
  summary,
  compile:
    (find: LineFinder, quantity: Bounds, amount: Bounds): ReceiptTest =>
    (facts, payable) => {
      const found = find(facts, payable);
      let units = 0;
      let money = 0;
      for (const place of found) {
        const line = facts.lines[place] as BasketLine;
        units += line.quantity;
        money += line.amount;
      }
      const none = quantity.min === undefined && amount.min === undefined ? 1 : 0;
      return found.length >= none && isWithin(units, quantity) && isWithin(money, amount);
    },
} as const;
