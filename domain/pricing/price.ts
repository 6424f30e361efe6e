/**
 * The heart of the loyalty engine: one pure function from a receipt, a customer, the campaigns and the programme's rule to
 * everything a till has to know. A quote and a confirmation call it alike, so they can only differ where their inputs do.
 *
 * Order: line rewards, receipt rewards, coupons, then points pay, then earning, then games; within a turn by priority. Without
 * campaigns it is the programme's rule and nothing else. The cost is linear in lines and in the campaigns that can match.
 */
import { shareDown, spread } from '../amount.js';
import { mostRedeemable, noRedemption, redeem, type Redemption } from '../account/redemption.js';
import type { ProgrammeRule } from '../programme/rule.js';
import { pointsByLine } from './campaignPoints.js';
import type { CampaignId } from './discount.js';
import { type CampaignSet, discountTurns } from './campaignSet.js';
import { couponOutcomes } from './coupons.js';
import { takeDiscounts } from './discounts.js';
import { earnAt, type Earned, earningCampaigns } from './earning.js';
import { type Customer, factsOf, type Receipt, type Remaining } from './facts.js';
import { playGames } from './games.js';
import { judge, judgeExclusive } from './judging.js';
import type { Applied, PricedReceipt, Refusal, Scenario } from './priced.js';
import { type PointsOnLines, pricedLines } from './pricedLines.js';
import { gaveSomething, openSession, type Session, useOf } from './session.js';
import { campaignTexts } from './texts.js';

export interface PricingRequest {
  readonly receipt: Receipt;
  /** Null for an anonymous receipt: it neither earns nor spends. */
  readonly customer: Customer | null;
  readonly campaigns: CampaignSet;
  readonly rule: ProgrammeRule;
  /** Hundredths that the customer wants to pay with. */
  readonly redeemPoints: number;
  /** Where that is more than may be used: refuse the receipt (a confirmation), or use the most (a quote). */
  readonly tooManyPoints: 'refuse' | 'limit';
  /** By campaign id; whatever is not in it is unlimited. */
  readonly remaining?: Readonly<Record<string, Remaining>>;
  /** Numbers drawn by campaign id, 0 to 999999; left out in a quote. */
  readonly draws?: Readonly<Record<string, number>>;
}

/** @throws Rejected basket-too-large; not-enough-points and redemption-over-limit where too many points are to be refused. */
export const price = (request: PricingRequest): PricedReceipt => {
  const { session, most, redemption, earners, earned } = play(request);
  const scenario = (at: Redemption): Scenario => {
    const same = at.value === redemption.value;
    const { points } = same ? earned : earnAt(session, earners, at);
    return scenarioOf(session, at, points);
  };
  return assemble(session, redemption, earned, {
    most,
    atNone: scenario(noRedemption),
    asAsked: scenarioOf(session, redemption, earned.points),
    atMost: scenario(most),
  });
};

export type PricedTotals = Pick<PricedReceipt, 'discount' | 'pointsEarned' | 'applied' | 'refused'>;

/** Of what `price` says that which is about the receipt as a whole: for whoever adds many up. Throws as `price` does. */
export const priceTotals = (request: PricingRequest): PricedTotals => {
  const { session, earned } = play(request);
  const { facts, goods } = session;
  return {
    discount: facts.total - goods.payable,
    pointsEarned: earned.points,
    applied: appliedIn(session),
    refused: refusedIn(session),
  };
};

/** All turns in their order. */
const play = (request: PricingRequest) => {
  const { receipt, customer, campaigns, rule, remaining, draws } = request;
  const given = { remaining: byCampaign(remaining), draws: byCampaign(draws) };
  const facts = factsOf(receipt, customer, campaigns.asked);
  const session = openSession(campaigns, facts, rule, given);
  judgeExclusive(session);
  for (const turn of discountTurns) {
    for (const candidate of session.candidates) {
      if (candidate.compiled.turns[turn] && judge(session, candidate)) {
        takeDiscounts(session, candidate, turn);
      }
    }
  }
  const { most, redemption } = redemptionOf(request, session.goods.payable);
  const earners = earningCampaigns(session);
  const earned = earnAt(session, earners, redemption);
  for (const { candidate, points } of earned.campaigns) useOf(session, candidate).points = points;
  for (const candidate of session.candidates) {
    if (candidate.compiled.games.length > 0 && judge(session, candidate)) {
      playGames(session, candidate);
    }
  }
  return { session, most, redemption, earners, earned };
};

const byCampaign = <Value>(
  given: Readonly<Record<string, Value>> = {},
): ReadonlyMap<string, Value> => new Map(Object.entries(given));

