/**
 * Trying a campaign out: all that it gives if its turn came now and no other campaign followed. On a fork, so nothing happens.
 */
import { noRedemption } from '../account/redemption.js';
import { campaignPoints, earningMoment } from './campaignPoints.js';
import { type CompiledCampaign, discountTurns } from './campaignSet.js';
import { takeDiscounts } from './discounts.js';
import { playGames } from './games.js';
import { forkSession, gaveSomething, type Session, useOf } from './session.js';

export interface Trial {
  /** Minor units. */
  readonly discount: number;
  /** Hundredths. */
  readonly points: number;
  /** Anything at all. */
  readonly gives: boolean;
  /** Of discount and points to the customer, in hundredths of a minor unit. */
  readonly value: number;
}

export const tryOut = (session: Session, compiled: CompiledCampaign): Trial => {
  const fork = forkSession(session);
  for (const turn of discountTurns) takeDiscounts(fork, compiled, turn);
  if (compiled.points.length > 0 && fork.facts.customer !== null) {
    const { points } = campaignPoints(fork, compiled, earningMoment(fork, noRedemption));
    useOf(fork, compiled.place).points = points;
  }
  playGames(fork, compiled);
  const use = fork.uses.get(compiled.place);
  if (!gaveSomething(use)) return { discount: 0, points: 0, gives: false, value: 0 };
  const { discount, points } = use;
  return {
    discount,
    points,
    gives: true,
    value: discount * 100 + points * session.rule.pointValue,
  };
};
