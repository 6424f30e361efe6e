/**
 * Requests under way in this process, over all endpoints. Those to endpoints that answer and those to endpoints that lately failed draw on
 * different ones: however many dead endpoints hang until their deadline, the others' requests go out.
 */
export interface Slots {
  /** @param doubtful the endpoint failed lately. */
  take(doubtful: boolean): boolean;
  free(doubtful: boolean): void;
  /** Called once when there may be room again. */
  wait(doubtful: boolean, wake: () => void): void;
}

export interface SlotLimits {
  readonly sound: number;
  readonly doubtful: number;
}

export const slotLimits: SlotLimits = { sound: 1_000, doubtful: 250 };

export const createSlots = (limits: SlotLimits = slotLimits): Slots => {
  const kinds = {
    sound: { used: 0, most: limits.sound, waiting: new Set<() => void>() },
    doubtful: { used: 0, most: limits.doubtful, waiting: new Set<() => void>() },
  };
  const of = (doubtful: boolean) => (doubtful ? kinds.doubtful : kinds.sound);
  return {
    take: (doubtful) => {
      const kind = of(doubtful);
      if (kind.used >= kind.most) return false;
      kind.used += 1;
      return true;
    },
    free: (doubtful) => {
      const kind = of(doubtful);
      kind.used -= 1;
      const [wake] = kind.waiting;
      if (!wake) return;
      kind.waiting.delete(wake);
      queueMicrotask(wake);
    },
    wait: (doubtful, wake) => void of(doubtful).waiting.add(wake),
  };
};
