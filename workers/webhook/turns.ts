/**
 * What can wait goes one at a time, each in a turn of the event loop of its own: whatever comes in meanwhile waits for one of them, not for all.
 * Endpoints that ail (ailing.ts) are served so, since a publication that has just come is for the sound ones first.
 */
export type Later = (work: () => void) => void;

export const createTurns = (): Later => {
  const waiting: (() => void)[] = [];
  const next = (): void => {
    const work = waiting.shift();
    // Asked for from within a turn it is the next turn's, after whatever came in.
    if (waiting.length > 0) setImmediate(next);
    work?.();
  };
  return (work) => {
    if (waiting.push(work) === 1) setImmediate(next);
  };
};
