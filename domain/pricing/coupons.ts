/** What became of every coupon that was shown: the campaigns that spend it, or the reason why none does. */
import type { Applied, CouponOutcome, Refusal } from './priced.js';
import type { Session } from './session.js';

export const couponOutcomes = (
  session: Session,
  applied: readonly Applied[],
  refused: readonly Refusal[],
): CouponOutcome[] =>
  (session.facts.receipt.coupons ?? []).map(({ code, series, refusal }) => {
    const outcome = (reason: string | null, campaigns: CouponOutcome['campaigns'] = []) => ({
      code,
      series,
      campaigns,
      refusal: reason,
    });
    if (refusal !== undefined) return outcome(refusal);
    if (session.facts.couponCodes.get(series) !== code) return outcome('one-of-series-only');
    const campaigns = applied.flatMap(({ campaignId, coupons }) =>
      coupons.includes(code) ? [campaignId] : [],
    );
    if (campaigns.length > 0) return outcome(null, campaigns);
    const wanted = session.candidates.filter(({ compiled }) => compiled.series.includes(series));
    const reason = refused.find(({ campaignId }) =>
      wanted.some(({ compiled }) => compiled.campaign.campaignId === campaignId),
    );
    return outcome(reason?.code ?? (wanted.length > 0 ? 'not-needed' : 'no-campaign'));
  });
