/**
 * The id of a quote: a digest of what the receipt comes to, so nothing has to be kept until the till confirms. The same outcome
 * has the same id whenever it is asked for; any other figure on any line gives another one.
 */
import { createHash } from 'node:crypto';
import type { CampaignOutcome, Outcome } from '../../domain/account/pricing.js';
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
  const figures: unknown[] = [
    userId,
    currency,
    total,
    paidByPoints,
    pointsRedeemed,
    pointsEarned,
    lines,
  ];
  const { campaigns } = outcome;
  if (campaigns) figures.push(figuresOf(campaigns));
  const digest = createHash('sha256').update(JSON.stringify(figures)).digest('base64url');
  return digest.slice(0, length);
};

/** What a customer can see of the campaigns. Nothing is drawn in a quote, so no draw is part of it. */
const figuresOf = ({ net, applied, coupons }: CampaignOutcome): unknown => [
  net,
  applied.map(({ campaignId, version, discount, points }) => [
    campaignId,
    version,
    discount,
    points,
  ]),
  coupons.map(({ code, refusal }) => [code, refusal]),
];
