/**
 * Calls to one provider at one time. One-time passwords have a few of their own beside those of all, and whoever waits for one goes first.
 */

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

export const createCallSlots = (most: () => number, onFree: () => void): CallSlots => {
  const used = { urgent: 0, usual: 0 };
  const urgent: (() => void)[] = [];
  const usual: (() => void)[] = [];
  const held = new Set<symbol>();
  const leaving = new Set<{ readonly holds: Set<symbol>; readonly resolve: () => void }>();

  const mostUrgent = (): number => most() + Math.max(1, Math.ceil(most() * urgentShare));
  const isFree = (isUrgent: boolean): boolean =>
    isUrgent ? used.urgent + used.usual < mostUrgent() : used.usual < most();

  const hand = (): void => {
    while (urgent.length > 0 && isFree(true)) {
      used.urgent += 1;
      urgent.shift()?.();
    }
    while (usual.length > 0 && isFree(false)) {
      used.usual += 1;
      usual.shift()?.();
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
      hand();
      leave(hold);
      onFree();
    };
  };

  return {
    free: (isUrgent) => {
      const all = isUrgent
        ? mostUrgent() - used.urgent - used.usual - urgent.length
        : most() - used.usual - usual.length;
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
