/** Where workers have come to, in PostgreSQL: the port of workers/checkpoints.ts. */
import type pg from 'pg';
import type { Position } from '../../domain/fact.js';

export const createWorkerCheckpoints = (pool: Pick<pg.Pool, 'query'>) => ({
  load: async (worker: string): Promise<Position | null> => {
    const { rows } = await pool.query<{ position: string }>(
      'select position::text from kopilka.worker_checkpoints where worker = $1',
      [worker],
    );
    return rows[0] ? BigInt(rows[0].position) : null;
  },
  save: async (worker: string, position: Position): Promise<void> => {
    await pool.query(
      `insert into kopilka.worker_checkpoints (worker, position) values ($1, $2)
       on conflict (worker) do update set position = excluded.position, updated_at = now()
       where worker_checkpoints.position < excluded.position`,
      [worker, String(position)],
    );
  },
});
