import { expect } from 'chai';
import { MongoClient } from 'mongodb';
import { connect, refusal, withCollection } from './server.js';

describe('commands of the server', () => {
  const { client, collection, db } = withCollection();

  it('say hello with the limits that a driver keeps to', async () => {
    const hello = await db().command({ hello: 1 });
    expect(hello).to.deep.include({
      isWritablePrimary: true,
      maxBsonObjectSize: 16_777_216,
      maxMessageSizeBytes: 48_000_000,
      maxWriteBatchSize: 100_000,
      readOnly: false,
      ok: 1,
    });
  });

  it('answer a ping and tell the version', async () => {
    expect(await db().command({ ping: 1 })).to.deep.include({ ok: 1 });
    expect((await db().admin().buildInfo())['version']).to.match(/^\d+\.\d+\.\d+/);
    expect((await db().admin().serverStatus())['ok']).to.equal(1);
  });

  it('refuse what they do not know: 59', async () => {
    const error = await refusal(db().command({ flyToTheMoon: 1 }));
    expect(error.code).to.equal(59);
    expect(error.codeName).to.equal('CommandNotFound');
    expect(error.message).to.contain("no such command: 'flyToTheMoon'");
  });

  it('list databases and collections', async () => {
    await collection().insertOne({});
    const { databases } = await client().db().admin().listDatabases();
    expect(databases.map(({ name }) => name)).to.include(db().databaseName);
    const names = (await db().listCollections().toArray()).map(({ name }) => name);
    expect(names).to.include(collection().collectionName);
    const some = await db().listCollections({ name: 'nobody' }).toArray();
    expect(some).to.deep.equal([]);
  });

  it('create a collection once: 48', async () => {
    await db().createCollection('made');
    const error = await refusal(db().command({ create: 'made' }));
    expect(error.code).to.equal(48);
    expect(error.codeName).to.equal('NamespaceExists');
  });

  it('drop a collection with its indexes', async () => {
    await collection().createIndex({ a: 1 }, { unique: true });
    await collection().insertOne({ a: 1 });
    await collection().drop();
    await collection().insertMany([{ a: 1 }, { a: 1 }]);
    expect(await collection().countDocuments()).to.equal(2);
  });

  it('rename a collection', async () => {
    await collection().insertOne({ _id: 1 as never });
    const name = `${collection().collectionName}_renamed`;
    await collection().rename(name);
    expect(await db().collection(name).countDocuments()).to.equal(1);
    expect(await collection().countDocuments()).to.equal(0);
    await collection().insertOne({ _id: 2 as never });
    expect((await refusal(collection().rename(name))).code).to.equal(48);
    await collection().rename(name, { dropTarget: true });
    expect((await db().collection(name).findOne({}))?._id as unknown).to.equal(2);
  });

  it('keep databases apart', async () => {
    await collection().insertOne({ _id: 1 as never });
    const other = client().db(`${db().databaseName}_b`);
    expect(await other.collection(collection().collectionName).countDocuments()).to.equal(0);
    await other.dropDatabase();
  });

  it('refuse a transaction where there is one server', async () => {
    const session = client().startSession();
    const attempt = session.withTransaction(() => collection().insertOne({ a: 1 }, { session }));
    expect((await refusal(attempt)).code).to.equal(20);
    await session.endSession();
  });

  it('serve many at once', async () => {
    const { address, close } = await connect();
    const many = await Promise.all(
      Array.from({ length: 20 }, () => MongoClient.connect(address, { maxPoolSize: 5 })),
    );
    const shared = many.map((one) =>
      one.db(db().databaseName).collection<{ _id: string; n: number }>('shared'),
    );
    const count = (to: (typeof shared)[number]) =>
      to.updateOne({ _id: 'n' }, { $inc: { n: 1 } }, { upsert: true });
    await Promise.all(shared.flatMap((to) => Array.from({ length: 25 }, () => count(to))));
    expect(await shared[0]?.findOne({})).to.deep.equal({ _id: 'n', n: 500 });
    await shared[0]?.drop();
    await Promise.all(many.map((one) => one.close()));
    await close();
  });
});
