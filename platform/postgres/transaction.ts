/**
 * One transaction: commits what the work did, or rolls all of it back.
 *
 * A serialization failure or a deadlock means that nothing happened and the same work may succeed now, so it is run
 * again, a bounded number of times. Hence the work must have no effect outside of the transaction.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

export interface TransactionOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /** How often the work is run at most; 5 unless told. */
  readonly attempts?: number;
}

const retryable = new Set(['40001', '40P01']); // serialization_failure, deadlock_detected
const firstPauseMs = 5;

const codeOf = (error: unknown): string | undefined => (error as { code?: string } | null)?.code;

const attempt = async <T>(
  client: pg.PoolClient,
  begin: string,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> => {
  let broken = false;
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    // A connection that cannot even roll back is not given to anyone else.
    await client.query('rollback').catch(() => (broken = true));
    throw error;
  } finally {
    client.release(broken);
  }
};

/**
 * Runs the work in a transaction on one connection and answers with its result.
 * @throws what the work or the database threw, after the last attempt.
 */
export const inTransaction = async <T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  { isolation = 'read committed', attempts = 5 }: TransactionOptions = {},
): Promise<T> => {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt(await pool.connect(), `begin isolation level ${isolation}`, work);
    } catch (error) {
      if (tried >= attempts || !retryable.has(codeOf(error) ?? '')) throw error;
      // Doubling with a random part: the two that met do not meet again.
      await sleep(firstPauseMs * 2 ** tried * (0.5 + Math.random()));
    }
  }
};
