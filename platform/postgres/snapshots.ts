/**
 * Snapshots of long streams in PostgreSQL: one row a stream, replaced as it grows. Losing the table costs time, never truth.
 */
import type { Pool } from 'pg';
import type { Snapshot, Snapshots } from '../../commands/snapshots.js';

interface Row {
  readonly revision: bigint;
  readonly state: unknown;
  readonly commands: Snapshot['commands'];
}

export const createSnapshots = (pool: Pool): Snapshots => ({
  load: async (stream, schemaVersion) => {
    const { rows } = await pool.query<Row>({
      name: 'load-snapshot',
      text: `select revision, state, commands from kopilka.snapshots
             where stream = $1 and schema_version = $2`,
      values: [stream, schemaVersion],
    });
    const [row] = rows;
    return row ? { ...row, revision: Number(row.revision) } : null;
  },
  save: async (stream, schemaVersion, { revision, state, commands }) => {
    await pool.query({
      name: 'save-snapshot',
      text: `insert into kopilka.snapshots (stream, schema_version, revision, state, commands)
             values ($1, $2, $3, $4, $5)
             on conflict (stream) do update set schema_version = excluded.schema_version,
               revision = excluded.revision, state = excluded.state, commands = excluded.commands, saved_at = now()
             where snapshots.schema_version <> excluded.schema_version
                or snapshots.revision < excluded.revision`,
      values: [stream, schemaVersion, revision, JSON.stringify(state), JSON.stringify(commands)],
    });
  },
});
