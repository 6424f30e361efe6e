/** Whether a subscription may send one more request now: its own rate, and a free slot among those of this process. */
import { createPace, type Pace } from './pace.js';
import type { OwnSlots } from './slots.js';

export interface Permits {
  /** @param perSecond as the subscription has it now; Infinity: as fast as it goes. */
  limit(perSecond: number, at: number): void;
  /** @returns how to give it back when the request is over, or none is made; null: not now, and it is told when to ask again. */
  take(at: number): (() => void) | null;
}

export const createPermits = (options: {
  readonly slots: OwnSlots;
  /** The endpoint failed lately. */
  readonly isDoubtful: () => boolean;
  /** There may be a slot again. */
  readonly onRoom: () => void;
  /** The rate allows another in so many milliseconds. */
  readonly wakeIn: (ms: number) => void;
}): Permits => {
  const { slots } = options;
  let rate = Infinity;
  let pace: Pace | undefined;
  return {
    limit: (perSecond, at) => {
      if (perSecond === rate) return;
      rate = perSecond;
      pace = rate === Infinity ? undefined : createPace(rate, at);
    },
    take: (at) => {
      const doubtful = options.isDoubtful();
      if (!slots.take(doubtful)) {
        slots.wait(doubtful, options.onRoom);
        return null;
      }
      const waitMs = pace?.take(at) ?? 0;
      if (waitMs === 0) return () => slots.free(doubtful);
      slots.free(doubtful);
      options.wakeIn(waitMs);
      return null;
    },
  };
};
