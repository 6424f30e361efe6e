/**
 * Whether an endpoint is served after the others: it failed within the last minute, is slow, or answers more than anybody keeps. It loses a turn of
 * the event loop by it and nothing else, and what was just published is on its way to the sound ones first. Endpoints that take turns at
 * failing and answering, and those that are only slow, have no failures in a row, by which the breaker judges.
 *
 * Slow is who takes several times what is usual here: where this machine has too much to do all answers seem late, and nobody is to blame.
 */
import type { Attempt } from '../../domain/delivery/events.js';

/** Of one endpoint. */
export interface Ailing {
  /** @param at milliseconds since the epoch. */
  saw(attempt: Pick<Attempt, 'outcome' | 'ms' | 'response'>, at: number): void;
  is(at: number): boolean;
}

/** Of all endpoints of this process. */
export interface Ailments {
  open(): Ailing;
}

const rememberedMs = 60_000;
const slowMs = 100;
const timesUsual = 4;
/** Means go by the last eight answers of one endpoint, and by the last two hundred of all. */
const [shareOfOwn, shareOfAll] = [1 / 8, 1 / 200];

export const createAilments = (): Ailments => {
  /** Of the logarithm: a few who take a second make nobody else's milliseconds unusual. */
  let usual = 0;
  const open = (): Ailing => {
    let until = -Infinity;
    let meanMs = 0;
    return {
      saw: ({ outcome, ms, response }, at) => {
        meanMs += (ms - meanMs) * shareOfOwn;
        usual += (Math.log1p(ms) - usual) * shareOfAll;
        if (outcome !== 'delivered' || response?.truncated) until = at + rememberedMs;
      },
      is: (at) => at < until || (meanMs >= slowMs && meanMs >= timesUsual * Math.expm1(usual)),
    };
  };
  return { open };
};
