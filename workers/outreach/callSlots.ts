/**
 * Calls to one provider at one time. One-time passwords have a few of their own beside those of all, and whoever waits for one goes first. Where
 * they are sent by another thread than the rest, that one tells what it uses, so that the sum stays what it is in one.
 */

/** Another thread of this process that calls the same provider. */
export interface OtherThread {
  /** Calls that it has under way for all but one-time passwords. */
  readonly usual: number;
  /** One more of those is under way here, or one less. */
  tell(change: 1 | -1): void;
}

export interface CallSlots {
  /** That nobody uses or waits for. */
  free(isUrgent: boolean): number;
  /** @returns what gives it back; twice is safe. */
  take(isUrgent: boolean): Promise<() => void>;
  /** Resolves when those are given back that are used now: there may be others by then. */
  idle(): Promise<void>;
}

/** Of what there is for all, but at least one. */
const urgentShare = 0.5;

/** Nobody tells when a call ends in the other thread. */
const lookAgainMs = 10;

export const createCallSlots = (
  most: () => number,
  onFree: () => void,
  other?: OtherThread,
): CallSlots => {
  const used = { urgent: 0, usual: 0 };
  let lookingAgain: NodeJS.Timeout | null = null;
  const urgent: (() => void)[] = [];
  const usual: (() => void)[] = [];
  const held = new Set<symbol>();
  const leaving = new Set<{ readonly holds: Set<symbol>; readonly resolve: () => void }>();

  const freeUsual = (): number => most() - used.usual;
  /** What the rest may not take stays free for them, whatever is told. */
  const freeUrgent = (): number => {
    const ofAll = Math.max(0, freeUsual() - (other?.usual ?? 0));
    return ofAll + Math.max(1, Math.ceil(most() * urgentShare)) - used.urgent;
  };

  const hand = (): void => {
    while (urgent.length > 0 && freeUrgent() > 0) {
      used.urgent += 1;
      urgent.shift()?.();
    }
    while (usual.length > 0 && freeUsual() > 0) {
      used.usual += 1;
      other?.tell(1);
      usual.shift()?.();
    }
    if (other && urgent.length > 0) {
      lookingAgain ??= setTimeout(() => {
        lookingAgain = null;
        hand();
      }, lookAgainMs);
    }
  };

  const leave = (hold: symbol): void => {
    for (const one of leaving) {
      one.holds.delete(hold);
      if (one.holds.size > 0) continue;
      leaving.delete(one);
      one.resolve();
    }
  };

  const giveBack = (isUrgent: boolean): (() => void) => {
    const hold = Symbol();
    held.add(hold);
    return () => {
      if (!held.delete(hold)) return;
      used[isUrgent ? 'urgent' : 'usual'] -= 1;
      if (!isUrgent) other?.tell(-1);
      hand();
      leave(hold);
      onFree();
    };
  };

  return {
    free: (isUrgent) => {
      const all = isUrgent ? freeUrgent() - urgent.length : freeUsual() - usual.length;
      return Math.max(0, all);
    },
    take: (isUrgent) =>
      new Promise((resolve) => {
        (isUrgent ? urgent : usual).push(() => resolve(giveBack(isUrgent)));
        hand();
      }),
    idle: () =>
      new Promise((resolve) => {
        if (held.size === 0) resolve();
        else leaving.add({ holds: new Set(held), resolve });
      }),
  };
};
