/**
 * What can wait goes one at a time, each in a turn of the event loop of its own: whatever comes in meanwhile waits for one of them, not for all.
 * Endpoints that ail (ailing.ts) are served so, since a publication that has just come is for the sound ones first. Its requests are written
 * at the end of the turn in which it came (undici looks first whether an idle connection still stands), so a turn in which sound ones were
 * at work is given to them: a few in a row at most.
 */
export interface Turns {
  later(work: () => void): void;
  /** A sound one is at work in this turn. */
  sound(): void;
}

const givenMax = 4;

export const createTurns = (): Turns => {
  const waiting: (() => void)[] = [];
  let isGiven = false;
  let given = 0;
  const next = (): void => {
    if (isGiven && given < givenMax) {
      isGiven = false;
      given += 1;
      setImmediate(next);
      return;
    }
    given = 0;
    const work = waiting.shift();
    // Asked for from within a turn it is the next turn's, after whatever came in.
    if (waiting.length > 0) setImmediate(next);
    work?.();
  };
  return {
    later: (work) => {
      if (waiting.push(work) === 1) setImmediate(next);
    },
    sound: () => {
      isGiven = waiting.length > 0;
    },
  };
};
