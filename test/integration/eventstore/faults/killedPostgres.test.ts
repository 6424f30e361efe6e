/**
 * PostgreSQL killed under the node while many append: one backend, then the whole server, then a server that cannot come back for
 * a while, and one that hangs. The node goes on by itself, and who asks meanwhile gets an error that says so.
 */
import { chmodSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient } from '@eventstore/db-client';
import { expect } from 'chai';
import pg from 'pg';
import { silentLogger } from '../../../../embedded/eventstore/options.js';
import type { RunningEventStore } from '../../../../embedded/eventstore/options.js';
import { startEventStoreThread } from '../../../../embedded/eventstore/startThread.js';
import {
  type EmbeddedPostgres,
  startPostgres,
} from '../../../../embedded/postgres/startPostgres.js';
import { counted, newStream, rejectionOf, until } from '../../../conformance/eventstore/node.js';
import { type Load, startLoad } from './load.js';

const database = 'log';

describe('a node whose PostgreSQL is killed while 32 append', function () {
  this.timeout(120_000);

  let dataDir: string;
  let postgres: EmbeddedPostgres;
  let node: RunningEventStore;
  let load: Load;

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'kopilka-killed-'));
    chmodSync(dataDir, 0o711);
    postgres = await startPostgres({ dataDir, logger: silentLogger });
    await postgres.ensureDatabase(database);
    node = await startEventStoreThread({ postgres: postgres.connection(database) });
    load = startLoad(node.connectionString, {
      writers: 32,
      limits: { attemptDeadlineMs: 400, appendDeadlineMs: 1_000, awayDeadlineMs: 400 },
    });
    await load.more(200);
  });

  after(async () => {
    await node?.stop();
    await postgres?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const writerPid = async (): Promise<number> => {
    const client = new pg.Client(postgres.connection('postgres'));
    await client.connect();
    try {
      const { rows } = await client.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE application_name = 'kopilka-eventstore-writer'`,
      );
      return rows[0]!.pid;
    } finally {
      await client.end();
    }
  };

  it('goes on when its backend is killed, for which PostgreSQL ends all others', async () => {
    for (let kill = 0; kill < 2; kill += 1) {
      process.kill(await writerPid(), 'SIGKILL');
      await load.more(200);
    }
  });

  it('goes on when the server is killed and started again', async () => {
    for (let kill = 0; kill < 2; kill += 1) {
      const { pid } = postgres;
      process.kill(pid, 'SIGKILL');
      await until('the next server', () => postgres.pid !== pid);
      await load.more(200);
    }
  });

  it('tells callers to try again while the server is away, and goes on once it is back', async () => {
    const settings = join(postgres.folder, 'cluster', 'postgresql.conf');
    renameSync(settings, `${settings}.away`);
    const { pid } = postgres;
    process.kill(pid, 'SIGKILL');
    const refusedBefore = load.refused();
    await until('refusals', () => load.refused() > refusedBefore + 32);
    const other = EventStoreDBClient.connectionString(
      `${node.connectionString}&defaultDeadline=700`,
    );
    const error = await rejectionOf(other.appendToStream(newStream(), counted(1)));
    expect(error).to.have.property('type', 'deadline-exceeded');
    renameSync(`${settings}.away`, settings);
    await load.more(200, 30_000);
    // Two hundred may be through before whoever started the next server has seen that it is ready.
    await until('the next server', () => postgres.pid !== pid);
  });

  it('tells callers to try again while PostgreSQL hangs, and goes on once it answers', async () => {
    const pid = await writerPid();
    const refusedBefore = load.refused();
    process.kill(pid, 'SIGSTOP');
    try {
      await until('refusals', () => load.refused() > refusedBefore + 32);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await load.more(200);
  });

  it('has lost nothing and doubled nothing by any of it', async () => {
    const events = await load.finish(postgres.connection(database));
    expect(events).to.equal(load.answered());
    expect(load.watch.repeated).to.be.greaterThan(0);
  });
});
