/** The result of an import as people read it, and as JSON for programs. */
import { count, duration, money } from '../output/numbers.js';
import { outcomes, type Outcome } from './accounting.js';
import { formatMicros } from './decimal.js';
import { outcomeTable, type Reconciliation } from './reconcile.js';
import type { RunResult } from './run.js';
import type { ReceiptFormat } from './sourceLine.js';

export interface Done {
  readonly file: string;
  readonly format: ReceiptFormat;
  readonly tenant: string;
  readonly run: RunResult;
  readonly reconciliation: Reconciliation;
  readonly report: string;
  readonly seconds: number;
}

export const asText = ({ format, tenant, run, reconciliation, report, seconds }: Done): string => {
  const { books, counts, customers, products } = run;
  const { sales, differences, earlier } = reconciliation;
  const verdict =
    differences.length === 0
      ? 'Reconciled: the read model says what the file says, every other line has its class.'
      : `DOES NOT RECONCILE:\n${differences.map((text) => `  ${text}`).join('\n')}`;
  return [
    '',
    outcomeTable(books, format.currency),
    '',
    `Programme ${tenant}: ${count(customers)} customers, ${count(products)} products, ` +
      `${count(counts.purchases)} receipts, ${count(counts.returns)} returns, ${count(counts.refused)} refused.`,
    `Sales of ${format.merchantName} in the read model: gross ${money(sales.gross)}, returned ${money(sales.returned)}, ` +
      `${discounts(sales)}net ${money(sales.net)} ${format.currency}.`,
    ...(earlier.boughtMicros > 0
      ? [
          `Of that, other files brought ${formatMicros(earlier.boughtMicros)} and gave back ${formatMicros(earlier.returnedMicros)}.`,
        ]
      : []),
    verdict,
    `Lines that were not imported: ${report}`,
    `Done in ${duration(seconds)}.`,
    '',
  ].join('\n');
};

/** Where campaigns were active in the programme. */
const discounts = ({ discount, returnedDiscount }: Reconciliation['sales']): string =>
  discount === 0 ? '' : `discounts ${money(discount - returnedDiscount)}, `;

export const asJson = ({
  file,
  format,
  tenant,
  run,
  reconciliation,
  report,
  seconds,
}: Done): string => {
  const { books, counts, customers, products } = run;
  const decimal = (micros: number): string => formatMicros(micros).replaceAll(',', '');
  const shown = (name: Outcome) => {
    const { lines, amountMicros } = books.outcome(name);
    return { class: name, lines, amount: decimal(amountMicros), meaning: outcomes[name] };
  };
  const { lines, amountMicros } = books.file();
  return `${JSON.stringify(
    {
      file,
      format: format.name,
      tenant,
      currency: format.currency,
      fileTotals: { lines, amount: decimal(amountMicros) },
      classes: (Object.keys(outcomes) as Outcome[]).map(shown),
      receipts: counts.purchases,
      returns: counts.returns,
      refused: counts.refused,
      customers,
      products,
      position: run.position === null ? null : String(run.position),
      sales: reconciliation.sales,
      reconciled: reconciliation.differences.length === 0,
      differences: reconciliation.differences,
      report,
      seconds: Math.round(seconds * 10) / 10,
    },
    null,
    2,
  )}\n`;
};
