/**
 * Games and tiers on an account: what a purchase brings them and what a return takes back, with the rewards made into points and
 * coupons. The rules are domain/game and domain/tier; here is only what the account has to do with them.
 */
import { playGames } from '../game/play.js';
import type { GameProgressEvent } from '../game/events.js';
import { takeBackGames } from '../game/takeBack.js';
import type { Outcome as Played, RewardDue } from '../game/turn.js';
import type { LotId, PurchaseId } from '../ids.js';
import type { Effect } from '../pricing/effects.js';
import { dayOf, type Qualifying } from '../tier/figures.js';
import { type Judged, judgePurchase, judgeReturn, settleTier } from '../tier/judge.js';
import type { VersionedScheme } from '../tier/scheme.js';
import type { Standing } from '../tier/standing.js';
import { grants, type ValidityOf, withdrawals } from './effects.js';
import type { AccountEvent } from './events.js';
import type { LinePart } from './parts.js';
import { dayOn, type Offer } from './offer.js';
import { type CampaignOutcome, netOf, type Outcome } from './pricing.js';
import type { ConfirmedPurchase } from './confirmed.js';
import type { Account } from './state.js';

export interface PointsReward {
  readonly lotId: LotId;
  readonly due: RewardDue;
  readonly points: number;
  /** Days; null: for ever; undefined: as the programme has it. */
  readonly lifetimeDays: number | null | undefined;
}

/** Tells rewards of a purchase apart; what a game is called fits into an id, what it gives for may not. */
const nameOf = ({ game, which }: RewardDue): string =>
  `${game}.${which.replace(/[^0-9A-Za-z_-]/g, '_').slice(0, 10)}`;

export const pointsRewards = (rewards: readonly RewardDue[]): PointsReward[] =>
  rewards.flatMap((due) =>
    due.reward.kind === 'points'
      ? [
          {
            lotId: `${due.purchaseId}.${nameOf(due)}` as LotId,
            due,
            points: due.reward.points,
            lifetimeDays: due.reward.lifetimeDays,
          },
        ]
      : [],
  );

export const couponRewards = (
  rewards: readonly RewardDue[],
  account: Account,
  validityOf: ValidityOf,
): AccountEvent[] =>
  rewards.flatMap((due) =>
    due.reward.kind === 'coupon'
      ? grants(due.purchaseId, nameOf(due), [due.reward], account, validityOf)
      : [],
  );

export const couponRewardsBack = (
  rewards: readonly RewardDue[],
  account: Account,
): AccountEvent[] =>
  rewards.flatMap((due) =>
    due.reward.kind === 'coupon'
      ? withdrawals(due.purchaseId, nameOf(due), [due.reward], account)
      : [],
  );

export const play = (
  purchaseId: PurchaseId,
  outcome: Outcome,
  { progress }: Account,
  offer: Offer,
  at: number,
): Played | null =>
  offer.games &&
  playGames(progress.games, offer.games, {
    purchaseId,
    at,
    date: dayOn(offer, at),
    paid: netOf(outcome),
    effects: outcome.campaigns?.applied.flatMap(({ effects }) => effects) ?? [],
  });

/** What campaigns gave, with the prizes that were won: those of the game, as long as there are any, whatever a campaign promises. */
export const asPlayed = (given: CampaignOutcome, played: Played | null): CampaignOutcome => {
  const { applied } = given;
  if (!played || !applied.some(({ effects }) => effects.some(isDraw))) return given;
  const prizeOf = (drawn: { readonly game: string; readonly draw: number | null }) => {
    const event = played.events.find(
      ({ type, data }) =>
        type === 'InstantWinDrawn' && data.game === drawn.game && data.draw === drawn.draw,
    );
    return event?.type === 'InstantWinDrawn' ? event.data.prize : null;
  };
  return {
    ...given,
    applied: applied.map((one) => ({
      ...one,
      effects: one.effects.map((effect) =>
        isDraw(effect) ? { ...effect, prize: prizeOf(effect) } : effect,
      ),
    })),
  };
};

const isDraw = (effect: Effect): effect is Extract<Effect, { kind: 'instant-win' }> =>
  effect.kind === 'instant-win';

interface TierMoment {
  readonly purchaseId: PurchaseId;
  /** Of the purchase, ms. */
  readonly at: number;
  readonly now: number;
}

/** After every review that is due. */
export const tierNow = ({ progress }: Account, scheme: VersionedScheme | null, now: number) =>
  settleTier(progress.tier, scheme, now);

export const tierAfterPurchase = (
  standing: Standing,
  scheme: VersionedScheme | null,
  figures: Qualifying,
  { purchaseId, at, now }: TierMoment,
): Judged => judgePurchase(standing, scheme, { purchaseId, day: dayOf(at), now, ...figures });

/** Without a scheme the return itself says what it takes back of the figures. */
export const tierAfterReturn = (
  standing: Standing,
  scheme: VersionedScheme | null,
  figures: Qualifying,
  { purchaseId, at, now }: TierMoment,
  cause: string,
): Judged =>
  scheme === null
    ? { events: [], standing }
    : judgeReturn(standing, scheme, { purchaseId, cause, day: dayOf(at), now, ...figures });

export interface GamesReturn {
  readonly confirmed: Pick<ConfirmedPurchase, 'lines' | 'total' | 'net'>;
  readonly effects: readonly AccountEvent[];
  readonly boughtAt: number;
  readonly cause: string;
  readonly earlier: readonly LinePart[];
  readonly parts: readonly LinePart[];
  readonly complete: boolean;
}

export const takeBackPlayed = ({ progress }: Account, given: GamesReturn): Played => {
  const { confirmed, effects, boughtAt, cause, earlier, parts, complete } = given;
  const before = new Map<number, number>();
  for (const { position, quantity } of earlier) {
    before.set(position, (before.get(position) ?? 0) + quantity);
  }
  const quantities = new Map(confirmed.lines.map((line) => [line.position, line.quantity]));
  const lines = parts.map(({ position, quantity }) => {
    const was = before.get(position) ?? 0;
    const bought = quantities.get(position) ?? quantity;
    return { position, quantity: bought, before: was, after: was + quantity };
  });
  const paidBefore = (confirmed.net ?? confirmed.total) - netIn(earlier);
  const paidAfter = paidBefore - netIn(parts);
  const returned = { cause, boughtAt, lines, paidBefore, paidAfter, complete };
  // Events of other kinds are passed over.
  return takeBackGames(progress.games, effects as readonly GameProgressEvent[], returned);
};

const netIn = (parts: readonly LinePart[]): number =>
  parts.reduce((sum, { net, amount }) => sum + (net ?? amount), 0);
