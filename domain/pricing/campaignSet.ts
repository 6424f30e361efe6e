/**
 * The active campaigns, made ready once and used for every receipt until one of them changes: conditions and rewards compiled,
 * sorted by turn, filed for the search. Nothing in a set changes while receipts are priced with it.
 */
import { askedIn } from './asked.js';
import type { CampaignId } from './discount.js';
import type { Campaign, Caps, PointsTerms } from './campaign.js';
import { type CandidateIndex, indexCandidates } from './candidates.js';
import type { Hint } from './condition.js';
import {
  anyOf,
  type CouponsUsed,
  couponsIn,
  hintOf,
  mostTelling,
  type Obstacle,
  obstacleIn,
  seriesIn,
} from './conditionTree.js';
import type { Effect } from './effects.js';
import type { Asked } from './linesBy.js';
import type { Earning, EarningMoment, GameMoment, Moment, Proposal } from './reward.js';
import { type Reward, rewardKinds } from './rewards.js';

/** In this order; then points pay, which is the programme's rule, then come earning and games. */
export const discountTurns = ['lines', 'receipt', 'coupons'] as const;
export type DiscountTurn = (typeof discountTurns)[number];

/** What is asked of a campaign on every receipt. All have the same fields in the same order, which makes reading them fast. */
export interface ActiveCampaign extends Pick<Campaign, 'campaignId' | 'version' | 'name'> {
  readonly group: Campaign['group'] | null;
  readonly caps: Caps | null;
  readonly texts: Campaign['texts'] | null;
  readonly pointsTerms: PointsTerms | null;
  /** Its uses are limited for each customer, so nobody else may use it. */
  readonly forCustomersOnly: boolean;
}

const activeCampaign = (campaign: Campaign): ActiveCampaign => {
  const { campaignId, version, name, group, caps, texts, pointsTerms, limits } = campaign;
  return {
    campaignId,
    version,
    name,
    group: group ? { name: group.name, rule: group.rule } : null,
    caps: caps ?? null,
    texts: texts ?? null,
    pointsTerms: pointsTerms ?? null,
    forCustomersOnly: limits?.perCustomer !== undefined,
  };
};

export interface CompiledCampaign {
  readonly campaign: ActiveCampaign;
  /** Its number in the set: the order by priority, then id. */
  readonly place: number;
  /** Milliseconds. */
  readonly from: number;
  readonly until: number;
  /** The condition that stands in the way. */
  readonly obstacle: Obstacle;
  readonly coupons: CouponsUsed | null;
  /** Coupon series that it asks for. */
  readonly series: readonly string[];
  readonly discounts: readonly {
    readonly turn: DiscountTurn;
    readonly propose: (moment: Moment) => Proposal;
  }[];
  readonly points: readonly ((moment: EarningMoment) => Earning)[];
  readonly games: readonly ((moment: GameMoment) => readonly Effect[])[];
  /** The turns of its discounts. */
  readonly turns: Readonly<Record<DiscountTurn, boolean>>;
}

export interface CampaignSet {
  /** By place. */
  readonly campaigns: readonly CompiledCampaign[];
  readonly byId: ReadonlyMap<CampaignId, CompiledCampaign>;
  readonly index: CandidateIndex;
  readonly asked: Asked;
  /** What all campaigns together may take off. */
  readonly caps: Caps;
}

/** A kind as the engine sees it, its arguments checked against its own schema. */
interface AnyReward {
  readonly gives: 'discount' | 'points' | 'game';
  readonly turn?: (given: Reward) => 'lines' | 'receipt';
  readonly compile: (given: Reward) => unknown;
  readonly hint?: (given: Reward) => readonly Hint[] | null;
}
const kinds = new Map(
  rewardKinds.map((kind) => [kind.kind as string, kind as unknown as AnyReward]),
);

/** @throws Error where there is no such kind: definitions are validated before they come here. */
const kindOf = ({ kind }: Reward): AnyReward => {
  const found = kinds.get(kind);
  if (!found) throw new Error(`There is no reward ${kind}: validate the campaign first.`);
  return found;
};

const noObstacle: Obstacle = () => null;

const compileCampaign = (campaign: Campaign, place: number): CompiledCampaign => {
  const { when, rewards, valid = {} } = campaign;
  const coupons = when ? couponsIn(when) : null;
  const compiled = rewards.map((reward) => ({ reward, kind: kindOf(reward) }));
  const of = (gives: AnyReward['gives']) => compiled.filter(({ kind }) => kind.gives === gives);
  const discounts = of('discount').map(({ reward, kind }) => ({
    turn: coupons ? ('coupons' as const) : (kind.turn?.(reward) ?? 'lines'),
    propose: kind.compile(reward) as (moment: Moment) => Proposal,
  }));
  const points = of('points').map(
    ({ reward, kind }) => kind.compile(reward) as (moment: EarningMoment) => Earning,
  );
  const games = of('game').map(
    ({ reward, kind }) => kind.compile(reward) as (moment: GameMoment) => readonly Effect[],
  );
  return {
    campaign: activeCampaign(campaign),
    place,
    from: valid.from === undefined ? -Infinity : Date.parse(valid.from),
    until: valid.until === undefined ? Infinity : Date.parse(valid.until),
    obstacle: when ? obstacleIn(when) : noObstacle,
    coupons,
    series: when ? seriesIn(when) : [],
    discounts,
    points,
    games,
    turns: {
      lines: discounts.some(({ turn }) => turn === 'lines'),
      receipt: discounts.some(({ turn }) => turn === 'receipt'),
      coupons: discounts.some(({ turn }) => turn === 'coupons'),
    },
  };
};

const hintOfCampaign = ({ when, rewards }: Campaign): readonly Hint[] | null =>
  mostTelling([
    when ? hintOf(when) : null,
    // With none of its rewards it has nothing to do.
    anyOf(rewards.map((reward) => kindOf(reward).hint?.(reward) ?? null)),
  ]);

const byTurn = (a: Campaign, b: Campaign): number =>
  a.priority - b.priority || (a.campaignId < b.campaignId ? -1 : 1);

/** Definitions that passed faults.ts, one version of each campaign. */
export const compileCampaigns = (campaigns: readonly Campaign[], caps: Caps = {}): CampaignSet => {
  const sorted = [...campaigns].sort(byTurn);
  const compiled = sorted.map(compileCampaign);
  return {
    campaigns: compiled,
    byId: new Map(compiled.map((one) => [one.campaign.campaignId, one])),
    index: indexCandidates(sorted.map(hintOfCampaign)),
    asked: askedIn(sorted),
    caps,
  };
};
