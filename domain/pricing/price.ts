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
import type { BasketLine } from './basketLines.js';
import type { CampaignId } from './campaign.js';
import type { CampaignSet, CompiledCampaign } from './campaignSet.js';
import { couponOutcomes } from './coupons.js';
import { discountTurns, takeDiscounts } from './discounts.js';
import { earn, type Earned } from './earning.js';
import { type Customer, factsOf, type Receipt, type Remaining } from './facts.js';
import { playGames } from './games.js';
import { judge, judgeExclusive } from './judging.js';
import type { Applied, PointsShare, PricedReceipt, Refusal, Scenario } from './priced.js';
import { type PaidByPoints, pricedLines } from './pricedLines.js';
import { forkSession, gaveSomething, openSession, type Session } from './session.js';
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
  const { receipt, customer, campaigns, rule, remaining = {}, draws = {} } = request;
  const session = openSession(campaigns, factsOf(receipt, customer), rule, { remaining, draws });
  judgeExclusive(session);
  for (const turn of discountTurns) {
    for (const compiled of session.candidates) {
      if (compiled.turns.has(turn) && judge(session, compiled)) {
        takeDiscounts(session, compiled, turn);
      }
    }
  }
  const { most, redemption } = redemptionOf(request, session.goods.payable);
  const lines = linesOf(session);
  const asked = playThrough(session, redemption, lines);
  const scenarios = new Map([[redemption.points, asked]]);
  const at = (other: Redemption): Scenario => {
    const known = scenarios.get(other.points) ?? playThrough(session, other, lines);
    scenarios.set(other.points, known);
    return scenarioOf(session, other, known.earned);
  };
  const atNone = at(noRedemption);
  const atMost = at(most);
  return assemble(asked, redemption, lines, {
    most,
    atNone,
    asAsked: scenarioOf(session, redemption, asked.earned),
    atMost,
  });
};

/** Where each line stands in canonical order, and back. */
interface Lines {
  readonly lineOf: (line: BasketLine) => number;
  /** Canonical indices in the order in which the till sent the lines. */
  readonly asSent: readonly number[];
}

const linesOf = ({ facts }: Session): Lines => {
  const places = new Map(facts.lines.map(({ position }, index) => [position, index]));
  const lineOf = ({ position }: BasketLine): number => places.get(position) as number;
  return { lineOf, asSent: facts.receipt.lines.map(lineOf) };
};

/** Spreads over lines as the programme always did: among equals the line first that the till sent first. */
const spreadAsSent = (
  total: number,
  weights: readonly number[],
  { asSent }: Lines,
): readonly number[] => {
  const shares = spread(
    total,
    asSent.map((index) => weights[index] as number),
  );
  const byLine = weights.map(() => 0);
  shares.forEach((share, sent) => (byLine[asSent[sent] as number] = share));
  return byLine;
};

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

/** A session with its points paid, its points earned and its games played. */
interface Played {
  readonly session: Session;
  readonly paid: PaidByPoints;
  readonly earned: Earned;
}

const playThrough = (discounted: Session, redemption: Redemption, lines: Lines): Played => {
  const session = forkSession(discounted);
  const { goods, rule } = session;
  const value = spreadAsSent(redemption.value, goods.left, lines);
  const paid = { value, points: spreadAsSent(redemption.points, value, lines) };
  const weights = rule.earnOnRedeemed
    ? goods.left
    : goods.left.map((left, index) => left - (value[index] as number));
  const shareOfRule = (points: number) => spreadAsSent(points, weights, lines);
  const earned = earn(session, redemption, weights, shareOfRule);
  for (const compiled of session.candidates) {
    if (compiled.turns.has('games') && judge(session, compiled)) playGames(session, compiled);
  }
  return { session, paid, earned };
};

const scenarioOf = (
  { goods }: Session,
  { points, value }: Redemption,
  earned: Earned,
): Scenario => ({
  pointsRedeemed: points,
  paidByPoints: value,
  toPay: goods.payable - value,
  pointsEarned: earned.points,
});

const appliedIn = ({ uses, set }: Session): Applied[] =>
  [...uses].flatMap(([place, use]) => {
    if (!gaveSomething(use)) return [];
    const { campaignId, version, name } = (set.campaigns[place] as CompiledCampaign).campaign;
    const { discount, points, effects, coupons } = use;
    return [
      { campaignId, version, name, discount, points, effects: [...effects], coupons: [...coupons] },
    ];
  });

const refusedIn = ({ candidates, verdicts, uses }: Session): Refusal[] =>
  candidates.flatMap(({ campaign: { campaignId, version }, place }): Refusal[] => {
    const verdict = verdicts.get(place);
    if (!verdict || verdict.applies) {
      return gaveSomething(uses.get(place)) ? [] : [{ campaignId, version, code: 'gives-nothing' }];
    }
    const { code, by } = verdict;
    return [by === undefined ? { campaignId, version, code } : { campaignId, version, code, by }];
  });

const pointsBySource = ({ set }: Session, { programme, campaigns }: Earned) => {
  const shares: (PointsShare & PricedReceipt['points'][number])[] = [];
  if (programme.points > 0) shares.push({ campaignId: null, points: programme.points });
  for (const [place, { points }] of campaigns) {
    const { campaignId, pointsTerms } = (set.campaigns[place] as CompiledCampaign).campaign;
    shares.push(pointsTerms ? { campaignId, points, terms: pointsTerms } : { campaignId, points });
  }
  return shares;
};

const assemble = (
  { session, paid, earned }: Played,
  { points, value }: Redemption,
  { lineOf }: Lines,
  scenarios: Pick<PricedReceipt, 'most' | 'atNone' | 'asAsked' | 'atMost'>,
): PricedReceipt => {
  const { facts, goods, rule, set } = session;
  const applied = appliedIn(session);
  const refused = refusedIn(session);
  const coupons = couponOutcomes(session, applied, refused);
  const textsOf = (id: CampaignId) => set.byId.get(id)?.campaign.texts;
  return {
    currency: rule.currency,
    lines: pricedLines(session, paid, earned, lineOf),
    total: facts.total,
    discount: facts.total - goods.payable,
    net: goods.payable,
    paidByPoints: value,
    pointsRedeemed: points,
    toPay: goods.payable - value,
    eligible: earned.eligible,
    pointsEarned: earned.points,
    points: pointsBySource(session, earned),
    ...scenarios,
    applied,
    refused,
    coupons,
    texts: campaignTexts(applied, coupons, textsOf, rule.currency),
  };
};
