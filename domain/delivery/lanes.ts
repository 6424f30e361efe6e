/**
 * Lanes: what has the same key goes one after the other. Of each: whether something of it is in flight, what failed and stands in the
 * way, and what stands in line behind it.
 *
 * Invariant: a lane is taken by one at a time, or kept for a retry that stood in line; under "block" nothing new enters it while something of
 * it waits for another attempt or is parked, as the ledger says.
 */
import type { Ledger } from './ledger.js';

export interface Lanes {
  /** Places that stand in line behind their keys. */
  readonly held: number;
  /** Whether something new may enter. */
  isFree(name: string): boolean;
  /** Takes the lane for something new; false: it stands in line. */
  enter(name: string, place: number): boolean;
  /** Whether something of it is in flight. */
  isBusy(name: string): boolean;
  /** Takes the lane for a retry, which may go past what blocks it; false: it stands in line. */
  enterAgain(name: string, id: string): boolean;
  /** A retry whose lane was kept for it is not wanted any more. */
  giveUp(id: string): void;
  /** What was in the lane is done. @param settledId of a retry. @param failing stands in the way now. */
  leave(name: string, settledId: string | null, failing: string | null): void;
  /** The ledger was changed by others: lanes may be free. */
  review(): void;
}

interface Lane {
  busy: boolean;
  /** What failed and stands in the way, by webhook id. */
  readonly blocking: Set<string>;
  readonly behind: number[];
  /** Retries that are due and wait for the lane. */
  readonly due: string[];
}

export const createLanes = (options: {
  /** Whether what failed stands in the way. */
  readonly blocks: boolean;
  readonly ledger: Pick<Ledger, 'waiting' | 'parked'>;
  /** The lane of what is listed; null: none. */
  readonly nameOf: (lane: string | null) => string | null;
  /** The first in line may go; the lane is taken for it. */
  readonly onTurn: (name: string, place: number) => void;
  /** The lane is kept for this retry. */
  readonly onTurnAgain: (id: string) => void;
}): Lanes => {
  const { blocks, ledger, nameOf, onTurn, onTurnAgain } = options;
  const lanes = new Map<string, Lane>();
  /** Retries whose lane is kept for them, with it. */
  const reserved = new Map<string, string>();
  let held = 0;

  const laneOf = (name: string): Lane => {
    let lane = lanes.get(name);
    if (!lane) {
      lane = { busy: false, blocking: new Set(), behind: [], due: [] };
      lanes.set(name, lane);
    }
    return lane;
  };
  /** What was replayed, passed or skipped by another way than this queue's stands in the way no more. */
  const isBlocked = ({ blocking }: Lane): boolean => {
    for (const id of blocking) {
      if (!ledger.waiting.has(id) && !ledger.parked.has(id)) blocking.delete(id);
    }
    return blocking.size > 0;
  };
  const isFree = (lane: Lane): boolean => !lane.busy && (!blocks || !isBlocked(lane));

  if (blocks) {
    for (const list of [ledger.waiting, ledger.parked]) {
      for (const [id, { lane }] of list) {
        const name = nameOf(lane);
        if (name !== null) laneOf(name).blocking.add(id);
      }
    }
  }

  /** Hands a lane that became free to who waits for it: a retry that is due before what came later. */
  const release = (name: string, lane: Lane): void => {
    const again = lane.due.shift();
    if (again !== undefined) {
      lane.busy = true; // kept for it until it is sent
      reserved.set(again, name);
      return onTurnAgain(again);
    }
    if (isFree(lane) && lane.behind.length > 0) {
      const place = lane.behind.shift() as number;
      held -= 1;
      lane.busy = true;
      return onTurn(name, place);
    }
    if (!isBlocked(lane) && lane.behind.length === 0) lanes.delete(name);
  };

  return {
    get held() {
      return held;
    },
    isFree: (name) => isFree(laneOf(name)),
    isBusy: (name) => laneOf(name).busy,
    enter: (name, place) => {
      const lane = laneOf(name);
      if (isFree(lane) && lane.behind.length === 0) return (lane.busy = true);
      lane.behind.push(place);
      held += 1;
      return false;
    },
    enterAgain: (name, id) => {
      if (reserved.delete(id)) return true;
      const lane = laneOf(name);
      if (!lane.busy) return (lane.busy = true);
      if (!lane.due.includes(id)) lane.due.push(id);
      return false;
    },
    giveUp: (id) => {
      const name = reserved.get(id);
      if (name === undefined) return;
      reserved.delete(id);
      laneOf(name).busy = false;
      release(name, laneOf(name));
    },
    leave: (name, settledId, failing) => {
      const lane = laneOf(name);
      lane.busy = false;
      if (settledId !== null) lane.blocking.delete(settledId);
      if (failing !== null && blocks) lane.blocking.add(failing);
      release(name, lane);
    },
    review: () => {
      for (const [name, lane] of lanes) if (!lane.busy) release(name, lane);
    },
  };
};
