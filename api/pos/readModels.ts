/**
 * The questions of the POS API, put to the live read models in Postgres.
 */
import { balanceOf, ledgerOf, lotsOf } from '../../projections/balances/queries.js';
import {
  cardsOf,
  findCard,
  findCustomer,
  householdOf,
  listCards,
  listCustomers,
} from '../../projections/customers/queries.js';
import type { Reader } from '../../projections/pages.js';
import { listPurchases, purchaseDetail } from '../../projections/purchases/queries.js';
import type { Waiting } from '../../projections/waiting.js';
import type { PosQueries } from './queries.js';

const reachDeadlineMs = 5_000;

export const createReadModels = ({
  pool,
  waiting,
}: {
  readonly pool: Reader;
  readonly waiting: Pick<Waiting, 'waitFor'>;
}): PosQueries => ({
  reach: (projection, position) => waiting.waitFor(projection, position, reachDeadlineMs),
  customer: (tenant, key) => findCustomer(pool, tenant, key),
  customers: (tenant, page) => listCustomers(pool, { tenant, ...page }),
  card: (tenant, cardNumber) => findCard(pool, tenant, cardNumber),
  cards: (tenant, page) => listCards(pool, { tenant, ...page }),
  cardsOf: (tenant, userId) => cardsOf(pool, tenant, userId),
  household: (tenant, userId) => householdOf(pool, tenant, userId),
  balance: (tenant, userId) => balanceOf(pool, { tenant, userId }),
  lots: (tenant, userId, limit) => lotsOf(pool, { tenant, userId, limit }),
  ledger: (tenant, userId, page) => ledgerOf(pool, { tenant, userId, ...page }),
  purchases: (tenant, owner, { merchantId, ...page }) =>
    listPurchases(pool, {
      tenant,
      ...owner,
      ...page,
      ...('tillId' in owner ? { anonymous: true } : {}),
      ...(merchantId === null ? {} : { merchantId }),
    }),
  purchase: (tenant, owner, purchaseId) => purchaseDetail(pool, { tenant, ...owner, purchaseId }),
});
