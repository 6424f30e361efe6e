/**
 * The sign on a log that an import was broken off in: a node would append to half a log, and positions that belong to
 * the rest of the archive would be taken. No node starts on it, and the import takes it down when it is done.
 */
import type { ClientBase } from 'pg';

export class ImportUnfinished extends Error {
  override readonly name = 'ImportUnfinished';
}

const TABLE = 'eventstore.unfinished_import';

export const markUnfinished = async (client: ClientBase): Promise<void> => {
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${TABLE} (begun_at timestamptz NOT NULL DEFAULT now())`,
  );
};

export const markFinished = async (client: ClientBase): Promise<void> => {
  await client.query(`DROP TABLE IF EXISTS ${TABLE}`);
};

export const isUnfinished = async (client: ClientBase): Promise<boolean> => {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT to_regclass('${TABLE}') IS NOT NULL AS found`,
  );
  return rows[0]!.found;
};

/** @throws ImportUnfinished */
export const refuseUnfinished = async (client: ClientBase): Promise<void> => {
  if (!(await isUnfinished(client))) return;
  throw new ImportUnfinished(
    'An import into this log was broken off: run the same kopilka store import again and it goes on, or begin with an empty database.',
  );
};
