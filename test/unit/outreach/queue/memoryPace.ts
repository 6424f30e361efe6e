/** The pace of providers as the database counts it, in memory. */
import type { PaceAsked, PaceGrants } from '../../../../workers/outreach/grants.js';

export interface MemoryPace extends PaceGrants {
  /** Each claim, in order. */
  readonly claims: (readonly PaceAsked[])[];
  /** Claims fail while it is set. */
  fault: Error | null;
}

/** @param now milliseconds since the epoch */
export const createMemoryPace = (now: () => number): MemoryPace => {
  const buckets = new Map<string, { tokens: number; at: number }>();
  const take = (one: PaceAsked) => {
    const { tenant, providerId, perSecond, burst, needed, wanted, back } = one;
    const key = `${tenant} ${providerId}`;
    const at = now();
    const known = buckets.get(key) ?? { tokens: burst, at };
    const filled = known.tokens + back + ((at - known.at) / 1_000) * perSecond;
    const tokens = Math.min(burst, filled);
    const isThere = wanted > 0 && tokens >= Math.min(needed, burst);
    const granted = isThere ? Math.max(needed, Math.min(wanted, Math.floor(tokens))) : 0;
    buckets.set(key, { tokens: tokens - granted, at });
    const missing = Math.max(0, 1 - (tokens - granted));
    return { tokens: granted, waitMs: Math.ceil((missing * 1_000) / perSecond) };
  };
  const pace: MemoryPace = {
    claims: [],
    fault: null,
    claim: (asked) => {
      pace.claims.push(asked);
      return pace.fault ? Promise.reject(pace.fault) : Promise.resolve(asked.map(take));
    },
  };
  return pace;
};
