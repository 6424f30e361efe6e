/**
 * One-time passwords, taken in hand as soon as they are heard of, before the tables know them. One in a lane that nobody here has in hand is
 * kept for the moment that it takes to claim the lane; where somebody else has it, that one hears of it, too.
 */
import type { TenantId } from '../../domain/ids.js';
import type { Fact, Position } from '../../domain/fact.js';
import type { Accepted } from '../../domain/message/message.js';
import type { LaneRow } from '../../projections/outbox/queries.js';
import type { Lane } from './lane.js';

/** What is taken of a fact before the tables know it. */
export type HeardFact = Pick<Fact, 'type' | 'data' | 'recordedAt' | 'position'> & {
  readonly metadata: Pick<Fact['metadata'], 'tenant'>;
};

export interface Password extends LaneRow {
  readonly tenant: TenantId;
  readonly accepted: Accepted;
  /** When it was recorded, milliseconds since the epoch. */
  readonly at: number;
  readonly position: Position;
}

/** @returns null where it is anything else. */
export const passwordOf = (fact: HeardFact): Password | null => {
  const accepted = fact.data as Accepted;
  if (fact.type !== 'MessageAccepted' || accepted.class !== 'otp') return null;
  const { recordedAt: at, position } = fact;
  return { tenant: fact.metadata.tenant, lane: accepted.lane, accepted, at, position };
};

export interface Hearing {
  hear(password: Password): void;
  /** What was kept for it is taken. */
  opened(lane: Lane): void;
}

export interface HearingOptions {
  /** Undefined: it is not in hand. */
  readonly laneOf: (row: LaneRow) => Lane | undefined;
  /** It is to be claimed. */
  readonly want: (row: LaneRow) => void;
  readonly take: (lane: Lane, password: Password) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const keptMs = 10_000;
const keptMax = 1_000;

export const createHearing = ({ laneOf, want, take, now }: HearingOptions): Hearing => {
  let kept: { readonly password: Password; readonly heardAt: number }[] = [];
  return {
    hear: (password) => {
      const lane = laneOf(password);
      if (lane) return take(lane, password);
      const heardAt = now();
      const still = kept.filter((one) => one.heardAt > heardAt - keptMs);
      kept = [...still, { password, heardAt }].slice(-keptMax);
      want(password);
    },
    opened: (lane) => {
      const isTheirs = ({ password }: { readonly password: Password }): boolean =>
        password.lane === lane.lane && password.tenant === lane.tenant;
      const theirs = kept.filter(isTheirs);
      kept = kept.filter((one) => !isTheirs(one));
      for (const { password } of theirs) take(lane, password);
    },
  };
};
