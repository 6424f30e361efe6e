/** Receipts that providers bring to our door, on their way into the journals: in the process that was called. */
import type pg from 'pg';
import type { Handler } from '../../commands/handle.js';
import type { Log } from '../../commands/log.js';
import type { TakeReceipts } from '../../commands/provider/receipts.js';
import { createReceipts } from '../../workers/outreach/receipts.js';
import type { Logger } from '../logging.js';
import type { Metrics } from '../metrics.js';
import { createReceiptStore } from '../postgres/outreachReceipts.js';
import { receiptCounter } from './outreachMeasures.js';
import { suppressing } from './suppressing.js';

export const openTakeReceipts = (parts: {
  readonly log: Log;
  readonly pool: pg.Pool;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly handler: Handler;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}): TakeReceipts => {
  const { log, pool, logger, metrics, handler, now } = parts;
  const onTrouble = (error: unknown): void => logger.warn({ err: error }, 'receipts met trouble');
  return createReceipts({
    log,
    store: createReceiptStore(pool),
    // Given up is what the thread of outreach gives up: it looks again at what was kept.
    measures: { receipt: receiptCounter(metrics), orphan: () => undefined },
    suppress: suppressing({ handler, now, onTrouble }),
    now,
    onTrouble,
  }).take;
};
