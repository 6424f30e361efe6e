/**
 * The turns that take something off: line rewards, receipt rewards, coupons. Each proposal is cut down to the caps of its
 * campaign, to what its budget still holds, and to the caps of all campaigns together, in this order.
 */
import type { CompiledCampaign, DiscountTurn } from './campaignSet.js';
import { cutDown } from './caps.js';
import { applyPicks, type Pick, sumOf } from './goods.js';
import { type Candidate, remainingOf, type Session, type Use, useOf } from './session.js';

/** What the campaign does in one turn. */
export const takeDiscounts = (session: Session, candidate: Candidate, turn: DiscountTurn): void => {
  const { compiled } = candidate;
  for (const discount of compiled.discounts) {
    if (discount.turn !== turn) continue;
    const use = useOf(session, candidate);
    const { picks: proposed, effects } = discount.propose(session);
    const picks = withinCaps(session, compiled, use, proposed);
    applyPicks(session.goods, picks, compiled.campaign);
    note(session, compiled, use, picks);
    if (effects !== undefined && effects.length > 0) use.effects = [...use.effects, ...effects];
  }
};

const withinCaps = (
  session: Session,
  { campaign }: CompiledCampaign,
  use: Use,
  proposed: readonly Pick[],
): readonly Pick[] => {
  const { facts, goods, set } = session;
  const { amount } = remainingOf(session, campaign.campaignId);
  let picks = proposed;
  if (campaign.caps || amount !== undefined) {
    const own = { byLine: use.byLine, total: use.discount };
    if (campaign.caps) picks = cutDown(picks, campaign.caps, own, facts);
    if (amount !== undefined) picks = cutDown(picks, { perReceipt: { amount } }, own, facts);
  }
  if (!set.caps.perLine && !set.caps.perReceipt) return picks;
  const all = { byLine: session.byLine, total: facts.total - goods.payable };
  return cutDown(picks, set.caps, all, facts);
};

/** What lies on each line is only kept where a cap asks for it. */
const note = (
  { set, byLine }: Session,
  { campaign }: CompiledCampaign,
  use: Use,
  picks: readonly Pick[],
): void => {
  use.discount += sumOf(picks);
  if (campaign.caps?.perLine) addByLine((use.byLine ??= new Map()), picks);
  if (set.caps.perLine) addByLine(byLine, picks);
};

const addByLine = (sums: Map<number, number>, picks: readonly Pick[]): void => {
  for (const { line, count, cut } of picks) sums.set(line, (sums.get(line) ?? 0) + count * cut);
};
