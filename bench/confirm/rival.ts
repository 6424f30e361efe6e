/** One of those compared: takes the same load and says how it went. */
import type { Cleanup } from '../cleanup.js';
import { type Child, startChild } from '../child.js';
import type { Sample } from '../load/latencies.js';
import type { LoadPlan } from '../load/load.process.js';

export interface Load {
  readonly connections: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Unique in the run. */
  readonly series: string;
  readonly seed: number;
}

export type RivalName = 'product' | 'echo' | 'append' | 'published' | 'crud' | 'tuned';

export interface Rival {
  readonly name: RivalName;
  readonly title: string;
  /** Of the processes that do its work, their descendants not counted in. */
  readonly pids: readonly number[];
  readonly measure: (load: Load) => Promise<Sample>;
}

/** More than Express answers on any machine we know of; receipts are prepared for it. */
const perSecondMax = (connections: number): number => (connections === 1 ? 6_000 : 16_000);

/** Loads servers over HTTP from one generator process, so that all of them meet the same one. */
export const createShooter = (users: readonly string[], cleanup: Cleanup) => {
  const generator: Child = startChild(new URL('../load/load.process.js', import.meta.url), cleanup);
  return (url: string, headers: Readonly<Record<string, string>>, load: Load): Promise<Sample> => {
    const plan: LoadPlan = {
      ...load,
      url,
      headers,
      users,
      perSecondMax: perSecondMax(load.connections),
    };
    return generator.ask<Sample>(plan, (load.warmUpSeconds + load.seconds + 40) * 1000);
  };
};
export type Shooter = ReturnType<typeof createShooter>;
