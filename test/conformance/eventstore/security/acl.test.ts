import {
  AccessDeniedError,
  binaryEvent,
  type EventStoreDBClient,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
} from '@eventstore/db-client';
import { expect } from 'chai';
import { counted, countedUpTo, newStream, numbersOf, rejectionOf, until } from '../node.js';
import { type SecuredNode, startSecuredNode } from './securedNode.js';

describe('access control lists', function () {
  this.timeout(120_000);
  let node: SecuredNode;
  let admin: EventStoreDBClient;
  let ann: EventStoreDBClient; // of the group analysts
  let bob: EventStoreDBClient;
  before(async () => {
    node = await startSecuredNode();
    admin = node.client('admin');
    ann = node.client('ann');
    bob = node.client('bob');
  });
  after(() => node.stop());

  type Acl = Parameters<EventStoreDBClient['setStreamMetadata']>[1]['acl'];
  const streamWith = async (acl: Acl): Promise<string> => {
    const stream = newStream();
    await admin.appendToStream(stream, countedUpTo(2));
    await admin.setStreamMetadata(stream, { acl: acl! });
    return stream;
  };
  const denied = async (promise: Promise<unknown>): Promise<void> => {
    expect(await rejectionOf(promise)).to.be.instanceOf(AccessDeniedError);
  };
  const readBy = (client: EventStoreDBClient, stream: string) =>
    numbersOf(client.readStream(stream));

  it('leave ordinary streams open to every user where they say nothing', async () => {
    const stream = newStream();
    await bob.appendToStream(stream, counted(0));
    await ann.appendToStream(stream, counted(1));
    await ann.setStreamMetadata(stream, { maxCount: 5 });
    expect(await readBy(bob, stream)).to.deep.equal([0, 1]);
    await bob.deleteStream(stream);
  });

  it('say who may read', async () => {
    const stream = await streamWith({ readRoles: ['ann'] });
    expect(await readBy(ann, stream)).to.deep.equal([0, 1]);
    await denied(readBy(bob, stream));
    await bob.appendToStream(stream, counted(2)); // nothing is said of writing
  });

  it('say who may write', async () => {
    const stream = await streamWith({ writeRoles: ['ann'] });
    await ann.appendToStream(stream, counted(2));
    await denied(bob.appendToStream(stream, counted(3)));
    const credentials = { username: 'bob', password: "bob's p@ss:wörd" };
    await denied(node.client().appendToStream(stream, counted(3), { credentials }));
    expect(await readBy(bob, stream)).to.deep.equal([0, 1, 2]);
  });

  it('say who may delete, for ever too', async () => {
    const stream = await streamWith({ deleteRoles: ['ann'] });
    await denied(bob.deleteStream(stream));
    await denied(bob.tombstoneStream(stream));
    await ann.tombstoneStream(stream);
  });

  it('say who may read and write metadata', async () => {
    const stream = await streamWith({ metaReadRoles: ['ann'], metaWriteRoles: ['ann'] });
    expect((await ann.getStreamMetadata(stream)).metadata).to.have.property('acl');
    await denied(bob.getStreamMetadata(stream));
    await denied(bob.setStreamMetadata(stream, {}));
    await ann.setStreamMetadata(stream, { maxCount: 1 });
  });

  it('name groups as well as users', async () => {
    const stream = await streamWith({ readRoles: ['analysts'], writeRoles: ['analysts', 'bob'] });
    expect(await readBy(ann, stream)).to.deep.equal([0, 1]);
    await denied(readBy(bob, stream));
    await bob.appendToStream(stream, counted(2));
  });

  it('let every user through by $all, and nobody without a name', async () => {
    const stream = await streamWith({ readRoles: ['$all'] });
    expect(await readBy(bob, stream)).to.deep.equal([0, 1]);
    await denied(readBy(node.client(), stream));
  });

  it('never keep administrators out', async () => {
    const stream = await streamWith({
      readRoles: ['ann'],
      writeRoles: [],
      deleteRoles: ['ann'],
      metaReadRoles: ['ann'],
      metaWriteRoles: ['ann'],
    });
    await denied(ann.appendToStream(stream, counted(2)));
    await admin.appendToStream(stream, counted(2));
    expect(await readBy(admin, stream)).to.have.length(3);
    await admin.setStreamMetadata(stream, {});
    await admin.deleteStream(stream);
  });

  it('take effect with the next call', async () => {
    const stream = await streamWith({ readRoles: ['ann'] });
    await denied(readBy(bob, stream));
    await admin.setStreamMetadata(stream, { acl: { readRoles: ['ann', 'bob'] } });
    expect(await readBy(bob, stream)).to.deep.equal([0, 1]);
    await admin.setStreamMetadata(stream, { acl: { readRoles: ['ann'] } });
    await denied(readBy(bob, stream));
  });

  it('can be one of the two that have a name', async () => {
    const closed = await streamWith('$systemStreamAcl' as unknown as Acl);
    await denied(readBy(bob, closed));
    const open = await streamWith('$userStreamAcl' as unknown as Acl);
    expect(await readBy(bob, open)).to.deep.equal([0, 1]);
  });

  it('keep system streams for administrators until they say otherwise', async () => {
    const stream = `$${newStream()}`;
    await denied(bob.appendToStream(stream, counted(0)));
    await admin.appendToStream(stream, counted(0));
    await denied(readBy(bob, stream));
    await denied(bob.setStreamMetadata(stream, {}));
    await admin.setStreamMetadata(stream, { acl: { readRoles: ['analysts'] } });
    expect(await readBy(ann, stream)).to.deep.equal([0]);
    await denied(readBy(bob, stream));
  });

  it('open $all to whom the metadata of $all name', async () => {
    await denied(numbersOf(ann.readAll({ maxCount: 1 })));
    const refused = ann.subscribeToAll({ fromPosition: START });
    const errors: Error[] = [];
    refused.on('error', (error) => errors.push(error));
    await until('the refusal', () => errors.length > 0);
    expect(errors[0]).to.be.instanceOf(AccessDeniedError);

    await admin.setStreamMetadata('$all', { acl: { readRoles: ['analysts'] } });
    let given = 0;
    for await (const _resolved of ann.readAll({ maxCount: 3 })) given++;
    expect(given).to.equal(3);
    await denied(numbersOf(bob.readAll({ maxCount: 1 })));
  });

  it('refuse one append of many and let the others through, in order', async () => {
    const closed = await streamWith({ writeRoles: ['ann'] });
    const open = newStream();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, (_, n) =>
        bob.appendToStream(n % 3 === 0 ? closed : open, counted(n)),
      ),
    );
    outcomes.forEach(({ status }, n) =>
      expect(status, String(n)).to.equal(n % 3 === 0 ? 'rejected' : 'fulfilled'),
    );
    expect(await readBy(bob, open)).to.deep.equal(
      Array.from({ length: 60 }, (_, n) => n).filter((n) => n % 3 !== 0),
    );
    expect(await readBy(admin, closed)).to.deep.equal([0, 1]);
  });

  it('are asked for a subscription when it begins', async () => {
    const stream = await streamWith({ readRoles: ['ann'] });
    const subscription = ann.subscribeToStream(stream);
    let given = 0;
    subscription.on('data', () => given++);
    await until('events', () => given === 2);
    await subscription.unsubscribe();
    const refused = bob.subscribeToStream(stream);
    const errors: Error[] = [];
    refused.on('error', (error) => errors.push(error));
    await until('the refusal', () => errors.length > 0);
    expect(errors[0]).to.be.instanceOf(AccessDeniedError);
  });

  it('are asked of the stream of links, not of what it links to', async () => {
    const target = await streamWith({ readRoles: ['ann'] });
    const links = newStream('links');
    await bob.appendToStream(links, binaryEvent({ type: '$>', data: Buffer.from(`1@${target}`) }));
    expect(await numbersOf(bob.readStream(links, { resolveLinkTos: true }))).to.deep.equal([1]);
  });

  it('leave groups of consumers to operators, and consuming to whoever may read', async () => {
    const stream = await streamWith({ readRoles: ['ann'] });
    const settings = persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START });
    await denied(bob.createPersistentSubscriptionToStream(stream, 'group', settings));
    const operator = node.client('operator');
    await operator.createPersistentSubscriptionToStream(stream, 'group', settings);
    const consume = (client: EventStoreDBClient) => {
      const subscription = client.subscribeToPersistentSubscriptionToStream(stream, 'group');
      const seen = { events: 0, errors: [] as Error[] };
      subscription.on('data', (event) => {
        seen.events++;
        void subscription.ack(event);
      });
      subscription.on('error', (error) => seen.errors.push(error));
      return { subscription, seen };
    };
    const allowed = consume(ann);
    await until('events', () => allowed.seen.events === 2);
    await allowed.subscription.unsubscribe();
    const refused = consume(bob);
    await until('the refusal', () => refused.seen.errors.length > 0);
    expect(refused.seen.errors[0]).to.be.instanceOf(AccessDeniedError);
    await denied(ann.deletePersistentSubscriptionToStream(stream, 'group'));
    await operator.deletePersistentSubscriptionToStream(stream, 'group');
  });
});
