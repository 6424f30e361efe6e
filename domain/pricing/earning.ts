/**
 * What a receipt earns at one redemption: by the programme's rule, as it always did, and by campaigns on top of it.
 *
 * Points of the rule are rounded down once for the receipt, and an anonymous receipt earns none.
 */
import { amountMax } from '../account/basket.js';
import { earnedOn } from '../account/pricing.js';
import type { Redemption } from '../account/redemption.js';
import { rejected } from '../rejected.js';
import { campaignPoints, type EarnedByLine, earningMoment } from './campaignPoints.js';
import { judge } from './judging.js';
import type { Session } from './session.js';

export interface Earned {
  /** Minor units that the rule earned on. */
  readonly eligible: number;
  readonly points: number;
  readonly programme: EarnedByLine;
  /** By place of the campaign, in the order of their turns. */
  readonly campaigns: ReadonlyMap<number, EarnedByLine>;
}

/**
 * `weights` are what each line earns on, in canonical order; `shareOfRule` spreads the points of the rule over the lines.
 * @throws Rejected basket-too-large
 */
export const earn = (
  session: Session,
  redemption: Redemption,
  weights: readonly number[],
  shareOfRule: (points: number) => readonly number[],
): Earned => {
  if (session.facts.customer === null) return nothingEarned(session);
  const moment = earningMoment(session, redemption);
  const { rule } = session;
  const { payable } = session.goods;
  const eligible = rule.earnOnRedeemed ? payable : payable - redemption.value;
  const byRule = earnedOn(eligible, rule);
  const campaigns = new Map<number, EarnedByLine>();
  let points = byRule;
  for (const compiled of session.candidates) {
    if (!compiled.turns.has('earning') || !judge(session, compiled)) continue;
    const earned = campaignPoints(session, compiled, moment, weights);
    if (earned.points === 0) continue;
    campaigns.set(compiled.place, earned);
    points += earned.points;
  }
  if (points > amountMax) throw rejected('basket-too-large', { earned: points, most: amountMax });
  const programme = { points: byRule, byLine: shareOfRule(byRule) };
  return { eligible, points, programme, campaigns };
};

const nothingEarned = ({ facts }: Session): Earned => ({
  eligible: 0,
  points: 0,
  programme: { points: 0, byLine: facts.lines.map(() => 0) },
  campaigns: new Map(),
});
