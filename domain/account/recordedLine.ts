/**
 * A priced line as receipts record it, and back. A line that no campaign touched is recorded as if there were none.
 */
import type { PricedLine as FullLine } from '../pricing/priced.js';
import type { PricedLine } from './events.js';

export const recordedLine = (line: FullLine): PricedLine => {
  const { position, productId, quantity, price, amount } = line;
  const { paidByPoints, pointsRedeemed, pointsEarned, discounts, points, units } = line;
  const recorded: PricedLine = {
    position,
    productId,
    quantity,
    price,
    amount,
    paidByPoints,
    pointsRedeemed,
    pointsEarned,
  };
  const discounted = discounts.length > 0;
  const rewarded = points.some(({ campaignId }) => campaignId !== null);
  if (discounted) {
    recorded.net = line.net;
    recorded.discounts = [...discounts];
  }
  if (rewarded) recorded.points = [...points];
  if (units && (discounted || rewarded)) recorded.units = [...units];
  return recorded;
};

/** With all that was left out. */
export const fullLine = (
  line: Omit<PricedLine, 'price'> & { readonly price?: number },
): FullLine => ({
  ...line,
  price: line.price ?? 0,
  net: line.net ?? line.amount,
  discounts: line.discounts ?? [],
  points:
    line.points ?? (line.pointsEarned > 0 ? [{ campaignId: null, points: line.pointsEarned }] : []),
});
