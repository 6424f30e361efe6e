/**
 * A percentage off chosen units, rounded half up for each unit; spread over the rest of their set too where the campaign wants
 * a return of any unit to cost the same.
 */
import { shareHalfUp } from '../amount.js';
import { type Chosen, type Pick, pickOf, spreadOff, sumOf } from './goods.js';

export const percentOff = (
  basisPoints: number,
  rewarded: readonly Chosen[],
  others: readonly Chosen[] | null,
): Pick[] => {
  const picks = rewarded.map((unit) => pickOf(unit, shareHalfUp(unit.left, basisPoints, 10_000)));
  if (others === null) return picks;
  return spreadOff(sumOf(picks), [...rewarded, ...others]);
};
