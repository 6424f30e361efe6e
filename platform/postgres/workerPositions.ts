/** How far the workers have come, in PostgreSQL. A position only moves forward, so a worker that was replaced cannot put it back. */
import type pg from 'pg';
import type { Position } from '../../domain/fact.js';

export const createPostgresWorkerPositions = (pool: Pick<pg.Pool, 'query'>) => ({
  load: async (worker: string): Promise<Position | null> => {
    const { rows } = await pool.query<{ position: bigint | string }>(
      'select position from kopilka.worker_positions where worker = $1',
      [worker],
    );
    return rows[0] ? BigInt(rows[0].position) : null;
  },
  save: async (worker: string, position: Position): Promise<void> => {
    await pool.query(
      `insert into kopilka.worker_positions (worker, position) values ($1, $2)
       on conflict (worker) do update set position = excluded.position, updated_at = now()
       where worker_positions.position < excluded.position`,
      [worker, String(position)],
    );
  },
});
