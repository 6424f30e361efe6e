/**
 * The turns that take something off: line rewards, receipt rewards, coupons. Each proposal is cut down to the caps of its
 * campaign, to what its budget still holds, and to the caps of all campaigns together, in this order.
 */
import type { CompiledCampaign, DiscountTurn } from './campaignSet.js';
import { cutDown } from './caps.js';
import { applyPicks, type Pick, sumOf } from './goods.js';
import { remainingOf, type Session, type Use, useOf } from './session.js';

export const discountTurns: readonly DiscountTurn[] = ['lines', 'receipt', 'coupons'];

/** What the campaign does in one turn. */
export const takeDiscounts = (
  session: Session,
  compiled: CompiledCampaign,
  turn: DiscountTurn,
): void => {
  const { facts, goods } = session;
  for (const discount of compiled.discounts) {
    if (discount.turn !== turn) continue;
    const use = useOf(session, compiled.place);
    const { picks: proposed, effects } = discount.propose({ facts, goods });
    const picks = withinCaps(session, compiled, use, proposed);
    applyPicks(goods, picks, compiled.place);
    note(session, use, picks);
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
  let picks = proposed;
  const own = { byLine: use.byLine, total: use.discount };
  if (campaign.caps) picks = cutDown(picks, campaign.caps, own, facts);
  const { amount } = remainingOf(session, campaign.campaignId);
  if (amount !== undefined) picks = cutDown(picks, { perReceipt: { amount } }, own, facts);
  const all = { byLine: session.byLine, total: facts.total - goods.payable };
  return cutDown(picks, set.caps, all, facts);
};

const note = ({ byLine }: Session, use: Use, picks: readonly Pick[]): void => {
  use.discount += sumOf(picks);
  for (const { line, count, cut } of picks) {
    use.byLine.set(line, (use.byLine.get(line) ?? 0) + count * cut);
    byLine.set(line, (byLine.get(line) ?? 0) + count * cut);
  }
};
