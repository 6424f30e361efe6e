/** What a client asks a server about itself, and the ways to it. */
import { EventStoreDBClient } from '@eventstore/db-client';
import persistent from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { expect } from 'chai';
import {
  counted,
  countedUpTo,
  newStream,
  numbersOf,
  rejectionOf,
  useNode,
  withOption,
} from './node.js';

const { StreamsService } = streams;
const { PersistentSubscriptionsService } = persistent;

/** What the client knows of its server and keeps to itself. */
interface Insight {
  readonly capabilities: Promise<{ readonly serverVersion: string }>;
  supports(method: { readonly path: string }, feature?: string): Promise<boolean>;
}

describe('a server', function () {
  this.timeout(120_000);
  const node = useNode();
  const insight = (): Insight => node.client as unknown as Insight;

  it('says which version it is', async () => {
    const { serverVersion } = await insight().capabilities;
    expect(serverVersion).to.match(/^\d+\.\d+\.\d+/);
    expect(Number(serverVersion.split('.')[0])).to.be.at.least(23);
  });

  for (const method of ['read', 'append', 'batchAppend', 'delete', 'tombstone'] as const) {
    it(`says that it supports ${method}`, async () => {
      expect(await insight().supports(StreamsService[method])).to.equal(true);
    });
  }

  it('says that it supports groups of both kinds', async () => {
    for (const method of ['create', 'update', 'delete', 'read'] as const)
      expect(await insight().supports(PersistentSubscriptionsService[method], 'all')).to.equal(
        true,
      );
    for (const method of ['getInfo', 'replayParked', 'list'] as const)
      for (const kind of ['stream', 'all'])
        expect(await insight().supports(PersistentSubscriptionsService[method], kind)).to.equal(
          true,
        );
  });

  it('does not claim what nobody has', async () => {
    const unknown = { ...StreamsService.read, path: '/event_store.client.streams.Streams/Guess' };
    expect(await insight().supports(unknown)).to.equal(false);
    expect(await insight().supports(StreamsService.read, 'telepathy')).to.equal(false);
  });

  it('is found as the leader through its gossip', async () => {
    const { host, search } = new URL(node.connectionString.replace(/^esdb(\+discover)?:/, 'http:'));
    const { username, password } = new URL(node.connectionString.replace(/^esdb[^:]*:/, 'http:'));
    const credentials = username === '' ? '' : `${username}:${password}@`;
    for (const found of [
      `esdb+discover://${credentials}${host}${search}`,
      `esdb://${credentials}${host},${host}${search}`,
    ]) {
      const client = EventStoreDBClient.connectionString(found);
      const stream = newStream();
      await client.appendToStream(stream, counted(1));
      expect(await numbersOf(client.readStream(stream))).to.deep.equal([1]);
      await client.dispose();
    }
  });

  it('is not found where none is', async () => {
    const client = EventStoreDBClient.connectionString(
      'esdb+discover://127.0.0.1:1?tls=false&maxDiscoverAttempts=2&discoveryInterval=10',
    );
    const error = await rejectionOf(client.appendToStream(newStream(), counted(1)));
    expect(error.message).to.match(/Failed to discover after 2 attempts/);
    await client.dispose();
  });

  it('serves clients that want the leader, any node, or a name of their own', async () => {
    for (const option of [
      'nodePreference=leader',
      'nodePreference=follower',
      'connectionName=till',
    ]) {
      const client = EventStoreDBClient.connectionString(withOption(node.connectionString, option));
      const stream = newStream();
      await client.appendToStream(stream, counted(1), { requiresLeader: true });
      expect(await numbersOf(client.readStream(stream, { requiresLeader: true }))).to.have.length(
        1,
      );
      await client.dispose();
    }
  });

  it('serves several clients, each of which sees what the others wrote', async () => {
    const stream = newStream();
    const clients = Array.from({ length: 4 }, () =>
      EventStoreDBClient.connectionString(node.connectionString),
    );
    for (const [n, client] of clients.entries())
      await client.appendToStream(stream, counted(n), {
        expectedRevision: n === 0 ? 'no_stream' : BigInt(n - 1),
      });
    for (const client of clients)
      expect(await numbersOf(client.readStream(stream))).to.deep.equal([0, 1, 2, 3]);
    for (const client of clients) await client.dispose();
  });

  it('outlives a client that leaves with everything open', async () => {
    const client = EventStoreDBClient.connectionString(node.connectionString);
    const stream = newStream();
    await client.appendToStream(stream, countedUpTo(500));
    for (let i = 0; i < 5; i++) {
      client.subscribeToAll().on('error', () => {});
      client.subscribeToStream(stream).on('error', () => {});
      client.readAll().on('error', () => {});
    }
    await client.dispose();
    expect(await numbersOf(node.client.readStream(stream, { maxCount: 3 }))).to.deep.equal([
      0, 1, 2,
    ]);
  });

  it('lets a client be used again after it disposed of its streams', async () => {
    const client = EventStoreDBClient.connectionString(node.connectionString);
    const stream = newStream();
    await client.appendToStream(stream, counted(0));
    await client.dispose();
    await client.appendToStream(stream, counted(1));
    expect(await numbersOf(client.readStream(stream))).to.deep.equal([0, 1]);
    await client.dispose();
  });

  it('keeps to the deadline a client has by default', async () => {
    const client = EventStoreDBClient.connectionString(
      withOption(node.connectionString, 'defaultDeadline=5000'),
    );
    const stream = newStream();
    await client.appendToStream(stream, countedUpTo(10));
    await client.deleteStream(stream);
    await client.dispose();
  });
});
