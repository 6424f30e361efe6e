/**
 * The end of an import: what the read model of sales says, beside what the file says.
 *
 * file = imported + every class of rejects, by the books; imported = gross sales less returns, by the read model. Both must hold to
 * the last minor unit.
 */
import { count } from '../output/numbers.js';
import { table } from '../output/table.js';
import { type Books, type Outcome, outcomes } from './accounting.js';
import { formatMicros, microsPerMinor } from './decimal.js';

/** Of one merchant, all days together; minor units. */
export interface SalesTotals {
  readonly receipts: number;
  readonly returns: number;
  readonly gross: number;
  /** What campaigns took off, which no file knows. */
  readonly discount: number;
  readonly returned: number;
  readonly returnedDiscount: number;
  readonly net: number;
}

/** What an import brought in; millionths. */
export interface BroughtIn {
  readonly boughtMicros: number;
  readonly returnedMicros: number;
}

export interface Reconciliation {
  readonly imported: BroughtIn;
  readonly earlier: BroughtIn;
  readonly sales: SalesTotals;
  /** Empty where everything agrees. */
  readonly differences: readonly string[];
}

export const broughtIn = (books: Books): BroughtIn => ({
  boughtMicros: books.outcome('purchased').amountMicros + books.outcome('anonymous').amountMicros,
  // Not -0.
  returnedMicros: 0 - books.outcome('returned').amountMicros,
});

/** `earlier` is what other files brought to the same merchant. */
export const reconcile = (
  books: Books,
  sales: SalesTotals,
  earlier: BroughtIn = { boughtMicros: 0, returnedMicros: 0 },
): Reconciliation => {
  const imported = broughtIn(books);
  const bought = imported.boughtMicros + earlier.boughtMicros;
  const given = imported.returnedMicros + earlier.returnedMicros;
  const differences = [
    books.check(),
    difference('Gross sales', bought, sales.gross),
    difference('Returns', given, sales.returned),
    difference('Net sales before discounts', bought - given, netBefore(sales)),
  ].filter((text) => text !== null);
  return { imported, earlier, sales, differences };
};

/** The files' receipts knew no campaigns; where some were active in the programme, they lowered what was paid. */
const netBefore = ({ net, discount, returnedDiscount }: SalesTotals): number =>
  net + discount - returnedDiscount;

const difference = (what: string, file: number, minor: number): string | null => {
  const shown = minor * microsPerMinor;
  if (file === shown) return null;
  return `${what}: the files say ${formatMicros(file)}, the read model ${formatMicros(shown)}.`;
};

/** Every outcome that occurred, then the sum, which is the file's. */
export const outcomeTable = (books: Books, currency: string): string => {
  const rows = (Object.keys(outcomes) as Outcome[])
    .map((name) => ({ name, ...books.outcome(name) }))
    .filter(({ lines, amountMicros }) => lines > 0 || amountMicros !== 0)
    .map(({ name, lines, amountMicros }) => [
      name,
      count(lines),
      formatMicros(amountMicros),
      outcomes[name],
    ]);
  const file = books.file();
  return table(
    [
      { title: 'class' },
      { title: 'lines', align: 'right' },
      { title: currency, align: 'right' },
      { title: 'meaning' },
    ],
    [...rows, ['file', count(file.lines), formatMicros(file.amountMicros), 'all of it']],
  );
};
