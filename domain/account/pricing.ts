/**
 * What a receipt comes to for one redemption: how much points pay of each line, and what each line earns.
 *
 * A quote and a confirmation price by this same function, so they can only differ where their inputs do.
 * Invariants: the lines' parts add up to the receipt's figures; a line of amount zero gets no part of anything.
 */
import { shareDown, spread } from '../amount.js';
import type { ProgrammeRule } from '../programme/rule.js';
import type { PricedReceipt } from '../pricing/priced.js';
import { rejected } from '../rejected.js';
import { amountMax, type Basket } from './basket.js';
import type { PricedLine } from './events.js';
import type { Redemption } from './redemption.js';

export interface Outcome {
  readonly lines: PricedLine[];
  readonly total: number;
  readonly paidByPoints: number;
  readonly pointsRedeemed: number;
  /** Minor units that earn. */
  readonly eligible: number;
  readonly pointsEarned: number;
  /** Where anything was on offer: see offer.ts. */
  readonly campaigns?: CampaignOutcome;
}

/** What campaigns and coupons did to the receipt. */
export interface CampaignOutcome extends Pick<
  PricedReceipt,
  'discount' | 'net' | 'applied' | 'refused' | 'coupons' | 'points' | 'texts'
> {
  /** In the shop's time zone, YYYY-MM-DD. */
  readonly day: string;
}

/** What money and points have to pay. */
export const netOf = ({ total, campaigns }: Outcome): number => campaigns?.net ?? total;

/** Minor units of a receipt that earn points. */
export const eligibleFor = (total: number, redemption: Redemption, rule: ProgrammeRule): number =>
  rule.earnOnRedeemed ? total : total - redemption.value;

/** Hundredths, rounded down once for the whole receipt. @throws Rejected basket-too-large */
export const earnedOn = (eligible: number, { earn }: ProgrammeRule): number => {
  const earned = shareDown(eligible, earn.points, earn.per);
  if (earned > amountMax) throw rejected('basket-too-large', { earned, most: amountMax });
  return earned;
};

export const priceReceipt = (
  basket: Basket,
  redemption: Redemption,
  rule: ProgrammeRule,
): Outcome => {
  const { total } = basket;
  const amounts = basket.lines.map(({ amount }) => amount);
  const paid = spread(redemption.value, amounts);
  const redeemed = spread(redemption.points, paid);
  const eligible = eligibleFor(total, redemption, rule);
  const earned = earnedOn(eligible, rule);
  const earning = rule.earnOnRedeemed
    ? amounts
    : amounts.map((amount, index) => amount - (paid[index] as number));
  const shares = spread(earned, earning);
  // Pushed and written out: an array made by map, or lines spread into wider ones, take slow paths when they become JSON.
  const lines: Outcome['lines'][number][] = [];
  for (const [index, line] of basket.lines.entries()) {
    lines.push({
      position: line.position,
      productId: line.productId,
      quantity: line.quantity,
      price: line.price,
      amount: line.amount,
      paidByPoints: paid[index] as number,
      pointsRedeemed: redeemed[index] as number,
      pointsEarned: shares[index] as number,
    });
  }
  return {
    lines,
    total,
    paidByPoints: redemption.value,
    pointsRedeemed: redemption.points,
    eligible,
    pointsEarned: earned,
  };
};
