/**
 * What one line of a file of receipts says, whatever the file's format.
 *
 * Every line is exactly one of three: goods that were bought, goods whose purchase is cancelled, or a reject with its class and
 * reason. Its amount is counted either way, so that the classes add up to the file.
 */

/** The classes of lines that are not imported, each with a sentence for people. The order is that of the printed table. */
export const rejectClasses = {
  broken: 'cannot be read: fields missing or not of their type',
  'not-goods': 'postage, fees, discounts, vouchers, samples, corrections by hand',
  'negative-price': 'a price below zero',
  'zero-price': 'nothing was paid',
  'zero-quantity': 'no goods changed hands',
  'negative-quantity': 'goods leave the stock without being a cancellation',
  'positive-cancellation': 'a cancellation that adds goods',
  'fractional-price': 'the price is not in whole minor units of the currency',
  'receipt-too-long': 'more lines than one receipt may have',
  'mixed-receipt': 'the invoice names another customer than its first line',
  'cancels-without-customer': 'a cancellation by nobody we know matches no purchase',
  'cancels-nothing-bought': 'the customer bought no such product before, in this file',
  'cancels-at-other-price': 'the customer bought it, but never at this price',
  'cancels-more-than-bought': 'fewer are left of the purchases at this price',
  refused: 'the POS API refused the receipt or return it is part of',
} as const;
export type RejectClass = keyof typeof rejectClasses;

/** A line of the receipt as it is sent. Quantity in thousandths, price in minor units per whole unit. */
export interface Piece {
  readonly quantity: number;
  readonly price: number;
}

interface Line {
  /** In the file, from 1; a header counts. */
  readonly line: number;
  readonly invoice: string;
  /** Millionths of the currency's unit, signed; 0 where it cannot be read. */
  readonly amountMicros: number;
}

interface Sale extends Line {
  /** The number of the customer in the file, null for nobody we know. */
  readonly customer: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly productId: string;
}

export interface GoodsLine extends Sale {
  readonly kind: 'goods';
  readonly name: string;
  readonly pieces: readonly Piece[];
}

export interface CancellationLine extends Sale {
  readonly kind: 'cancellation';
  /** What is given back: positive. */
  readonly piece: Piece;
}

export interface RejectedLine extends Line {
  readonly kind: 'reject';
  readonly class: RejectClass;
  readonly reason: string;
}

export type SourceLine = GoodsLine | CancellationLine | RejectedLine;

/** How a file is read: one of formats/. */
export interface ReceiptFormat {
  readonly name: string;
  readonly currency: string;
  /** What the import registers where it is not there yet. */
  readonly tenantId: string;
  readonly gsrnPrefix: string;
  readonly merchantName: string;
  readonly tillId: string;
  /** A card's number is this and the customer's number. */
  readonly cardPrefix: string;
  /** The first line that is data, from 1, given the first line of the file; throws where the file is not of this format. */
  readonly firstLine: (header: string) => number;
  /** A reader keeps what it needs to number receipts, so each run over a file has its own. */
  readonly reader: () => (text: string, line: number) => SourceLine;
}
