/**
 * From the lines of a file to what the POS API is asked to do: purchases, returns, and rejects with their reasons.
 *
 * A pure function of the file: the same file gives the same items under the same numbers, whatever was sent before. That is what
 * makes an import resumable (skip the first n items) and repeatable (the same ids and idempotency keys).
 */
import { createPurchases, type Purchases, type ReturnPart } from './matching.js';
import { createGrouping, type Invoice, type SaleLine } from './receipts.js';
import type { CancellationLine, GoodsLine, Piece, RejectedLine, SourceLine } from './sourceLine.js';

/** A line of the file as far as an item stands for it: the reject report needs it where the API refuses the item. */
export interface CountedLine {
  readonly line: number;
  readonly invoice: string;
  readonly amountMicros: number;
  /** 1, or 0 for the further parts of a cancellation that took from several purchases. */
  readonly lines: 0 | 1;
}

export interface PurchaseItem {
  readonly kind: 'purchase';
  readonly receiptId: string;
  readonly customer: string | null;
  readonly at: number;
  readonly pieces: readonly (Piece & { readonly productId: string; readonly name: string })[];
  readonly counted: readonly CountedLine[];
}

export interface ReturnItem {
  readonly kind: 'return';
  /** Unique: the cancellation's number and the receipt it takes from. */
  readonly returnId: string;
  readonly receiptId: string;
  readonly customer: string;
  readonly at: number;
  readonly parts: readonly { readonly position: number; readonly quantity: number }[];
  readonly counted: readonly CountedLine[];
}

export type Item = PurchaseItem | ReturnItem;

export interface Planned {
  readonly items: readonly Item[];
  readonly rejects: readonly RejectedLine[];
}

/** The most lines that a receipt of the POS API may have. */
export const piecesMax = 2_000;

export interface Planner {
  add(line: SourceLine): Planned;
  end(): Planned;
}

export const createPlanner = (): Planner => {
  const grouping = createGrouping();
  const purchases = createPurchases();

  const planAll = (invoices: readonly Invoice[]): Planned => {
    const plans = invoices.map((invoice) => planInvoice(invoice, purchases));
    return {
      items: plans.flatMap(({ items }) => items),
      rejects: plans.flatMap(({ rejects }) => rejects),
    };
  };

  return {
    add: (line) => {
      if (line.kind === 'reject') return { items: [], rejects: [line] };
      const { complete, stranger } = grouping.add(line);
      if (stranger) {
        return { items: [], rejects: [reject(line, 'mixed-receipt', 'another customer')] };
      }
      return planAll(complete);
    },
    end: () => planAll(grouping.end()),
  };
};

const reject = (
  { line, invoice, amountMicros }: SaleLine,
  kind: RejectedLine['class'],
  reason: string,
): RejectedLine => ({ kind: 'reject', line, invoice, amountMicros, class: kind, reason });

const counted = ({ line, invoice, amountMicros }: SaleLine): CountedLine => ({
  line,
  invoice,
  amountMicros,
  lines: 1,
});

/** An invoice is goods or cancellations: its number says which. */
const planInvoice = (invoice: Invoice, purchases: Purchases): Planned => {
  const goods = invoice.lines.filter((line): line is GoodsLine => line.kind === 'goods');
  const cancelled = invoice.lines.filter(
    (line): line is CancellationLine => line.kind === 'cancellation',
  );
  const bought = planPurchase(invoice, goods, purchases);
  const given = planReturns(invoice, cancelled, purchases);
  return {
    items: [...bought.items, ...given.items],
    rejects: [...bought.rejects, ...given.rejects],
  };
};

const planPurchase = (
  { receiptId, customer, at }: Invoice,
  goods: readonly GoodsLine[],
  purchases: Purchases,
): Planned => {
  if (goods.length === 0) return { items: [], rejects: [] };
  const pieces: PurchaseItem['pieces'][number][] = [];
  const lines: CountedLine[] = [];
  const rejects: RejectedLine[] = [];
  for (const line of goods) {
    if (pieces.length + line.pieces.length > piecesMax) {
      rejects.push(reject(line, 'receipt-too-long', `a receipt has up to ${piecesMax} lines`));
      continue;
    }
    const { productId, name } = line;
    for (const { quantity, price } of line.pieces) {
      pieces.push({ quantity, price, productId, name });
      if (customer === null) continue;
      const position = pieces.length;
      purchases.add(customer, productId, { receiptId, position, price, at, left: quantity });
    }
    lines.push(counted(line));
  }
  const item: PurchaseItem = { kind: 'purchase', receiptId, customer, at, pieces, counted: lines };
  return { items: [item], rejects };
};

const planReturns = (
  { receiptId: returnId, customer, at }: Invoice,
  cancelled: readonly CancellationLine[],
  purchases: Purchases,
): Planned => {
  const rejects: RejectedLine[] = [];
  const byReceipt = new Map<string, { parts: ReturnPart[]; counted: CountedLine[] }>();
  for (const line of cancelled) {
    const match = purchases.take(line);
    if ('class' in match) {
      rejects.push(reject(line, match.class, match.reason));
      continue;
    }
    match.parts.forEach((part, index) => {
      const taken = byReceipt.get(part.receiptId) ?? { parts: [], counted: [] };
      byReceipt.set(part.receiptId, taken);
      taken.parts.push(part);
      taken.counted.push({
        ...counted(line),
        // Thousandths of a piece × hundredths of the currency's unit, in millionths of it.
        amountMicros: -part.quantity * line.piece.price * 10,
        lines: index === 0 ? 1 : 0,
      });
    });
  }
  const items = [...byReceipt].map(([receiptId, taken]): ReturnItem => ({
    kind: 'return',
    returnId: `${returnId}:${receiptId}`,
    receiptId,
    customer: customer ?? '',
    at,
    parts: mergedParts(taken.parts),
    counted: taken.counted,
  }));
  return { items, rejects };
};

/** Two lines of a cancellation may take from the same line of a purchase. */
const mergedParts = (parts: readonly ReturnPart[]): ReturnItem['parts'] => {
  const byPosition = new Map<number, number>();
  for (const { position, quantity } of parts) {
    byPosition.set(position, (byPosition.get(position) ?? 0) + quantity);
  }
  return [...byPosition].map(([position, quantity]) => ({ position, quantity }));
};
