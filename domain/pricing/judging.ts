/**
 * Whether a campaign applies: its time, its limits, its conditions, then its group. Judged once, when the first turn of the
 * campaign (or of its group) comes, on the receipt as it stands at that moment.
 *
 * A group that takes the best or the first tries its members out, each on a fork of its own; an exclusive campaign is tried
 * before all turns. Trying costs as much as applying, so the whole stays linear in lines and campaigns.
 */
import type { CompiledCampaign } from './campaignSet.js';
import { type Group, remainingOf, type Session, type Verdict } from './session.js';
import { type Trial, tryOut } from './trial.js';

type Refused = Extract<Verdict, { applies: false }>;

/** Whether the campaign applies; remembers what was found. */
export const judge = (session: Session, compiled: CompiledCampaign): boolean => {
  const known = session.verdicts.get(compiled.place);
  if (known) return known.applies;
  const blocked = obstacle(session, compiled);
  const group = blocked ? undefined : groupOf(session, compiled);
  if (group) judgeGroup(session, group);
  else settle(session, compiled, blocked ?? overBudget(session, compiled));
  return session.verdicts.get(compiled.place)?.applies ?? false;
};

const groupOf = ({ groups }: Session, { campaign: { group } }: CompiledCampaign) =>
  group && groups[group.rule]?.get(group.name);

/** It applies unless it is refused; the coupons that it spends are those that make it hold now. */
const settle = (session: Session, compiled: CompiledCampaign, refused: Refused | null): void => {
  const verdict = refused ?? { applies: true, coupons: couponsOf(session, compiled) };
  session.verdicts.set(compiled.place, verdict);
};

const couponsOf = ({ facts, goods }: Session, { coupons }: CompiledCampaign): readonly string[] =>
  coupons
    ? coupons(facts, goods.payable).flatMap((series) => facts.couponCodes.get(series) ?? [])
    : noCoupons;
const noCoupons: readonly string[] = [];

/** What stands in the way, whatever the campaign would give. */
const obstacle = (session: Session, compiled: CompiledCampaign): Refused | null => {
  const { facts, goods } = session;
  const { at } = facts.receipt;
  if (at < compiled.from) return { applies: false, code: 'not-yet-valid' };
  if (at >= compiled.until) return { applies: false, code: 'no-longer-valid' };
  const { campaignId, forCustomersOnly } = compiled.campaign;
  // Whoever kept the card in the pocket would have no limit.
  if (forCustomersOnly && facts.customer === null) {
    return { applies: false, code: 'for-customers-only' };
  }
  const { uses, usesOfCustomer } = remainingOf(session, campaignId);
  if (usesOfCustomer !== undefined && usesOfCustomer <= 0) {
    return { applies: false, code: 'limit-reached' };
  }
  if (uses !== undefined && uses <= 0) return { applies: false, code: 'budget-spent' };
  if (!compiled.holds(facts, goods.payable)) {
    const by = compiled.failure(facts, goods.payable);
    return { applies: false, code: 'condition-not-met', by };
  }
  return null;
};

/** Half of a reward would surprise everybody, so a budget that does not hold all of it gives none. */
const overBudget = (
  session: Session,
  compiled: CompiledCampaign,
  tried?: Trial,
): Refused | null => {
  const { amount, points } = remainingOf(session, compiled.campaign.campaignId);
  if (amount === undefined && points === undefined) return null;
  const unlimited = { ...session, remaining: new Map() };
  const trial = tried ?? tryOut(unlimited, compiled);
  const over = trial.discount > (amount ?? Infinity) || trial.points > (points ?? Infinity);
  return over ? { applies: false, code: 'budget-spent' } : null;
};

/** A member with what it would give, or null where something stands in its way, which is noted. */
const promise = (session: Session, compiled: CompiledCampaign): Trial | null => {
  const blocked = obstacle(session, compiled);
  const trial = blocked ? null : tryOut({ ...session, remaining: new Map() }, compiled);
  const refused = blocked ?? (trial ? overBudget(session, compiled, trial) : null);
  if (refused) settle(session, compiled, refused);
  else if (!trial?.gives) settle(session, compiled, { applies: false, code: 'gives-nothing' });
  else return trial;
  return null;
};

const judgeGroup = (session: Session, { takesBest, members }: Group): void => {
  let winner: { compiled: CompiledCampaign; value: number } | null = null;
  const others: CompiledCampaign[] = [];
  for (const compiled of members) {
    if (session.verdicts.has(compiled.place)) continue;
    if (winner && !takesBest) {
      others.push(compiled);
      continue;
    }
    const trial = promise(session, compiled);
    if (!trial) continue;
    if (winner && trial.value <= winner.value) {
      others.push(compiled);
      continue;
    }
    if (winner) others.push(winner.compiled);
    winner = { compiled, value: trial.value };
  }
  if (!winner) return;
  const code = takesBest ? 'another-was-better' : 'another-was-first';
  const by = winner.compiled.campaign.campaignId;
  for (const compiled of others) settle(session, compiled, { applies: false, code, by });
  settle(session, winner.compiled, null);
};

/** Before all turns: the first exclusive campaign that gives anything shuts all others out. */
export const judgeExclusive = (session: Session): void => {
  for (const compiled of session.candidates) {
    if (compiled.campaign.group?.rule !== 'exclusive') continue;
    if (!promise(session, compiled)) continue;
    const by = compiled.campaign.campaignId;
    for (const other of session.candidates) {
      if (other !== compiled && !session.verdicts.has(other.place)) {
        settle(session, other, { applies: false, code: 'excluded', by });
      }
    }
    settle(session, compiled, null);
    return;
  }
};
