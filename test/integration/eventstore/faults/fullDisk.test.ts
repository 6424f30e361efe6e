/** No room for another event: appends are refused in words one can act on, all else goes on, and so do appends when there is room. */
import { randomBytes, randomUUID } from 'node:crypto';
import { binaryEvent, EventStoreDBClient, NO_STREAM } from '@eventstore/db-client';
import { expect } from 'chai';
import pg from 'pg';
import { silentLogger } from '../../../../embedded/eventstore/options.js';
import { startEventStore } from '../../../../embedded/eventstore/startEventStore.js';
import { startPostgres } from '../../../../embedded/postgres/startPostgres.js';
import {
  type Counted,
  counted,
  newStream,
  numbersOf,
  rejectionOf,
  until,
} from '../../../conformance/eventstore/node.js';
import { newDatabase } from '../postgres.js';
import { openSmallDisk } from './smallDisk.js';

const typeOf = (error: unknown): unknown => (error as { type?: unknown }).type;

const noRoom = `
  CREATE FUNCTION eventstore.no_room() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION USING ERRCODE = '53100',
      MESSAGE = 'could not extend file "base/5/16412": No space left on device';
  END $$;
  CREATE TRIGGER no_room BEFORE INSERT ON eventstore.events EXECUTE FUNCTION eventstore.no_room();`;

describe('a log whose disk is full', function () {
  this.timeout(120_000);

  it('refuses appends by the words of PostgreSQL, is read, and takes the same append later', async () => {
    const postgres = await newDatabase();
    const store = await startEventStore({ postgres });
    const client = EventStoreDBClient.connectionString(store.connectionString);
    const admin = new pg.Client(postgres);
    await admin.connect();
    const stream = newStream();
    await client.appendToStream(stream, counted(0), { expectedRevision: NO_STREAM });
    const seen: number[] = [];
    const subscription = client
      .subscribeToStream<Counted>(stream)
      .on('data', ({ event }) => seen.push(event!.data.n))
      .on('error', (error) => expect.fail(`the subscription ended: ${error.message}`));

    await admin.query(noRoom);
    const next = counted(1, randomUUID());
    const refused = await Promise.all(
      [stream, newStream(), newStream()].map((to) => rejectionOf(client.appendToStream(to, next))),
    );
    for (const error of refused) {
      expect(typeOf(error)).to.equal('unknown');
      expect(error.message).to.match(/No space left on device.*repeat it with the same ids/);
    }
    const undeleted = await rejectionOf(client.deleteStream(stream));
    expect(typeOf(undeleted)).to.equal('unknown');
    expect(undeleted.message).to.contain('No space left on device');
    expect(await numbersOf(client.readStream(stream))).to.deep.equal([0]);
    expect(await numbersOf(client.readAll())).to.deep.equal([0]);

    await admin.query('DROP FUNCTION eventstore.no_room CASCADE');
    const stored = await client.appendToStream(stream, next, { expectedRevision: 0n });
    expect(stored.position?.commit).to.equal(2n);
    expect(await numbersOf(client.readStream(stream))).to.deep.equal([0, 1]);
    await until('the same subscription to have both', () => seen.length === 2);
    await subscription.unsubscribe();
    await admin.end();
    await client.dispose();
    await store.stop();
  });

  it('refuses appends before PostgreSQL itself has no room to live, and goes on once there is room', async () => {
    const disk = openSmallDisk();
    const postgres = await startPostgres({
      dataDir: disk.dataDir,
      logger: silentLogger,
      settings: { max_wal_size: '32MB', min_wal_size: '32MB', shared_buffers: '8MB' },
    });
    await postgres.ensureDatabase('log');
    const store = await startEventStore({
      postgres: postgres.connection('log'),
      storage: disk.storage(postgres.folder),
    });
    const client = EventStoreDBClient.connectionString(store.connectionString);
    try {
      const { pid } = postgres;
      const data = randomBytes(200_000);
      const append = () =>
        client.appendToStream(
          'filler-1',
          [1, 2, 3, 4].map(() => binaryEvent({ type: 'Filled', data })),
        );
      await append();
      disk.takeRoom();
      let stored = 1;
      let refusal: Error | undefined;
      for (; !refusal && stored < 400; stored += 1) {
        await append().catch((error: Error) => (refusal = error));
        if (stored > 30) await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(typeOf(refusal)).to.equal('unknown');
      expect(refusal?.message).to.match(/the disk is full: \d+ MB left.*free some room/);
      let read = 0;
      for await (const { event } of client.readStream('filler-1')) if (event) read += 1;
      expect(read).to.equal((stored - 1) * 4);

      disk.makeRoom();
      let again: Awaited<ReturnType<typeof append>> | undefined;
      for (let attempt = 0; !again && attempt < 50; attempt += 1) {
        again = await append().catch(() => undefined);
        if (!again) await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect(again?.position?.commit).to.equal(BigInt(stored * 4));
      expect(postgres.pid, 'PostgreSQL never ended').to.equal(pid);
    } finally {
      await client.dispose();
      await store.stop();
      await postgres.stop();
      disk.remove();
    }
  });
});
