/**
 * The books of an import: every line of the file is counted once, under what became of it, with its amount.
 *
 * Invariant at the end: the lines and amounts of all outcomes are those of the file. The file's side is counted where lines are
 * read, the outcomes' side where they are settled; `check` compares the two, so a line that got lost on the way is found.
 */
import { formatMicros } from './decimal.js';
import { rejectClasses, type RejectClass, type SourceLine } from './sourceLine.js';

export type Outcome = 'purchased' | 'anonymous' | 'returned' | RejectClass;

export const outcomes: Readonly<Record<Outcome, string>> = {
  purchased: 'goods on receipts of customers',
  anonymous: 'goods on anonymous receipts',
  returned: 'goods given back: cancellations matched to their purchase',
  ...rejectClasses,
};

export interface Count {
  readonly lines: number;
  readonly amountMicros: number;
}

export interface Books {
  /** A line was read. */
  read(line: SourceLine): void;
  /** Something became of lines. */
  settle(outcome: Outcome, count: Count): void;
  readonly file: () => Count;
  readonly outcome: (outcome: Outcome) => Count;
  /** What the read model of sales should say: goods bought less goods given back. */
  readonly imported: () => Count;
  /** Null, or what is wrong. */
  check(): string | null;
}

const nothing: Count = { lines: 0, amountMicros: 0 };
const plus = (a: Count, b: Count): Count => ({
  lines: a.lines + b.lines,
  amountMicros: a.amountMicros + b.amountMicros,
});

export const createBooks = (): Books => {
  let file = nothing;
  const settled = new Map<Outcome, Count>();
  const outcome = (name: Outcome): Count => settled.get(name) ?? nothing;
  return {
    read: ({ amountMicros }) => {
      file = plus(file, { lines: 1, amountMicros });
    },
    settle: (name, count) => {
      settled.set(name, plus(outcome(name), count));
    },
    file: () => file,
    outcome,
    imported: () =>
      (['purchased', 'anonymous', 'returned'] as const).map(outcome).reduce(plus, nothing),
    check: () => {
      const sum = [...settled.values()].reduce(plus, nothing);
      if (sum.lines === file.lines && sum.amountMicros === file.amountMicros) return null;
      return (
        `The file has ${file.lines} lines of ${formatMicros(file.amountMicros)}, ` +
        `the outcomes add up to ${sum.lines} of ${formatMicros(sum.amountMicros)}: this is a fault of the importer.`
      );
    },
  };
};
