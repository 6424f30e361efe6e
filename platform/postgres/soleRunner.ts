/**
 * One process at a time, by an advisory lock of PostgreSQL: held by a connection, so that it is free the moment the process is gone,
 * however it went. Who waits asks every two seconds.
 */
import type pg from 'pg';
import { pause } from '../../projections/pause.js';

const askEveryMs = 2_000;
const watchEveryMs = 5_000;

export const createSoleRunner = (
  pool: Pick<pg.Pool, 'connect'>,
  onFailed: (error: unknown) => void,
) => {
  const turn = async (
    name: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> => {
    const client = await pool.connect();
    const lost = new AbortController();
    const lose = (): void => lost.abort();
    client.on('error', lose);
    try {
      const key = `kopilka ${name}`;
      const { rows } = await client.query<{ held: boolean }>(
        'select pg_try_advisory_lock(hashtextextended($1, 0)) as held',
        [key],
      );
      if (!rows[0]?.held) return;
      // A connection that is cut without a word says nothing until it is asked.
      const watch = setInterval(() => void client.query('select 1').catch(lose), watchEveryMs);
      try {
        await work(AbortSignal.any([signal, lost.signal]));
      } finally {
        clearInterval(watch);
        await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [key]).catch(lose);
      }
    } finally {
      client.off('error', lose);
      client.release(lost.signal.aborted);
    }
  };

  return {
    run: async (
      name: string,
      signal: AbortSignal,
      work: (signal: AbortSignal) => Promise<void>,
    ): Promise<void> => {
      while (!signal.aborted) {
        await turn(name, signal, work).catch(onFailed);
        await pause(askEveryMs, signal);
      }
    },
  };
};
