/**
 * The PostgreSQL that tests of the event store share: one server for the whole run, a new database for whoever asks.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { silentLogger } from '../../../embedded/eventstore/options.js';
import {
  type EmbeddedPostgres,
  type PostgresConnection,
  startPostgres,
} from '../../../embedded/postgres/startPostgres.js';

const closings: (() => Promise<void>)[] = [];

/** Has `close` called when all tests have run, while the server still does. */
export const beforePostgresStops = (close: () => Promise<void>): void => void closings.push(close);

let started: Promise<{ server: EmbeddedPostgres; dataDir: string }> | undefined;

const start = async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'kopilka-eventstore-'));
  chmodSync(dataDir, 0o711);
  return { server: await startPostgres({ dataDir, logger: silentLogger }), dataDir };
};

/** Settings of a database nobody else uses. */
export const newDatabase = async (): Promise<PostgresConnection> => {
  const { server } = await (started ??= start());
  const name = `log_${randomBytes(6).toString('hex')}`;
  await server.ensureDatabase(name);
  return server.connection(name);
};

after(async function () {
  this.timeout(120_000);
  for (const close of closings) await close();
  if (!started) return;
  const { server, dataDir } = await started;
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});
