/**
 * The lines of a receipt out of the JSON that was recorded. Most receipts are plain lines one after the other, as written by ourselves:
 * those are read by an expression that knows just them, in half the time, and anything else by JSON.parse.
 *
 * Invariant: whatever the expression reads, it has read whole, so both give the same figures.
 */
import type { ProductId } from '../../domain/ids.js';
import type { RecordedLine } from '../../domain/simulation/world.js';

const plainLine =
  /\{"position":(\d+),"productId":"([^"\\]+)","quantity":(\d+),"price":(\d+),"amount":(\d+),"paidByPoints":\d+,"pointsRedeemed":\d+,"pointsEarned":\d+\}/y;

export const linesIn = (json: string): readonly RecordedLine[] => {
  const lines: RecordedLine[] = [];
  for (let at = 1; ; at += 1) {
    plainLine.lastIndex = at;
    const found = plainLine.exec(json);
    if (found === null) return JSON.parse(json) as RecordedLine[];
    const [, position, productId, quantity, price, amount] = found;
    lines.push({
      position: Number(position),
      productId: productId as ProductId,
      quantity: Number(quantity),
      price: Number(price),
      amount: Number(amount),
    });
    at = plainLine.lastIndex;
    if (json.length === at + 1) return lines;
  }
};
