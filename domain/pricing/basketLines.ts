/**
 * The lines of a receipt, and one order for them, whatever order the till sent them in. Whoever rounds, picks the cheapest or breaks a tie
 * goes through the lines in this order, so that ringing the same goods up in another order never changes what they come to.
 *
 * Everything a price may depend on comes before the line's position; two lines that only differ in it are interchangeable.
 */
import type { ProductId } from '../ids.js';

export type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A line as domain/account/basket.ts counts it, with its product's place in the catalogue. */
export interface BasketLine {
  readonly position: number;
  readonly productId: ProductId;
  readonly quantity: number;
  /** For one whole unit. */
  readonly price: number;
  /** Of the line, before anything is taken off. */
  readonly amount: number;
  /** A path: `dairy/cheese` is also `dairy`. */
  readonly category?: string | null;
  readonly brand?: string | null;
  /** The product's and the line's own. */
  readonly attributes?: Attributes;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const sorted = (attributes: Attributes | undefined): string =>
  attributes === undefined
    ? ''
    : JSON.stringify(Object.entries(attributes).sort(([a], [b]) => byText(a, b)));

const compareLines = (a: BasketLine, b: BasketLine): number =>
  byText(a.productId, b.productId) ||
  a.price - b.price ||
  a.amount - b.amount ||
  a.quantity - b.quantity ||
  byText(a.category ?? '', b.category ?? '') ||
  byText(a.brand ?? '', b.brand ?? '') ||
  byText(sorted(a.attributes), sorted(b.attributes)) ||
  a.position - b.position;

export interface OrderedLines {
  /** In canonical order. */
  readonly lines: readonly BasketLine[];
  /** The place in it of each line, as the till sent them. */
  readonly places: readonly number[];
}

export const inCanonicalOrder = (sent: readonly BasketLine[]): OrderedLines => {
  const order = sent.map((_line, index) => index);
  order.sort((a, b) => compareLines(sent[a] as BasketLine, sent[b] as BasketLine));
  const places = sent.map(() => 0);
  order.forEach((index, place) => (places[index] = place));
  return { lines: order.map((index) => sent[index] as BasketLine), places };
};
