/**
 * What the lines contribute to a stamp card or a challenge, and each line's part of it: counted by the receipt, by its units or
 * by what is paid.
 */
import { Type, type Static } from '@sinclair/typebox';
import { spread } from '../amount.js';
import type { BasketLine } from './basketLines.js';
import type { Moment } from './reward.js';
import { unitsIn } from './units.js';

export const CountedBy = Type.Union(
  [Type.Literal('receipt'), Type.Literal('unit'), Type.Literal('amount')],
  { description: 'once a receipt, for every unit, or for every minor unit that is paid' },
);

export interface Contribution {
  readonly count: number;
  readonly parts: { position: number; count: number }[];
}

/** `times` for each `per` of what is counted, rounded down once. Lines that cost nothing do not count. */
export const contributionOf = (
  { facts, goods }: Moment,
  lines: readonly number[],
  by: Static<typeof CountedBy>,
  times: number,
  per: number,
): Contribution => {
  const paying = lines.filter((line) => (goods.left[line] as number) > 0);
  const counted = paying.map((line) =>
    by === 'unit' ? unitsIn(facts.lines[line] as BasketLine) : (goods.left[line] as number),
  );
  const sum = by === 'receipt' ? Math.sign(paying.length) : counted.reduce((a, b) => a + b, 0);
  const count = Math.floor(sum / per) * times;
  const parts = spread(count, counted).flatMap((share, index) => {
    const { position } = facts.lines[paying[index] as number] as BasketLine;
    return share > 0 ? [{ position, count: share }] : [];
  });
  return { count, parts };
};
