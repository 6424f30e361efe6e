/**
 * Why a receipt came out as it did. A decision records codes with figures; the sentences are made from them when somebody asks,
 * so old receipts are explained in today's words and the log holds no prose.
 *
 * A code is part of the storage format: it is never renamed and never means something else. Figures: points in hundredths, money
 * in minor units, times in milliseconds.
 */
import { moneyText, pointsText, timeText } from '../amountText.js';
import type { Reason } from './events.js';

type Figures = Reason['figures'];
interface Say {
  readonly points: (name: string) => string;
  readonly money: (name: string) => string;
  readonly time: (name: string) => string;
  readonly text: (name: string) => string;
}

const sentences = {
  'rule-applied': ({ text, points, money }: Say) =>
    `Decided under version ${text('version')} of the programme's rule: ${points('points')} points for every ${money('per')}.`,
  'points-earned': ({ points, money, time }: Say) =>
    `${money('eligible')} earned ${points('points')} points, active from ${time('activatesAt')}.`,
  'nothing-earned': ({ money }: Say) => `${money('eligible')} is too little to earn points.`,
  'paid-by-points-earns-nothing': ({ money }: Say) =>
    `The part paid by points, ${money('value')}, earns nothing.`,
  'points-expire': ({ time }: Say) => `The earned points expire at ${time('expiresAt')}.`,
  'earned-points-outlived': ({ time }: Say) =>
    `The receipt came so late that its points had expired at ${time('expiresAt')}; the next settlement takes them off.`,
  'points-redeemed': ({ points, money }: Say) =>
    `${points('points')} points paid ${money('value')}; ${points('asked')} had been asked for.`,
  'too-few-to-redeem': ({ points, money }: Say) =>
    `${points('asked')} points are worth less than ${money('step')}, so none were taken.`,
  'redemption-limited-by-balance': ({ points }: Say) =>
    `${points('asked')} points were asked for; the balance lets ${points('most')} be used.`,
  'redemption-limited-by-rule': ({ points }: Say) =>
    `${points('asked')} points were asked for; the programme lets ${points('most')} be used on this receipt.`,
  'redemption-by-others-only': () =>
    `Only some of the household may pay with points, and this is none of them.`,
  'deficit-repaid': ({ points }: Say) =>
    `${points('points')} points repaid a deficit, of which ${points('left')} is left.`,
  'campaign-discount': ({ money, text }: Say) =>
    `Campaign ${text('campaignId')}, version ${text('version')}, took ${money('amount')} off.`,
  'campaign-points': ({ points, text }: Say) =>
    `Campaign ${text('campaignId')}, version ${text('version')}, gave ${points('points')} points.`,
  'lot-of-campaign': ({ points, text, time }: Say) =>
    `The ${points('points')} points of campaign ${text('campaignId')} have terms of their own: active from ${time('activatesAt')}.`,
  'game-points': ({ points, text, time }: Say) =>
    `Game ${text('game')} gave ${points('points')} points, active from ${time('activatesAt')}.`,
  'coupon-redeemed': ({ text }: Say) => `Coupon ${text('code')} of ${text('series')} was used.`,
  'coupon-refused': ({ text }: Say) => `Coupon ${text('code')} was not used: ${text('refusal')}.`,
  'coupon-restored': ({ text }: Say) => `Coupon ${text('code')} can be used again.`,
  'gift-card-paid': ({ text, money }: Say) =>
    `Gift card ${text('card')} paid ${money('amount')}; ${money('left')} is left on it.`,
  'gift-card-short': ({ text, money }: Say) =>
    `Gift card ${text('card')} paid ${money('amount')} of the ${money('asked')} asked for: ${text('refusal')}.`,
  'gift-card-refused': ({ text }: Say) =>
    `Gift card ${text('card')} paid nothing: ${text('refusal')}.`,
  'refunded-to-gift-card': ({ text, money }: Say) =>
    `${money('amount')} goes back onto gift card ${text('card')}.`,
  'discount-not-refunded': ({ money }: Say) =>
    `${money('discount')} had been taken off these goods and is not refunded.`,
  'slip-discount-differs': ({ money }: Say) =>
    `The slip says ${money('slip')} off; decided were ${money('decided')}.`,
  'decided-late': ({ time }: Say) =>
    `The till was not connected: decided as of ${time('at')}, received at ${time('receivedAt')}.`,
  'slip-points-differ': ({ points }: Say) =>
    `The slip says ${points('slip')} points earned; decided were ${points('decided')}.`,
  'slip-total-differs': ({ money }: Say) =>
    `The slip says ${money('slip')}; the lines come to ${money('decided')}.`,
  'points-restored': ({ points }: Say) =>
    `${points('points')} redeemed points went back to the lots they came from.`,
  'restored-points-expired': ({ points }: Say) =>
    `${points('points')} of the points given back belong to lots that had expired, so they expired at once.`,
  'points-taken-back': ({ points, text }: Say) =>
    `${points('points')} earned points were taken back from the balance (policy ${text('policy')}).`,
  'deficit-made': ({ points }: Say) =>
    `${points('points')} earned points were spent already and are owed now.`,
  'points-forgiven': ({ points, text }: Say) =>
    `${points('points')} earned points were left to the customer (policy ${text('policy')}).`,
  'referral-by-enrolment': ({ text }: Say) =>
    `Enrolling was enough under version ${text('version')} of the referral programme.`,
  'referral-by-purchase': ({ text, money }: Say) =>
    `Purchase ${text('purchaseId')} came to ${money('paid')}; ${money('needed')} were asked for.`,
  'referral-by-spending': ({ money }: Say) =>
    `${money('spent')} were spent since enrolment; ${money('needed')} were asked for.`,
  'referral-undone': ({ text, money }: Say) =>
    `Purchase ${text('purchaseId')} came back within ${text('days')} days; ${money('spent')} of what was spent are left.`,
  'referral-points': ({ points, text, time }: Say) =>
    `The referral programme, version ${text('version')}, gave ${points('points')} points for ${text('other')}, active from ${time('activatesAt')}.`,
  'referral-coupon': ({ text }: Say) =>
    `The referral programme, version ${text('version')}, gave a coupon of ${text('series')} for ${text('other')}.`,
  'referral-limit-reached': ({ text }: Say) =>
    `At most ${text('most')} newcomers are rewarded, and so many were.`,
  'referral-period-limit-reached': ({ text }: Say) =>
    `At most ${text('most')} newcomers are rewarded in ${text('days')} days, and so many were.`,
  'referral-series-closed': ({ text }: Say) =>
    `The series ${text('series')} gives no coupons at the moment.`,
  'referral-balance-full': ({ points }: Say) =>
    `${points('points')} more points are more than an account can hold.`,
  'referral-coupon-withdrawn': ({ text }: Say) => `The coupon of ${text('series')} was taken back.`,
  'referral-coupon-used': ({ text }: Say) =>
    `The coupon of ${text('series')} was used before and stays with the customer.`,
  'account-is-closed': () => `The account is closed: no points move any more.`,
} as const satisfies Record<string, (say: Say) => string>;

export type ReasonCode = keyof typeof sentences;

export const because = (code: ReasonCode, figures: Figures = {}): Reason => ({ code, figures });

const isKnown = (code: string): code is ReasonCode => Object.hasOwn(sentences, code);

/** The sentence of a recorded reason; a code of a later version of this program shows itself and its figures. */
export const explain = (reason: Reason, currency: string): string => {
  const { code, figures } = reason;
  if (!isKnown(code)) return `${code} ${JSON.stringify(figures)}`;
  const number = (name: string): number => Number(figures[name] ?? 0);
  return sentences[code]({
    points: (name) => pointsText(number(name)),
    money: (name) => moneyText(number(name), currency),
    time: (name) => timeText(number(name)),
    text: (name) => String(figures[name]),
  });
};
