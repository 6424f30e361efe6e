/**
 * Brings the database to the schema this node needs. Steps are the numbered SQL files of schema/, each applied once,
 * in its own transaction together with the record of it; the caller holds the log's lock, so no two nodes migrate.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { packageRoot } from '../../platform/packageRoot.js';

interface SchemaStep {
  readonly version: number;
  readonly sql: string;
}

const readSteps = (): SchemaStep[] => {
  const folder = join(packageRoot, 'embedded', 'eventstore', 'schema');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({
      version: Number.parseInt(name, 10),
      sql: readFileSync(join(folder, name), 'utf8'),
    }));
};

/** Applies the steps not applied yet. Throws when the database is from a newer version of this software. */
export const applySchema = async (client: Client): Promise<void> => {
  await client.query(`
    CREATE SCHEMA IF NOT EXISTS eventstore;
    CREATE TABLE IF NOT EXISTS eventstore.schema_versions (
      version    integer     PRIMARY KEY,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`);
  const { rows } = await client.query<{ version: number }>(
    'SELECT coalesce(max(version), 0) AS version FROM eventstore.schema_versions',
  );
  const current = rows[0]?.version ?? 0;
  const steps = readSteps();
  const newest = steps.at(-1)?.version ?? 0;
  if (current > newest) {
    throw new Error(
      `The event log's schema is at version ${current}, this software knows ${newest}: start the newer version of it.`,
    );
  }
  for (const step of steps.filter(({ version }) => version > current))
    await applyStep(client, step);
};

const applyStep = async (client: Client, step: SchemaStep): Promise<void> => {
  await client.query('BEGIN');
  try {
    await client.query(step.sql);
    await client.query('INSERT INTO eventstore.schema_versions (version) VALUES ($1)', [
      step.version,
    ]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
};
