/**
 * Requests under way in this process, over all endpoints. Those to endpoints that answer and those to endpoints that lately failed draw on
 * different ones: however many dead endpoints hang until their deadline, the others' requests go out.
 *
 * An endpoint that has just begun to hang has not failed yet. So the last part of what there is for sound ones is for those with few requests
 * under way, and who has none may begin one though all are taken: that is at most one more for each subscription.
 */
export interface Slots {
  /** Of one subscription. */
  open(): OwnSlots;
}

export interface OwnSlots {
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

const keptShare = 0.25;
/** Under way of one subscription, up to which it draws on what is kept. */
const few = 4;

interface Kind {
  used: number;
  readonly most: number;
  /** Beyond it, those with few alone. */
  readonly open: number;
  readonly modest: Set<() => void>;
  readonly greedy: Set<() => void>;
}

const kindOf = (most: number, kept: number): Kind => ({
  used: 0,
  most,
  open: most - Math.floor(most * kept),
  modest: new Set(),
  greedy: new Set(),
});

export const createSlots = (limits: SlotLimits = slotLimits): Slots => {
  const sound = kindOf(limits.sound, keptShare);
  const doubtful = kindOf(limits.doubtful, 0);

  const wakeOne = (kind: Kind): void => {
    const room = kind.used < kind.most ? kind.modest : null;
    const waiting = room && room.size > 0 ? room : kind.used < kind.open ? kind.greedy : null;
    const [wake] = waiting ?? [];
    if (!wake) return;
    waiting?.delete(wake);
    queueMicrotask(wake);
  };

  return {
    open: () => {
      const own = new Map([
        [sound, 0],
        [doubtful, 0],
      ]);
      const of = (isDoubtful: boolean): Kind => (isDoubtful ? doubtful : sound);
      const count = (kind: Kind, by: number): number => {
        const sum = (own.get(kind) ?? 0) + by;
        own.set(kind, sum);
        return sum;
      };
      return {
        take: (isDoubtful) => {
          const kind = of(isDoubtful);
          const mine = count(kind, 0);
          const isAllowed =
            kind.used < (mine < few ? kind.most : kind.open) || (kind === sound && mine === 0);
          if (!isAllowed) return false;
          kind.used += 1;
          count(kind, 1);
          return true;
        },
        free: (isDoubtful) => {
          const kind = of(isDoubtful);
          kind.used -= 1;
          count(kind, -1);
          wakeOne(kind);
        },
        wait: (isDoubtful, wake) => {
          const kind = of(isDoubtful);
          (count(kind, 0) < few ? kind.modest : kind.greedy).add(wake);
        },
      };
    },
  };
};
