/**
 * The questions of the POS API, answered from Postgres: over the views of schema `read`, which always show the live version of a
 * read model, whatever is being rebuilt beside it.
 */
import type { Waiting } from '../../projections/waiting.js';
import type { PosQueries } from './queries.js';
import { balanceQueries } from './readModels/balances.js';
import type { Asked } from './readModels/columns.js';
import { customerQueries } from './readModels/customers.js';
import { purchaseQueries } from './readModels/purchases.js';

const reachDeadlineMs = 5_000;

export const createReadModels = (options: {
  readonly pool: Asked;
  readonly waiting: Pick<Waiting, 'waitFor'>;
}): PosQueries => ({
  reach: (projection, position) => options.waiting.waitFor(projection, position, reachDeadlineMs),
  ...customerQueries(options.pool),
  ...balanceQueries(options.pool),
  ...purchaseQueries(options.pool),
});
