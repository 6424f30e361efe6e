/**
 * Places for chunks that are being prepared: nobody's work waits behind more than a few of them. One-time passwords have places of their own,
 * and for a while after one of them the rest goes one chunk at a time, with pauses, so that it takes a small part of the processors only: a
 * password has some ten steps to take, and at each it would wait for whoever has them. All times are milliseconds since the epoch.
 */
export interface Places {
  isFree(isUrgent: boolean, at: number): boolean;
  /** A one-time password is being sent: here or elsewhere in this process. */
  hear(at: number): void;
  /** @returns what gives it back: to be called once. */
  take(isUrgent: boolean, at: number, messages: number): (at: number) => void;
  /** A one-time password was sent lately: others are to take little at a time. */
  givesWay(at: number): boolean;
  /** When the rest may go on that pauses by then; Infinity: it does not pause. */
  pausesUntil(at: number): number;
}

const usualMax = 3;
const urgentMax = 32;
const giveWayMs = 3_000;
/** Of a message: with its facts, its rows and all that follows from them in the log and the database (docs/benchmarks.md). */
const processorMs = 0.5;
/** What the rest may take of all processors then. */
const processorShare = 0.07;

export const createPlaces = (processors: number): Places => {
  let usual = 0;
  let urgent = 0;
  let urgentAt = -Infinity;
  let restUntil = 0;

  const givesWay = (at: number): boolean => at - urgentAt < giveWayMs;

  return {
    givesWay,
    hear: (at) => (urgentAt = Math.max(urgentAt, at)),
    isFree: (isUrgent, at) => {
      if (isUrgent) return urgent < urgentMax;
      if (givesWay(at)) return usual === 0 && at >= restUntil && urgent === 0;
      return usual < usualMax;
    },
    take: (isUrgent, takenAt, messages) => {
      if (isUrgent) {
        urgent += 1;
        urgentAt = takenAt;
        return () => (urgent -= 1);
      }
      usual += 1;
      return (at) => {
        usual -= 1;
        restUntil = at + Math.ceil((messages * processorMs) / (processorShare * processors));
      };
    },
    pausesUntil: (at) => (givesWay(at) && at < restUntil ? restUntil : Infinity),
  };
};
