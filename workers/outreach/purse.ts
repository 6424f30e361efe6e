/**
 * What one process took of a provider's pace for the next moment (pace.ts).
 *
 * Invariant: nothing goes without a token that was taken, but for a one-time password where, as far as is known here, there are some: it goes
 * on credit, at most one at a time, and what it used is taken with the next claim. So nobody waits for the database who is in a hurry.
 *
 * A purse holds at most a quarter of what comes back in a second, or of the burst, and keeps it for half a second: what was not used by then
 * is given back with the next claim. Claims are sized to what could go. Where a bucket is empty it is asked ten times a second at most. All
 * times are milliseconds since the epoch.
 */
import type { ProviderId, TenantId } from '../../domain/ids.js';
import type { PaceAsked, PaceGranted } from './grants.js';

export interface Pace {
  readonly perSecond: number;
  /** At once after a pause; what comes back within a second unless told. */
  readonly burst?: number;
}

export interface Paced {
  readonly tenant: TenantId;
  readonly providerId: ProviderId;
  /** Left out: there is no limit. */
  readonly pace?: Pace | null | undefined;
}

export interface Purse {
  /** Messages, or segments, that may go now. */
  available(now: number, isUrgent: boolean): number;
  /** Whether so many are not there and will not be for a moment: somebody else may carry it. */
  isDry(needs: number, now: number, isUrgent: boolean): boolean;
  /** So many could go now: what is missing is claimed. */
  want(messages: number, now: number, isUrgent: boolean): void;
  /** When to look again for so many, which are claimed. */
  nextAt(now: number, needs: number, isUrgent: boolean): number;
  take(tokens: number, now: number): void;
  give(tokens: number): void;
}

/** Of a second's tokens, and of the burst. */
const chunkShare = 0.25;
const keptMs = 500;
/** Between two claims where there is too little. */
const scarceMs = 100;
/** The pace may be raised meanwhile. */
const waitMost = 1_000;
const troubleMs = 500;
/** A claim is under way. */
const soonMs = 10;

/** The purse, as claims are made for it. */
export interface Claimant {
  /** What is asked for now. Null: there is no limit any more. */
  ask(): PaceAsked | null;
  granted(asked: PaceAsked, granted: PaceGranted): void;
  failed(): void;
  leftover(): PaceAsked | null;
}

export const createPurse = (
  terms: () => Paced,
  now: () => number,
  claim: (one: Claimant) => void,
): { readonly purse: Purse; readonly claimant: Claimant } => {
  /** Less than none: used on credit. */
  let tokens = 0;
  let goodUntil = 0;
  /** Not used in time. */
  let spare = 0;
  let wanted = 0;
  let needed = 1;
  let isClaiming = false;
  /** Of the claim that is under way. */
  let settling = { spare: 0, debt: 0 };
  /** Not before, of what is in a hurry and of the rest. */
  let urgentAt = 0;
  let usualAt = 0;

  const limits = (): { readonly perSecond: number; readonly burst: number } | null => {
    const { pace } = terms();
    if (!pace) return null;
    const { perSecond, burst = Math.max(1, Math.ceil(perSecond)) } = pace;
    return { perSecond, burst };
  };
  const chunkOf = ({ perSecond, burst }: { perSecond: number; burst: number }): number =>
    Math.max(1, Math.ceil(Math.max(perSecond, burst) * chunkShare));
  const settle = (at: number): void => {
    if (tokens < 1 || at <= goodUntil) return;
    spare += tokens;
    tokens = 0;
  };
  const claimAt = (isUrgent: boolean): number => (isUrgent ? urgentAt : usualAt);

  const available = (at: number, isUrgent: boolean): number => {
    if (!limits()) return Infinity;
    settle(at);
    if (tokens >= 1) return tokens;
    return isUrgent && tokens === 0 && at >= urgentAt ? 1 : 0;
  };

  const want = (messages: number, at: number, isUrgent: boolean): void => {
    const limit = limits();
    if (!limit || messages < 1) return;
    settle(at);
    wanted = Math.max(wanted, messages);
    const low = Math.max(needed, Math.min(wanted, chunkOf(limit)) / 2);
    if (isClaiming || tokens >= low || at < claimAt(isUrgent)) return;
    isClaiming = true;
    claim(claimant);
  };

  const claimant: Claimant = {
    ask: () => {
      const limit = limits();
      if (!limit) {
        isClaiming = false;
        return null;
      }
      const { perSecond, burst } = limit;
      const { tenant, providerId } = terms();
      settle(now());
      const most = Math.max(needed, Math.min(wanted, chunkOf(limit)));
      settling = { spare, debt: Math.max(0, -tokens) };
      const asked: PaceAsked = {
        tenant,
        providerId,
        perSecond,
        burst,
        needed: Math.max(1, needed - Math.max(0, tokens)),
        wanted: Math.max(1, most - Math.max(0, tokens)),
        back: settling.spare - settling.debt,
      };
      [wanted, needed] = [0, 1];
      return asked;
    },
    granted: (asked, { tokens: count, waitMs }) => {
      const at = now();
      isClaiming = false;
      spare -= settling.spare;
      tokens += count + settling.debt;
      if (count > 0) goodUntil = at + keptMs;
      const wait = Math.min(waitMost, waitMs);
      urgentAt = at + wait;
      usualAt = at + (count < asked.wanted ? Math.max(scarceMs, wait) : 0);
    },
    failed: () => {
      isClaiming = false;
      urgentAt = usualAt = now() + troubleMs;
    },
    leftover: () => {
      const { tenant, providerId } = terms();
      const limit = limits();
      const back = spare + tokens;
      if (!limit || back === 0 || isClaiming) return null;
      return { tenant, providerId, needed: 0, wanted: 0, back, ...limit };
    },
  };

  const purse: Purse = {
    available,
    want,
    isDry: (needs, at, isUrgent) =>
      available(at, isUrgent) < needs && !isClaiming && at < claimAt(isUrgent),
    nextAt: (at, needs, isUrgent) => {
      if (available(at, isUrgent) >= needs) return at;
      needed = Math.max(needed, needs);
      want(needs, at, isUrgent);
      return isClaiming ? at + soonMs : Math.max(at + 1, claimAt(isUrgent));
    },
    take: (count, at) => {
      if (!limits()) return;
      settle(at);
      tokens -= count;
      if (tokens < 0) want(1, at, true);
    },
    give: (count) => {
      if (limits()) tokens += count;
    },
  };
  return { purse, claimant };
};
