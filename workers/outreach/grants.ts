/**
 * What providers take in a second, counted once for all processes: each has a bucket that fills steadily up to its burst, and who sends takes
 * from it what it needs for the next moment. What a process took and did not use when it died is lost; time gives it back.
 */
import type { ProviderId, TenantId } from '../../domain/ids.js';

export interface PaceAsked {
  readonly tenant: TenantId;
  readonly providerId: ProviderId;
  /** What comes back in a second. */
  readonly perSecond: number;
  /** What there is at most. */
  readonly burst: number;
  /** So many or none; where it is more than the burst, all of a full bucket and the rest in advance. */
  readonly needed: number;
  /** At most so many; 0: something is given back and nothing wanted. */
  readonly wanted: number;
  /** Taken before and not used; less than none: used and not taken. */
  readonly back: number;
}

export interface PaceGranted {
  /** 0: there are too few. */
  readonly tokens: number;
  /** Until there is one again, milliseconds. */
  readonly waitMs: number;
}

export interface PaceGrants {
  /** @param asked each provider once. @returns of each, in their order. */
  claim(asked: readonly PaceAsked[]): Promise<readonly PaceGranted[]>;
}
