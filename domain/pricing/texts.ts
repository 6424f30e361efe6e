/**
 * What campaigns let the cashier read and the customer find on the slip. Short, English, made from the outcome alone, so that the
 * same receipt always prints the same words.
 */
import { moneyText, pointsText } from '../amountText.js';
import type { ActiveCampaign } from './campaignSet.js';
import type { Effect } from './effects.js';
import type { Applied, CouponOutcome } from './priced.js';

export interface CampaignTexts {
  readonly cashier: readonly string[];
  readonly slip: readonly string[];
}

/** A code of a later version shows itself. */
export const couponRefusals: Readonly<Record<string, string>> = {
  'one-of-series-only': 'another coupon of its kind is used',
  'no-campaign': 'nothing is on offer for it now',
  'not-needed': 'the offer holds without it',
  'condition-not-met': 'the receipt does not meet its conditions',
  'gives-nothing': 'nothing on the receipt is left for it',
  'for-customers-only': 'it is for customers with a card, ask for the card',
  'limit-reached': 'the customer has used the offer as often as allowed',
  'budget-spent': 'the offer is used up',
  'another-was-better': 'another offer is better',
  'another-was-first': 'another offer comes first',
  excluded: 'it cannot be combined with another offer',
  'not-yet-valid': 'the offer has not begun',
  'no-longer-valid': 'the offer is over',
  'coupon-unknown': 'there is no such coupon, check how it is typed',
  'coupon-not-yet-valid': 'its time has not begun',
  'coupon-expired': 'it has expired',
  'coupon-spent': 'it was used before',
  'coupon-reserved': 'another receipt is using it, try again in a few minutes',
  'coupon-used-up': 'it was used as often as all customers together may',
  'coupon-limit-reached': 'the customer has used it as often as allowed',
  'coupon-blocked': 'it was blocked',
  'coupon-series-blocked': 'its series was blocked',
  'coupon-series-closed': 'its series was closed',
  'coupon-withdrawn': 'it was taken back',
  'coupon-of-other-merchants': 'it is for other shops',
  'coupon-for-customers-only': 'it is for customers with a card, ask for the card',
  'coupon-repeated': 'it was shown twice',
};

const units = (thousandths: number): string => String(thousandths / 1_000);

const forCashier = (effect: Effect): string[] => {
  switch (effect.kind) {
    case 'gift':
      return [`Gift to hand over: ${units(effect.quantity)} × ${effect.productIds.join(' or ')}.`];
    case 'instant-win':
      return effect.prize === null ? [] : [`Won: ${effect.prize}.`];
    default:
      return [];
  }
};

const forSlip = (effect: Effect): string[] => {
  switch (effect.kind) {
    case 'gift':
      return [`Gift: ${units(effect.quantity)} × ${effect.productIds.join(' or ')}`];
    case 'coupon-grant':
      return [`New coupon: ${effect.quantity} × ${effect.series}`];
    case 'stamps':
      return [`Stamps on ${effect.card}: +${effect.stamps}`];
    case 'instant-win':
      return effect.prize === null ? [] : [`Won: ${effect.prize}`];
    default:
      return [];
  }
};

export const campaignTexts = (
  applied: readonly Applied[],
  coupons: readonly CouponOutcome[],
  textsOf: (campaignId: Applied['campaignId']) => ActiveCampaign['texts'],
  currency: string,
): CampaignTexts => {
  const cashier: string[] = [];
  const slip: string[] = [];
  for (const { campaignId, name, discount, points, effects } of applied) {
    const texts = textsOf(campaignId);
    if (texts?.cashier !== undefined) cashier.push(texts.cashier);
    const title = texts?.slip ?? name;
    if (discount > 0) slip.push(`${title}: -${moneyText(discount, currency)}`);
    if (points > 0) slip.push(`${title}: +${pointsText(points)} points`);
    cashier.push(...effects.flatMap(forCashier));
    slip.push(...effects.flatMap(forSlip));
  }
  for (const { code, refusal } of coupons) {
    if (refusal === null) continue;
    cashier.push(`Coupon ${code} is not used: ${couponRefusals[refusal] ?? refusal}.`);
  }
  return { cashier, slip };
};
