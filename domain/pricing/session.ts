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
  readonly draws: Readonly<Record<string, number>>;
}

/** Candidates of which one applies. */
export interface Group {
  readonly takesBest: boolean;
  readonly members: CompiledCampaign[];
}
/** By the name of the group. */
type Groups = { readonly [Rule in GroupRule]?: ReadonlyMap<string, Group> };

export interface Session extends Given {
  readonly set: CampaignSet;
  readonly rule: ProgrammeRule;
  readonly facts: Facts;
  readonly goods: Goods;
  /** By priority. */
  readonly candidates: readonly CompiledCampaign[];
  readonly groups: Groups;
  /** By place of the campaign. */
  readonly verdicts: Map<number, Verdict>;
  readonly uses: Map<number, Use>;
  /** Taken off each line by all campaigns together. */
  readonly byLine: Map<number, number>;
}

export const openSession = (
  set: CampaignSet,
  facts: Facts,
  rule: ProgrammeRule,
  given: Given,
): Session => {
  const places = candidatesFor(set.index, facts);
  const candidates = places.map((place) => set.campaigns[place] as CompiledCampaign);
  return {
    ...given,
    set,
    facts,
    rule,
    goods: goodsOf(facts),
    candidates,
    groups: groupsIn(candidates),
    verdicts: new Map(),
    uses: new Map(),
    byLine: new Map(),
  };
};

const groupsIn = (candidates: readonly CompiledCampaign[]): Groups => {
  const best = new Map<string, Group>();
  const first = new Map<string, Group>();
  for (const compiled of candidates) {
    const { group } = compiled.campaign;
    if (group?.rule !== 'best' && group?.rule !== 'first') continue;
    const takesBest = group.rule === 'best';
    const groups = takesBest ? best : first;
    const known = groups.get(group.name);
    if (known) known.members.push(compiled);
    else groups.set(group.name, { takesBest, members: [compiled] });
  }
  return { best, first };
};

export const forkSession = (session: Session): Session => ({
  ...session,
  goods: forkGoods(session.goods),
  verdicts: new Map(session.verdicts),
  uses: new Map(
    [...session.uses].map(([place, use]) => [
      place,
      { ...use, byLine: use.byLine && new Map(use.byLine) },
    ]),
  ),
  byLine: new Map(session.byLine),
});

export const useOf = (session: Session, place: number): Use => {
  let use = session.uses.get(place);
  if (use === undefined) {
    use = { byLine: null, discount: 0, points: 0, effects: [] };
    session.uses.set(place, use);
  }
  return use;
};

export const gaveSomething = (use: Use | undefined): use is Use =>
  use !== undefined && (use.discount > 0 || use.points > 0 || use.effects.length > 0);

export const remainingOf = (session: Session, campaignId: CampaignId): Remaining =>
  session.remaining.get(campaignId) ?? unlimited;

const unlimited: Remaining = {};
