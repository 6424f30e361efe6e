/**
 * Whether a campaign applies: its time, its limits, its conditions, then its group. Judged once, when the first turn of the
 * campaign (or of its group) comes, on the receipt as it stands at that moment.
 *
 * A group that takes the best or the first tries its members out, each on a fork of its own; an exclusive campaign is tried
 * before all turns. Trying costs as much as applying, so the whole stays linear in lines and campaigns.
 */
import type { CompiledCampaign } from './campaignSet.js';
import { type Candidate, type Group, remainingOf, type Session, type Verdict } from './session.js';
import { type Trial, tryOut } from './trial.js';

type Refused = Extract<Verdict, { applies: false }>;

/** Whether the campaign applies; remembers what was found. */
export const judge = (session: Session, candidate: Candidate): boolean => {
  if (candidate.verdict) return candidate.verdict.applies;
  const blocked = obstacle(session, candidate.compiled);
  const group = blocked ? undefined : groupOf(session, candidate.compiled);
  if (group) judgeGroup(session, group);
  else settle(session, candidate, blocked ?? overBudget(session, candidate));
  return candidate.verdict !== null && (candidate.verdict as Verdict).applies;
};

const groupOf = ({ groups }: Session, { campaign: { group } }: CompiledCampaign) =>
  group && groups[group.rule]?.get(group.name);

/** It applies unless it is refused; the coupons that it spends are those that make it hold now. */
const settle = (session: Session, candidate: Candidate, refused: Refused | null): void => {
  candidate.verdict = refused ?? {
    applies: true,
    coupons: couponsOf(session, candidate.compiled),
  };
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
  const by = compiled.obstacle(facts, goods.payable);
  return by === null ? null : { applies: false, code: 'condition-not-met', by };
};

/** Half of a reward would surprise everybody, so a budget that does not hold all of it gives none. */
const overBudget = (session: Session, candidate: Candidate, tried?: Trial): Refused | null => {
  const { amount, points } = remainingOf(session, candidate.compiled.campaign.campaignId);
  if (amount === undefined && points === undefined) return null;
  const trial = tried ?? tryOut(session, candidate);
  const over = trial.discount > (amount ?? Infinity) || trial.points > (points ?? Infinity);
  return over ? { applies: false, code: 'budget-spent' } : null;
};

/** A member with what it would give, or null where something stands in its way, which is noted. */
const promise = (session: Session, candidate: Candidate): Trial | null => {
  const blocked = obstacle(session, candidate.compiled);
  const trial = blocked ? null : tryOut(session, candidate);
  const refused = blocked ?? (trial ? overBudget(session, candidate, trial) : null);
  if (refused) settle(session, candidate, refused);
  else if (!trial?.gives) settle(session, candidate, { applies: false, code: 'gives-nothing' });
  else return trial;
  return null;
};

const judgeGroup = (session: Session, { takesBest, members }: Group): void => {
  let winner: { candidate: Candidate; value: number } | null = null;
  const others: Candidate[] = [];
  for (const candidate of members) {
    if (candidate.verdict) continue;
    if (winner && !takesBest) {
      others.push(candidate);
      continue;
    }
    const trial = promise(session, candidate);
    if (!trial) continue;
    if (winner && trial.value <= winner.value) {
      others.push(candidate);
      continue;
    }
    if (winner) others.push(winner.candidate);
    winner = { candidate, value: trial.value };
  }
  if (!winner) return;
  const code = takesBest ? 'another-was-better' : 'another-was-first';
  const by = winner.candidate.compiled.campaign.campaignId;
  for (const candidate of others) settle(session, candidate, { applies: false, code, by });
  settle(session, winner.candidate, null);
};

/** Before all turns: the first exclusive campaign that gives anything shuts all others out. */
export const judgeExclusive = (session: Session): void => {
  for (const candidate of session.candidates) {
    if (candidate.compiled.campaign.group?.rule !== 'exclusive') continue;
    if (!promise(session, candidate)) continue;
    const by = candidate.compiled.campaign.campaignId;
    for (const other of session.candidates) {
      if (other !== candidate && !other.verdict) {
        settle(session, other, { applies: false, code: 'excluded', by });
      }
    }
    settle(session, candidate, null);
    return;
  }
};