const redemptionOf = (
  { customer, rule, redeemPoints, tooManyPoints }: PricingRequest,
  payable: number,
) => {
  const points = { activeTotal: customer?.activePoints ?? 0 };
  const most = mostRedeemable(payable, points, rule);
  const exceeds =
    redeemPoints > points.activeTotal || shareDown(redeemPoints, rule.pointValue, 100) > most.value;
  const limit = exceeds && tooManyPoints === 'limit';
  return { most, redemption: limit ? most : redeem(redeemPoints, payable, points, rule) };
};

/**
 * What points pay of each line and what each line earns. What is the programme's is spread over lines as it always was: among
 * equals to the line first that the till sent first.
 */
const shareOut = (session: Session, redemption: Redemption, earned: Earned): PointsOnLines => {
  const { facts, goods, rule } = session;
  const left = facts.places.map((place) => goods.left[place] as number);
  const value = spread(redemption.value, left);
  const weights = rule.earnOnRedeemed
    ? left
    : left.map((of, index) => of - (value[index] as number));
  return {
    value,
    points: spread(redemption.points, value),
    earnedByRule: spread(earned.byRule, weights),
    earned: earnedByCampaigns(session, earned, weights),
  };
};

const earnedByCampaigns = (
  { facts: { lines, places } }: Session,
  { campaigns }: Earned,
  weightsAsSent: readonly number[],
): PointsOnLines['earned'] => {
  if (campaigns.length === 0) return [];
  const weights = weightsAsSent.slice();
  for (let sent = 0; sent < places.length; sent += 1) {
    weights[places[sent] as number] = weightsAsSent[sent] as number;
  }
  return campaigns.map(({ candidate, earnings }) => ({
    campaignId: candidate.compiled.campaign.campaignId,
    byLine: pointsByLine(earnings, lines, weights),
  }));
};

const scenarioOf = (
  { goods }: Session,
  { points, value }: Redemption,
  pointsEarned: number,
): Scenario => ({
  pointsRedeemed: points,
  paidByPoints: value,
  toPay: goods.payable - value,
  pointsEarned,
});

const appliedIn = ({ used }: Session): Applied[] => {
  const applied: Applied[] = [];
  for (const { compiled, use, verdict } of used) {
    if (!gaveSomething(use)) continue;
    const { campaignId, version, name } = compiled.campaign;
    const { discount, points, effects } = use;
    const coupons = verdict?.applies ? [...verdict.coupons] : [];
    applied.push({ campaignId, version, name, discount, points, effects: [...effects], coupons });
  }
  return applied;
};

const refusedIn = ({ candidates }: Session): Refusal[] => {
  const refused: Refusal[] = [];
  for (const { compiled, use, verdict } of candidates) {
    const { campaignId, version } = compiled.campaign;
    if (!verdict || verdict.applies) {
      if (gaveSomething(use)) continue;
      refused.push({ campaignId, version, code: 'gives-nothing' });
    } else if (verdict.by === undefined) {
      refused.push({ campaignId, version, code: verdict.code });
    } else {
      refused.push({ campaignId, version, code: verdict.code, by: verdict.by });
    }
  }
  return refused;
};

const pointsBySource = ({ byRule, campaigns }: Earned): PricedReceipt['points'] => [
  ...(byRule > 0 ? [{ campaignId: null, points: byRule }] : []),
  ...campaigns.map(({ candidate, points }) => {
    const { campaignId, pointsTerms } = candidate.compiled.campaign;
    return pointsTerms ? { campaignId, points, terms: pointsTerms } : { campaignId, points };
  }),
];

const assemble = (
  session: Session,
  redemption: Redemption,
  earned: Earned,
  scenarios: Pick<PricedReceipt, 'most' | 'atNone' | 'asAsked' | 'atMost'>,
): PricedReceipt => {
  const { facts, goods, rule, set } = session;
  const applied = appliedIn(session);
  const refused = refusedIn(session);
  const coupons = couponOutcomes(session, applied, refused);
  const textsOf = (id: CampaignId) => set.byId.get(id)?.campaign.texts ?? null;
  return {
    currency: rule.currency,
    lines: pricedLines(session, shareOut(session, redemption, earned)),
    total: facts.total,
    discount: facts.total - goods.payable,
    net: goods.payable,
    paidByPoints: redemption.value,
    pointsRedeemed: redemption.points,
    toPay: goods.payable - redemption.value,
    eligible: earned.eligible,
    pointsEarned: earned.points,
    points: pointsBySource(earned),
    ...scenarios,
    applied,
    refused,
    coupons,
    texts: campaignTexts(applied, coupons, textsOf, rule.currency),
  };
};
