/**
 * Calls to one provider at one time. One-time passwords have a few of their own beside those of all, and whoever waits for one goes first.
 */

export interface CallSlots {
  /** That nobody uses or waits for. */
  free(isUrgent: boolean): number;
  /** @returns what gives it back; twice is safe. */
  take(isUrgent: boolean): Promise<() => void>;
  /** Resolves when none is used. */
  idle(): Promise<void>;
}

/** Of what there is for all, but at least one. */
const urgentShare = 0.5;

export const createCallSlots = (most: () => number, onFree: () => void): CallSlots => {
  const used = { urgent: 0, usual: 0 };
  const urgent: (() => void)[] = [];
  const usual: (() => void)[] = [];
  const idle: (() => void)[] = [];

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

  const giveBack = (isUrgent: boolean): (() => void) => {
    let given = false;
    return () => {
      if (given) return;
      given = true;
      used[isUrgent ? 'urgent' : 'usual'] -= 1;
      hand();
      if (used.urgent + used.usual === 0) for (const resolve of idle.splice(0)) resolve();
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
        if (used.urgent + used.usual === 0) resolve();
        else idle.push(resolve);
      }),
  };
};
