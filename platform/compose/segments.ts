/** The refresh of segments over the read models of this installation: for the schedule of the workers, and for requests. */
import type pg from 'pg';
import type { Handler } from '../../commands/handle.js';
import { countAccounts, differencesIn, nextRange } from '../../projections/segments/evaluate.js';
import { scalesFor } from '../../projections/segments/wanted.js';
import { createSegmentsWorker, type SegmentsWorker } from '../../workers/segments.js';

export const openSegments = (parts: {
  readonly handler: Handler;
  readonly pool: pg.Pool;
  readonly now: () => number;
  readonly pageSize?: number;
  readonly onFailed: (error: unknown) => void;
}): SegmentsWorker => {
  const { pool, ...rest } = parts;
  return createSegmentsWorker({
    ...rest,
    figures: {
      accounts: (tenant) => countAccounts(pool, tenant),
      scales: (question) => scalesFor(pool, question),
      range: (tenant, after, size) => nextRange(pool, tenant, after, size),
      differences: (question, range) => differencesIn(pool, question, range),
    },
  });
};
