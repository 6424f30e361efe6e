/**
 * The purchase as one transaction: lock the balance, insert the purchase and its lines in one statement each, write the balance
 * back; a purchase that is repeated is answered from what is stored.
 *
 * Twice: as it is usually written, with the statements' texts and over TCP, and tuned by somebody who measures, with prepared
 * statements and over PostgreSQL's UNIX socket.
 */
import type pg from 'pg';
import type { PurchaseBody } from '../load/receipts.js';

export interface CrudAnswer {
  readonly purchaseId: string;
  readonly total: number;
  readonly pointsEarned: number;
  readonly balance: number;
}

const till = { merchantId: 1, pointOfSaleId: 10, tillId: 'till1', currency: 'EUR' };

const lockBalance = {
  name: 'lock-balance',
  text: 'select points from balances where user_id = $1 for update',
};
const insertPurchase = {
  name: 'insert-purchase',
  text: `insert into purchases (user_id, purchase_id, merchant_id, point_of_sale_id, till_id, currency, total, points_earned,
    points_redeemed, confirmed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9) on conflict do nothing`,
};
const insertLines = {
  name: 'insert-lines',
  text: `insert into purchase_lines (user_id, purchase_id, position, product_id, quantity, price, amount, points_earned)
    select $1, $2, * from unnest($3::int[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])`,
};
const writeBalance = {
  name: 'write-balance',
  text: 'update balances set points = $2, updated_at = $3 where user_id = $1',
};
const readPurchase = {
  name: 'read-purchase',
  text: 'select total, points_earned from purchases where user_id = $1 and purchase_id = $2',
};

export class UnknownCustomer extends Error {
  override readonly name = 'UnknownCustomer';
}

/** A name has the statement prepared once on each connection. */
type Statement = { readonly name: string; readonly text: string };
export type Style = 'usual' | 'tuned';
const styled: Readonly<Record<Style, (statement: Statement) => pg.QueryConfig>> = {
  usual: ({ text }) => ({ text }),
  tuned: (statement) => statement,
};

const transact = async (
  client: pg.PoolClient,
  as: (statement: Statement) => pg.QueryConfig,
  userId: string,
  { purchaseId, lines }: PurchaseBody,
): Promise<CrudAnswer> => {
  const balance = (await client.query({ ...as(lockBalance), values: [userId] })).rows[0];
  if (!balance) throw new UnknownCustomer(userId);
  const amounts = lines.map(({ quantity, price }) => Math.round(quantity * price));
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  const now = new Date();
  const { merchantId, pointOfSaleId, tillId, currency } = till;
  const key = [userId, purchaseId];
  const inserted = await client.query({
    ...as(insertPurchase),
    values: [...key, merchantId, pointOfSaleId, tillId, currency, total, total, now],
  });
  if (inserted.rowCount === 0) {
    const stored = (await client.query({ ...as(readPurchase), values: key })).rows[0];
    const { total, points_earned: earned } = stored;
    return { purchaseId, total: +total, pointsEarned: +earned, balance: +balance.points };
  }
  await client.query({
    ...as(insertLines),
    values: [
      ...key,
      lines.map((_, index) => index + 1),
      lines.map((line) => line.productId),
      lines.map(({ quantity }) => Math.round(quantity * 1000)),
      lines.map(({ price }) => price),
      amounts,
      amounts,
    ],
  });
  const points = Number(balance.points) + total;
  await client.query({ ...as(writeBalance), values: [userId, points, now] });
  return { purchaseId, total, pointsEarned: total, balance: points };
};

/** @throws UnknownCustomer, or what PostgreSQL says. */
export const confirmInTables = async (
  pool: pg.Pool,
  style: Style,
  userId: string,
  body: PurchaseBody,
): Promise<CrudAnswer> => {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const answer = await transact(client, styled[style], userId, body);
    await client.query('commit');
    return answer;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
};
