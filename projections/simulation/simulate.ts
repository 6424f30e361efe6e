/** A draft campaign over the recorded receipts of a time, start to end, with progress. Nothing is written anywhere. */
import type pg from 'pg';
import type { Campaign } from '../../domain/pricing/campaign.js';
import { createSimulation } from '../../domain/simulation/simulation.js';
import type { SimulationReport } from '../../domain/simulation/report.js';
import type { World } from '../../domain/simulation/world.js';
import { createMeter } from '../progress.js';
import type { Watched } from '../work.js';
import {
  countReceipts,
  inSnapshot,
  livePurchases,
  purchasesBefore,
  readReceipts,
  readUndone,
  type ReceiptWindow,
} from './recordedReceipts.js';

export interface SimulateOptions extends Watched {
  readonly pool: pg.Pool;
  readonly receipts: Omit<ReceiptWindow, 'schema'>;
  /** It has passed domain/pricing/faults.ts. */
  readonly draft: Campaign;
  readonly world: World;
}

/** @throws the signal's reason where it was cancelled. */
export const simulate = ({
  pool,
  receipts: asked,
  draft,
  world,
  signal,
  onProgress,
}: SimulateOptions): Promise<SimulationReport> =>
  inSnapshot(pool, async (db) => {
    const window = { ...asked, schema: await livePurchases(db) };
    const target = BigInt(await countReceipts(db, window));
    const meter = createMeter({ name: 'simulation', schema: 'purchases', target }, 0n);
    const simulation = createSimulation(draft, world);
    for (const [userId, count] of await purchasesBefore(db, window)) {
      simulation.begin(userId, count);
    }
    const undone = readUndone(db, window);
    let back = await undone.next();
    let done = 0n;
    for await (const receipts of readReceipts(db, window)) {
      signal.throwIfAborted();
      let priced = 0;
      for (const receipt of receipts) {
        while (!back.done && back.value.at <= receipt.at) {
          simulation.undone(back.value.userId);
          back = await undone.next();
        }
        simulation.receipt(receipt);
        priced += 1;
      }
      done += BigInt(priced);
      onProgress(meter.add(priced, done));
      // Whoever cancels is heard between two pages.
      await new Promise((resolve) => setImmediate(resolve));
    }
    signal.throwIfAborted();
    return simulation.report();
  });
