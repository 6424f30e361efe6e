/**
 * Which purchase a cancellation takes back: same customer, same product, same price, bought no later, not yet given back.
 *
 * The most recent purchase first, then the one before; a line is matched whole or not at all, so that every line of the file has
 * one outcome. Memory grows with the distinct purchases of known customers: some 70 bytes for a line of the file.
 */
import type { CancellationLine, RejectClass } from './sourceLine.js';

/** So much of one line of one purchase. `position` in the receipt, from 1; quantity in thousandths. */
export interface ReturnPart {
  readonly receiptId: string;
  readonly position: number;
  readonly quantity: number;
}

export type Match =
  | { readonly parts: readonly ReturnPart[] }
  | { readonly class: RejectClass; readonly reason: string };

interface Bought {
  readonly receiptId: string;
  readonly position: number;
  readonly price: number;
  readonly at: number;
  left: number;
}

export interface Purchases {
  add(customer: string, productId: string, bought: Readonly<Bought>): void;
  take(line: CancellationLine): Match;
}

export const createPurchases = (): Purchases => {
  const shelves = new Map<string, Bought[]>();
  const key = (customer: string, productId: string) => `${customer}/${productId}`;

  const take = (line: CancellationLine): Match => {
    const { customer, productId, piece } = line;
    if (customer === null) {
      return { class: 'cancels-without-customer', reason: 'the line names no customer' };
    }
    const bought = (shelves.get(key(customer, productId)) ?? []).filter(({ at }) => at <= line.at);
    if (bought.length === 0) {
      return {
        class: 'cancels-nothing-bought',
        reason: `customer ${customer} bought no ${productId} up to then`,
      };
    }
    const atThisPrice = bought.filter(({ price }) => price === piece.price);
    if (atThisPrice.length === 0) {
      const prices = [...new Set(bought.map(({ price }) => (price / 100).toFixed(2)))].sort();
      return {
        class: 'cancels-at-other-price',
        reason: `customer ${customer} bought ${productId} at ${prices.join(', ')}, not at ${(piece.price / 100).toFixed(2)}`,
      };
    }
    const left = atThisPrice.reduce((sum, entry) => sum + entry.left, 0);
    if (left < piece.quantity) {
      return {
        class: 'cancels-more-than-bought',
        reason: `${piece.quantity / 1000} are given back, ${left / 1000} are left of what was bought`,
      };
    }
    return { parts: takeFrom(atThisPrice, piece.quantity) };
  };

  return {
    add: (customer, productId, bought) => {
      const shelf = shelves.get(key(customer, productId));
      if (shelf) shelf.push({ ...bought });
      else shelves.set(key(customer, productId), [{ ...bought }]);
    },
    take,
  };
};

/** The latest first; among purchases of one moment the later in the file. */
const takeFrom = (bought: readonly Bought[], quantity: number): ReturnPart[] => {
  const order = bought
    .map((entry, index) => ({ entry, index }))
    .sort((a, b) => b.entry.at - a.entry.at || b.index - a.index);
  const parts: ReturnPart[] = [];
  let wanted = quantity;
  for (const { entry } of order) {
    if (wanted === 0) break;
    const taken = Math.min(entry.left, wanted);
    if (taken === 0) continue;
    entry.left -= taken;
    wanted -= taken;
    parts.push({ receiptId: entry.receiptId, position: entry.position, quantity: taken });
  }
  return parts;
};
