/**
 * The id of a quote: a digest of what the receipt comes to, so nothing has to be kept until the till confirms. The same outcome
 * has the same id whenever it is asked for; any other figure on any line gives another one.
 */
import { createHash } from 'node:crypto';
import type { Outcome } from '../../domain/account/pricing.js';
import type { UserId } from '../../domain/ids.js';

const length = 22; // 128 bits

export const quoteIdOf = (userId: UserId, currency: string, outcome: Outcome): string => {
  const lines = outcome.lines.map((line) => [
    line.position,
    line.productId,
    line.quantity,
    line.price,
    line.amount,
    line.paidByPoints,
    line.pointsRedeemed,
    line.pointsEarned,
  ]);
  const { total, paidByPoints, pointsRedeemed, pointsEarned } = outcome;
  const figures = [userId, currency, total, paidByPoints, pointsRedeemed, pointsEarned, lines];
  const digest = createHash('sha256').update(JSON.stringify(figures)).digest('base64url');
  return digest.slice(0, length);
};
