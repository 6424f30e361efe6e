/**
 * Weights that give way: a provider that is slow or fails while others do well loses ten points of a hundred of its weight at a time, and
 * gets them back one by one after quiet quarters of an hour. Where all are in trouble nothing is shifted: there is nowhere to go.
 */
import { type Health, isTroubled, sums } from './health.js';

const step = 10;
const handicapMax = 90;
/** Between two shifts, so that the first can do something. */
const pauseMs = 60_000;
const calmMs = 15 * 60_000;

export interface WeightShift {
  /** Points of a hundred, from now on. */
  readonly handicap: number;
  readonly reason: 'slow' | 'failing' | 'calm';
}

const isWell = (health: Health, now: number): boolean =>
  health.breaker === null && !isTroubled(health, now);

/** @param others of the same channel that could carry instead. */
export const shiftOf = (
  health: Health,
  others: readonly Health[],
  now: number,
): WeightShift | null => {
  const { handicap, shiftedAt, troubledAt } = health;
  const sinceShift = shiftedAt === null ? Infinity : now - shiftedAt;
  if (isTroubled(health, now)) {
    const canGo = others.some((other) => isWell(other, now));
    if (!canGo || handicap >= handicapMax || sinceShift < pauseMs) return null;
    const { failures, slow } = sums(health, now);
    return { handicap: handicap + step, reason: failures >= slow ? 'failing' : 'slow' };
  }
  if (handicap === 0 || health.breaker !== null) return null;
  const sinceTrouble = troubledAt === null ? Infinity : now - troubledAt;
  if (Math.min(sinceShift, sinceTrouble) < calmMs) return null;
  return { handicap: Math.max(0, handicap - step), reason: 'calm' };
};

export const shifted = (health: Health, { handicap }: WeightShift, now: number): Health => ({
  ...health,
  handicap,
  shiftedAt: now,
});
