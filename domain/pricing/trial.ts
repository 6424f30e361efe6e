/**
 * Trying a campaign out: all that it gives if its turn came now and no other campaign followed. On a fork, so nothing happens.
 */
import { noRedemption } from '../account/redemption.js';
import { campaignPoints, earningMoment } from './campaignPoints.js';
import { discountTurns } from './campaignSet.js';
import { takeDiscounts } from './discounts.js';
import { playGames } from './games.js';
import { type Candidate, forkSession, gaveSomething, type Session, useOf } from './session.js';

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

export const tryOut = (session: Session, candidate: Candidate): Trial => {
  const { fork, trial } = forkSession(session, candidate);
  for (const turn of discountTurns) takeDiscounts(fork, trial, turn);
  if (trial.compiled.points.length > 0 && fork.facts.customer !== null) {
    const { points } = campaignPoints(fork, trial, earningMoment(fork, noRedemption));
    useOf(fork, trial).points = points;
  }
  playGames(fork, trial);
  const { use } = trial;
  if (!gaveSomething(use)) return { discount: 0, points: 0, gives: false, value: 0 };
  const { discount, points } = use;
  return {
    discount,
    points,
    gives: true,
    value: discount * 100 + points * session.rule.pointValue,
  };
};
