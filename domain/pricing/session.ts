/**
 * A receipt in the middle of being priced: the goods as they are now, and what was decided of each campaign that has a chance.
 *
 * A fork is independent of what it came from, so campaigns are tried out, and several redemptions are played through, without
 * taking anything back.
 */
import type { CampaignId } from './discount.js';
import type { GroupRule } from './campaign.js';
import type { CampaignSet, CompiledCampaign } from './campaignSet.js';
import { candidatesFor } from './candidates.js';
import type { Effect } from './effects.js';
import type { Facts, Remaining } from './facts.js';
import { forkGoods, type Goods, goodsOf } from './goods.js';
import type { ProgrammeRule } from '../programme/rule.js';
import type { RefusalCode } from './priced.js';

/** What a campaign has done on the receipt so far. */
export interface Use {
  /** Kept where a cap asks for it. */
  byLine: Map<number, number> | null;
  discount: number;
  points: number;
  effects: readonly Effect[];
}

export type Verdict =
  /** With the codes of the coupons that it spends. */
  | { readonly applies: true; readonly coupons: readonly string[] }
  | { readonly applies: false; readonly code: RefusalCode; readonly by?: string };

export interface Given {
  /** By campaign id. */
  readonly remaining: ReadonlyMap<string, Remaining>;
  /** Numbers drawn by campaign, below a million; none while the receipt is only quoted. */
  readonly draws: ReadonlyMap<string, number>;
}

/** A campaign that has a chance with this receipt, with what was decided of it. */
export interface Candidate {
  readonly compiled: CompiledCampaign;
  /** Null until its turn comes. */
  verdict: Verdict | null;
  use: Use | null;
}

const candidateOf = (compiled: CompiledCampaign): Candidate => ({
  compiled,
  verdict: null,
  use: null,
});

/** Candidates of which one applies. */
export interface Group {
  readonly takesBest: boolean;
  readonly members: Candidate[];
}
/** By the name of the group. */
type Groups = { readonly [Rule in GroupRule]?: ReadonlyMap<string, Group> };

export interface Session extends Given {
  readonly set: CampaignSet;
  readonly rule: ProgrammeRule;
  readonly facts: Facts;
  readonly goods: Goods;
  /** By priority. */
  readonly candidates: readonly Candidate[];
  readonly groups: Groups;
  /** Those that had something to do, in the order of their turns. */
  readonly used: Candidate[];
  /** Taken off each line by all campaigns together. */
  readonly byLine: Map<number, number>;
}

export const openSession = (
  set: CampaignSet,
  facts: Facts,
  rule: ProgrammeRule,
  { remaining, draws }: Given,
): Session => {
  const candidates: Candidate[] = [];
  let last = -1;
  for (const place of candidatesFor(set.index, facts)) {
    if (place !== last) candidates.push(candidateOf(set.campaigns[place] as CompiledCampaign));
    last = place;
  }
  return {
    remaining,
    draws,
    set,
    facts,
    rule,
    goods: goodsOf(facts),
    candidates,
    groups: groupsIn(candidates),
    used: [],
    byLine: new Map(),
  };
};

const groupsIn = (candidates: readonly Candidate[]): Groups => {
  let groups: Record<'best' | 'first', Map<string, Group>> | null = null;
  for (const candidate of candidates) {
    const { group } = candidate.compiled.campaign;
    if (group?.rule !== 'best' && group?.rule !== 'first') continue;
    groups ??= { best: new Map(), first: new Map() };
    const known = groups[group.rule].get(group.name);
    if (known) known.members.push(candidate);
    else {
      const takesBest = group.rule === 'best';
      groups[group.rule].set(group.name, { takesBest, members: [candidate] });
    }
  }
  return groups ?? noGroups;
};
const noGroups: Groups = {};

/** For trying out a campaign that had no turn yet: goods of its own, and nothing that bounds it but caps. */
export const forkSession = (
  session: Session,
  { compiled }: Candidate,
): { readonly fork: Session; readonly trial: Candidate } => {
  const fork = {
    ...session,
    remaining: unbounded,
    goods: forkGoods(session.goods),
    used: [],
    byLine: new Map(session.byLine),
  };
  return { fork, trial: candidateOf(compiled) };
};
const unbounded: Given['remaining'] = new Map();

export const useOf = (session: Session, candidate: Candidate): Use => {
  if (candidate.use === null) {
    candidate.use = { byLine: null, discount: 0, points: 0, effects: noEffects };
    session.used.push(candidate);
  }
  return candidate.use;
};
const noEffects: readonly Effect[] = [];

export const gaveSomething = (use: Use | null): use is Use =>
  use !== null && (use.discount > 0 || use.points > 0 || use.effects.length > 0);

export const remainingOf = (session: Session, campaignId: CampaignId): Remaining =>
  session.remaining.get(campaignId) ?? unlimited;

const unlimited: Remaining = {};
