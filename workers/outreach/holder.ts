/**
 * The lanes of this process: claims those that nobody sends, its fair share of them, has leases prolonged, and hands on what is not wanted
 * here any more. A lane that is being left takes nothing new; what is under way in it ends first.
 */
import type { TenantId } from '../../domain/ids.js';
import type { LaneRow } from '../../projections/outbox/queries.js';
import type { Lane } from './lane.js';
import type { LaneLeases } from './leases.js';

export interface HolderOptions {
  readonly leases: LaneLeases;
  readonly owner: string;
  readonly leaseMs: number;
  readonly lanes: () => Promise<readonly LaneRow[]>;
  readonly open: (tenant: TenantId, lane: number) => Promise<Lane>;
  readonly onOpened: (lane: Lane) => void;
  /** Of what is in hand there: resolves when nothing is under way. */
  readonly drained: (lane: Lane) => Promise<void>;
  readonly onTrouble: (error: unknown) => void;
}

export interface Holder {
  readonly lanes: ReadonlyMap<string, Lane>;
  /** Whether the lane is somebody's, here or elsewhere, as far as is known. */
  knows(lane: LaneRow): boolean;
  /** There are others who send. */
  readonly isShared: boolean;
  /** Something was accepted in it, which the tables may not tell yet. */
  want(lane: LaneRow): void;
  /** Claims, prolongs and gives back. Never rejects. */
  tend(): Promise<void>;
  /** Gives all back. */
  leave(): Promise<void>;
}

export const laneKey = ({ tenant, lane }: LaneRow): string => `${tenant}.${lane}`;

const wantedMax = 10_000;

export const createHolder = (options: HolderOptions): Holder => {
  const { leases, owner, leaseMs, onTrouble } = options;
  const held = new Map<string, Lane>();
  const leaving = new Set<string>();
  let known = new Set<string>();
  /** Those that the tables do not tell yet. */
  const wanted = new Map<string, LaneRow>();
  let owners = 1;
  let tending: Promise<void> | null = null;
  let again = false;

  const give = async (lane: Lane, isLost: boolean): Promise<void> => {
    const key = laneKey(lane);
    held.delete(key);
    leaving.add(key);
    try {
      await options.drained(lane);
      lane.close();
      if (!isLost) await leases.release(owner, [lane]);
    } catch (error) {
      onTrouble(error);
    } finally {
      leaving.delete(key);
    }
  };

  const claim = async (free: readonly LaneRow[], most: number): Promise<void> => {
    const claimed = await leases.claim(owner, free, most, leaseMs);
    await Promise.all(
      claimed.map(async ({ tenant, lane }) => {
        const opened = await options.open(tenant as TenantId, lane);
        held.set(laneKey(opened), opened);
        options.onOpened(opened);
      }),
    );
  };

  const tendOnce = async (): Promise<void> => {
    const [told, renewed] = await Promise.all([options.lanes(), leases.renew(owner, leaseMs)]);
    owners = renewed.owners;
    for (const lane of told) wanted.delete(laneKey(lane));
    const all = [...told, ...wanted.values()];
    known = new Set(all.map(laneKey));
    const still = new Set(renewed.held.map(laneKey));
    for (const [key, lane] of held) if (!still.has(key)) void give(lane, true);
    // Of an opening that failed: it is opened now.
    const lost = renewed.held.filter(
      (one) => !held.has(laneKey(one)) && !leaving.has(laneKey(one)),
    );
    if (lost.length > 0) await leases.release(owner, lost);
    const share = Math.ceil(all.length / owners);
    const surplus = [...held.values()].slice(share);
    for (const lane of surplus) void give(lane, false);
    const free = all.filter((one) => !held.has(laneKey(one)) && !leaving.has(laneKey(one)));
    const room = share - held.size;
    if (free.length > 0 && room > 0) await claim(free, room);
  };

  const tend = async (): Promise<void> => {
    do {
      again = false;
      await tendOnce().catch(onTrouble);
    } while (again);
  };

  return {
    lanes: held,
    knows: (lane) => known.has(laneKey(lane)),
    get isShared() {
      return owners > 1;
    },
    want: (lane) => {
      if (wanted.size < wantedMax && !known.has(laneKey(lane))) wanted.set(laneKey(lane), lane);
    },
    tend: () => {
      if (tending) {
        again = true;
        return tending;
      }
      tending = tend().finally(() => (tending = null));
      return tending;
    },
    leave: async () => {
      await tending;
      await Promise.all([...held.values()].map((lane) => give(lane, false)));
      await leases.leave(owner).catch(onTrouble);
    },
  };
};
