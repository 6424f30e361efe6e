/**
 * Whoever can wait gives way while something is done that cannot: it works in small steps, and only in its turn. Where nothing else is said,
 * nothing ever is so urgent.
 */
export interface GivingWay {
  /** Steps are to be small. */
  givesWay(): boolean;
  /** Resolves when it is one's turn: at once where nothing is urgent, and after a while in any case. @returns what ends it: twice is safe. */
  turn(signal: AbortSignal): Promise<() => void>;
}

const ended = (): void => undefined;

export const neverInTheWay: GivingWay = {
  givesWay: () => false,
  turn: () => Promise.resolve(ended),
};
