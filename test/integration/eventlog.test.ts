import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventDefinitions } from '../../domain/registry.js';
import { startEventStoreThread } from '../../embedded/eventstore/startThread.js';
import { type EmbeddedPostgres, startPostgres } from '../../embedded/postgres/startPostgres.js';
import { connect, createLog, disconnect } from '../../platform/eventstore/client.js';
import { createCodec } from '../../platform/eventstore/codec.js';
import { createFeed } from '../../platform/eventstore/feed.js';
import { logContract } from '../contracts/logContract.js';

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

describe('the log through the official client and the embedded node', function () {
  this.timeout(60_000);
  const dataDir = mkdtempSync(join(tmpdir(), 'kopilka-log-'));
  chmodSync(dataDir, 0o755);
  let postgres: EmbeddedPostgres;
  const closing: (() => Promise<unknown>)[] = [];

  logContract(async () => {
    postgres = await startPostgres({ dataDir, logger });
    closing.push(() => postgres.stop());
    await postgres.ensureDatabase('log');
    const store = await startEventStoreThread({ postgres: postgres.connection('log'), logger });
    closing.push(() => store.stop());
    const client = connect(store.connectionString);
    closing.push(() => disconnect(client));
    const codec = createCodec(eventDefinitions);
    return { log: createLog(client, codec), feed: createFeed(client, codec) };
  });

  after(async () => {
    for (const close of closing.reverse()) await close();
    rmSync(dataDir, { recursive: true, force: true });
  });
});
