/** One transaction of the read side on one connection of the pool: commits, or rolls all of it back. */
import type pg from 'pg';
import type { Db } from './projection.js';

/**
 * synchronous_commit is off: the commit does not wait for the disk. A crash of the server may then lose the last moments of a
 * read model, but its checkpoint is in the same transaction and goes back with it, so the log fills the gap by itself.
 */
const begin = 'begin; set local synchronous_commit = off';
/** For DDL, whole-table work and long fills: the pool's limits on statements are for requests. */
const beginLong = `${begin}; set local statement_timeout = 0`;

export const inTransaction = async <T>(
  pool: pg.Pool,
  work: (db: Db) => Promise<T>,
  { long = false }: { readonly long?: boolean } = {},
): Promise<T> => {
  const client = await pool.connect();
  let broken: Error | undefined;
  // A connection that breaks between two statements says so by an event, which must not end the process.
  const onError = (error: Error) => (broken = error);
  client.on('error', onError);
  try {
    await client.query(long ? beginLong : begin);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
};

/** Not the fault of what was written: the server is away, stopping, out of resources, or chose us to break a deadlock. */
export const isOutage = (error: unknown): boolean => {
  const code = (error as { readonly code?: unknown } | null)?.code;
  if (typeof code !== 'string') return /connection|timeout|terminat/i.test(String(error));
  return /^(08|53|57|58|40|55P03|E[A-Z]+)/.test(code);
};
