/**
 * Places for chunks that are being prepared: nobody's work waits behind more than a few of them. One-time passwords have places of their own,
 * and for a while after one of them the rest goes one chunk at a time, with pauses: what it took to prepare it, times `restShare`, since there
 * is more to do with its answers than to send it. All times are milliseconds since the epoch.
 */
export interface Places {
  isFree(isUrgent: boolean, at: number): boolean;
  /** @returns what gives it back: to be called once. */
  take(isUrgent: boolean, at: number): (at: number) => void;
  /** A one-time password was sent lately: others are to take little at a time. */
  givesWay(at: number): boolean;
  /** When the rest may go on that pauses by then; Infinity: it does not pause. */
  pausesUntil(at: number): number;
}

const usualMax = 3;
const urgentMax = 32;
const giveWayMs = 3_000;
const restShare = 2;
const restMost = 150;

export const createPlaces = (): Places => {
  let usual = 0;
  let urgent = 0;
  let urgentAt = -Infinity;
  let restUntil = 0;

  const givesWay = (at: number): boolean => at - urgentAt < giveWayMs;

  return {
    givesWay,
    isFree: (isUrgent, at) => {
      if (isUrgent) return urgent < urgentMax;
      if (givesWay(at)) return usual === 0 && at >= restUntil && urgent === 0;
      return usual < usualMax;
    },
    take: (isUrgent, takenAt) => {
      if (isUrgent) {
        urgent += 1;
        urgentAt = takenAt;
        return () => (urgent -= 1);
      }
      usual += 1;
      return (at) => {
        usual -= 1;
        restUntil = at + Math.min(restMost, (at - takenAt) * restShare);
      };
    },
    pausesUntil: (at) => (givesWay(at) && at < restUntil ? restUntil : Infinity),
  };
};
