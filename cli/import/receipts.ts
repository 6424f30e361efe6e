/**
 * Lines to receipts: the lines of one invoice number become one receipt, in the order in which the invoices first appear.
 *
 * An invoice's lines lie together but for a few that interleave with their neighbours, so the last `openMax` invoices stay open. A
 * number that comes again after that makes a further receipt, 536365:2, rather than changing one that was sent.
 */
import type { CancellationLine, GoodsLine } from './sourceLine.js';

export type SaleLine = GoodsLine | CancellationLine;

export interface Invoice {
  /** The invoice number, with :2, :3 … where it came again. */
  readonly receiptId: string;
  readonly customer: string | null;
  /** Of the first line; milliseconds. */
  readonly at: number;
  readonly lines: readonly SaleLine[];
}

interface Open extends Invoice {
  readonly lines: SaleLine[];
}

export const openMax = 16;

export interface Grouping {
  /** Invoices that are complete now, and null or the line itself where it does not belong to its invoice. */
  add(line: SaleLine): { readonly complete: readonly Invoice[]; readonly stranger: boolean };
  /** Those still open, at the end of the file. */
  end(): readonly Invoice[];
}

export const createGrouping = (): Grouping => {
  // In the order of first appearance: a Map keeps it.
  const open = new Map<string, Open>();
  const times = new Map<string, number>();

  const begin = (line: SaleLine): Open => {
    const time = (times.get(line.invoice) ?? 0) + 1;
    times.set(line.invoice, time);
    const receiptId = time === 1 ? line.invoice : `${line.invoice}:${time}`;
    const { customer, at } = line;
    return { receiptId, customer, at, lines: [line] };
  };

  return {
    add: (line) => {
      const known = open.get(line.invoice);
      if (known) {
        if (known.customer !== line.customer) return { complete: [], stranger: true };
        known.lines.push(line);
        return { complete: [], stranger: false };
      }
      open.set(line.invoice, begin(line));
      const complete: Invoice[] = [];
      for (const [number, invoice] of open) {
        if (open.size <= openMax) break;
        open.delete(number);
        complete.push(invoice);
      }
      return { complete, stranger: false };
    },
    end: () => {
      const rest = [...open.values()];
      open.clear();
      return rest;
    },
  };
};
