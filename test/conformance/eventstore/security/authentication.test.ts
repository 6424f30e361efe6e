import {
  AccessDeniedError,
  EventStoreDBClient,
  NO_STREAM,
  START,
  UnavailableError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { expect } from 'chai';
import { startEventStore } from '../../../../embedded/eventstore/startEventStore.js';
import { counted, countedUpTo, newStream, numbersOf, rejectionOf, until } from '../node.js';
import { credentialsOf, type SecuredNode, startSecuredNode } from './securedNode.js';

describe('a node with TLS and users', function () {
  this.timeout(120_000);
  let node: SecuredNode;
  before(async () => {
    node = await startSecuredNode();
  });
  after(() => node.stop());

  const denied = async (promise: Promise<unknown>): Promise<AccessDeniedError> => {
    const error = await rejectionOf(promise);
    expect(error).to.be.instanceOf(AccessDeniedError);
    return error as AccessDeniedError;
  };

  describe('with the right name and password', () => {
    it('serves appends, reads and subscriptions', async () => {
      const client = node.client('bob');
      const stream = newStream();
      await client.appendToStream(stream, countedUpTo(3), { expectedRevision: NO_STREAM });
      expect(await numbersOf(client.readStream(stream))).to.deep.equal([0, 1, 2]);
      const subscription = client.subscribeToStream(stream);
      let given = 0;
      subscription.on('data', () => given++);
      await client.appendToStream(stream, counted(3));
      await until('events', () => given === 4);
      await subscription.unsubscribe();
    });

    it('takes credentials with each call', async () => {
      const client = node.client();
      const credentials = credentialsOf('ann');
      const stream = newStream();
      const options = { expectedRevision: NO_STREAM, credentials } as const;
      const { nextExpectedRevision, position, success } = await client.appendToStream(
        stream,
        countedUpTo(4),
        options,
      );
      expect({ nextExpectedRevision, success }).to.deep.equal({
        nextExpectedRevision: 3n,
        success: true,
      });
      expect(position!.commit > 0n).to.equal(true);
      expect(await numbersOf(client.readStream(stream, { credentials }))).to.have.length(4);
      await client.setStreamMetadata(stream, { maxCount: 2 }, { credentials });
      const { metadata } = await client.getStreamMetadata(stream, { credentials });
      expect(metadata).to.deep.equal({ maxCount: 2 });
      await client.deleteStream(stream, { credentials });
    });

    it('refuses a wrong expectation of an append with credentials of its own by its fields', async () => {
      const client = node.client();
      const credentials = credentialsOf('ann');
      const stream = newStream();
      await client.appendToStream(stream, countedUpTo(2), { credentials });
      const again = client.appendToStream(stream, counted(9), {
        credentials,
        expectedRevision: NO_STREAM,
      });
      const error = await rejectionOf(again);
      expect(error).to.be.instanceOf(WrongExpectedVersionError);
      expect(error).to.include({
        streamName: stream,
        expectedVersion: 'no_stream',
        actualVersion: 1n,
      });
    });

    it("lets a call's credentials win over the client's", async () => {
      const client = node.client('bob');
      const all = { fromPosition: START, maxCount: 1 } as const;
      await denied(numbersOf(client.readAll(all)));
      const credentials = credentialsOf('admin');
      const given = [];
      for await (const resolved of client.readAll({ ...all, credentials })) given.push(resolved);
      expect(given).to.have.length(1);
    });

    it('gives the process that started it a connection string of its own', async () => {
      const client = EventStoreDBClient.connectionString(node.store.connectionString);
      await client.appendToStream('$by-the-owner', counted(1));
      expect(await numbersOf(client.readStream('$by-the-owner'))).to.deep.equal([1]);
      await client.dispose();
    });

    it('serves many at once who come for the first time', async () => {
      const stream = newStream();
      await node.client('bob').appendToStream(stream, counted(7));
      const reads = Array.from({ length: 30 }, (_, n) => {
        const name = ['admin', 'ann', 'bob'][n % 3]!;
        return numbersOf(node.client().readStream(stream, { credentials: credentialsOf(name) }));
      });
      for (const numbers of await Promise.all(reads)) expect(numbers).to.deep.equal([7]);
    });
  });

  describe('with a wrong name or password', () => {
    it('refuses every kind of call as unauthenticated', async () => {
      const client = node.client();
      const stream = newStream();
      const credentials = { username: 'bob', password: 'guess' };
      const calls = [
        () => client.appendToStream(stream, counted(1), { credentials }),
        () => numbersOf(client.readStream(stream, { credentials })),
        () => numbersOf(client.readAll({ credentials })),
        () => client.deleteStream(stream, { credentials }),
        () => client.tombstoneStream(stream, { credentials }),
        () => client.getStreamMetadata(stream, { credentials }),
      ];
      for (const call of calls) expect((await denied(call())).code).to.equal(16);
    });

    it("refuses the client's own credentials, also for batch appends", async () => {
      const client = node.client('bob', 'guess');
      await denied(client.appendToStream(newStream(), counted(1)));
      await denied(numbersOf(client.readStream(newStream())));
    });

    it('refuses users nobody knows, and an empty password', async () => {
      const client = node.client();
      for (const [username, password] of [
        ['nobody', 'guess'],
        ['bob', ''],
        ['', 'guess'],
      ] as const) {
        const credentials = { username, password };
        await denied(numbersOf(client.readStream(newStream(), { credentials })));
      }
    });

    it('ends a subscription with the error', async () => {
      const credentials = { username: 'bob', password: 'guess' };
      const subscription = node.client().subscribeToStream(newStream(), { credentials });
      const errors: Error[] = [];
      subscription.on('error', (error) => errors.push(error));
      await until('the error', () => errors.length > 0);
      expect(errors[0]).to.be.instanceOf(AccessDeniedError);
    });
  });

  describe('without credentials', () => {
    it('refuses every kind of call', async () => {
      const client = node.client();
      const stream = newStream();
      await node.client('bob').appendToStream(stream, counted(1));
      await denied(client.appendToStream(stream, counted(2)));
      await denied(numbersOf(client.readStream(stream)));
      await denied(numbersOf(client.readAll()));
      await denied(client.getStreamMetadata(stream));
      await denied(client.setStreamMetadata(stream, { maxCount: 1 }));
      await denied(client.deleteStream(stream));
      await denied(client.tombstoneStream(stream));
      await denied(client.listAllPersistentSubscriptions());
      expect(await numbersOf(node.client('bob').readStream(stream))).to.deep.equal([1]);
    });

    it('tells nobody whether a stream exists', async () => {
      await denied(numbersOf(node.client().readStream(newStream())));
    });

    it('still says which methods there are', async () => {
      const client = node.client() as unknown as {
        capabilities: Promise<{ supports(method: { path: string }): boolean }>;
      };
      const path = '/event_store.client.streams.Streams/BatchAppend';
      expect((await client.capabilities).supports({ path })).to.equal(true);
    });
  });

  describe('on the wire', () => {
    const refused = async (connectionString: string): Promise<void> => {
      const client = EventStoreDBClient.connectionString(connectionString);
      const read = numbersOf(client.readStream(newStream()));
      expect(await rejectionOf(read)).to.be.instanceOf(UnavailableError);
      await client.dispose();
    };

    it('does not speak in the clear', async () => {
      await refused(`esdb://localhost:${node.store.port}?tls=false`);
    });

    it('is not trusted by a client that does not know its authority', async () => {
      await refused(`esdb://localhost:${node.store.port}?tls=true`);
    });
  });

  it('is what it takes to listen to other machines', async () => {
    const start = startEventStore({
      postgres: 'postgres://nobody@localhost/none',
      host: '0.0.0.0',
    });
    expect((await rejectionOf(start)).message).to.match(/on this machine only.*a certificate/s);
  });
});
