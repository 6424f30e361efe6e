/**
 * How much of something scarce may be under way at a time, in all and for one owner, so that none can take all of it. Counted in this
 * process alone.
 */
export interface Shares {
  /** Releases when it is called, once; null: as many as may are under way. */
  take(owner: string): (() => void) | null;
}

export const createShares = (limits: {
  readonly total: number;
  readonly perOwner: number;
}): Shares => {
  const owners = new Map<string, number>();
  let taken = 0;
  return {
    take: (owner) => {
      const own = owners.get(owner) ?? 0;
      if (taken >= limits.total || own >= limits.perOwner) return null;
      taken += 1;
      owners.set(owner, own + 1);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        taken -= 1;
        const left = (owners.get(owner) ?? 1) - 1;
        if (left > 0) owners.set(owner, left);
        else owners.delete(owner);
      };
    },
  };
};
