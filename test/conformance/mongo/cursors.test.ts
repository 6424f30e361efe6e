import { expect } from 'chai';
import { type Document, Long } from 'mongodb';
import { refusal, withCollection } from './server.js';

describe('cursors', () => {
  const { collection, db } = withCollection();
  /** As the server gave it: a cursor's id has to come back as a long. */
  const command = (document: Document) => db().command(document, { promoteLongs: false });
  const fill = (count: number) =>
    collection().insertMany(Array.from({ length: count }, (_, i) => ({ _id: i as never })));

  it('give 101 documents first and the rest when asked', async () => {
    await fill(250);
    const name = collection().collectionName;
    const first = await command({ find: name });
    expect(first['cursor'].firstBatch).to.have.length(101);
    const more = await command({ getMore: first['cursor'].id, collection: name });
    expect(more['cursor'].nextBatch).to.have.length(149);
    expect(String(more['cursor'].id)).to.equal('0');
  });

  it('keep to the size of a batch', async () => {
    await fill(10);
    const name = collection().collectionName;
    const first = await command({ find: name, batchSize: 3 });
    expect(first['cursor'].firstBatch).to.have.length(3);
    const more = await command({
      getMore: first['cursor'].id,
      collection: name,
      batchSize: 4,
    });
    expect(more['cursor'].nextBatch).to.have.length(4);
    expect(String(more['cursor'].id)).to.not.equal('0');
  });

  it('give nothing first where the batch is to be empty', async () => {
    await fill(3);
    const first = await command({ find: collection().collectionName, batchSize: 0 });
    expect(first['cursor'].firstBatch).to.have.length(0);
    expect(String(first['cursor'].id)).to.not.equal('0');
  });

  it('end with one batch where that was asked', async () => {
    await fill(10);
    const answer = await command({
      find: collection().collectionName,
      batchSize: 2,
      singleBatch: true,
    });
    expect(String(answer['cursor'].id)).to.equal('0');
  });

  it('are not found once they are through: 43', async () => {
    const attempt = command({ getMore: Long.fromNumber(123_456), collection: 'a' });
    const error = await refusal(attempt);
    expect(error.code).to.equal(43);
    expect(error.codeName).to.equal('CursorNotFound');
  });

  it('belong to their collection', async () => {
    await fill(200);
    const first = await command({ find: collection().collectionName });
    const attempt = command({ getMore: first['cursor'].id, collection: 'another' });
    expect((await refusal(attempt)).code).to.be.oneOf([13, 43]);
  });

  it('can be killed', async () => {
    await fill(200);
    const name = collection().collectionName;
    const { cursor } = await command({ find: name });
    const killed = await command({ killCursors: name, cursors: [cursor.id] });
    expect(killed['cursorsKilled'].map(String)).to.deep.equal([String(cursor.id)]);
    expect((await refusal(command({ getMore: cursor.id, collection: name }))).code).to.equal(43);
  });

  it('go through many documents by themselves', async () => {
    await fill(2_500);
    let seen = 0;
    for await (const { _id } of collection().find().sort({ _id: 1 }).batchSize(99)) {
      expect(_id as unknown).to.equal(seen);
      seen += 1;
    }
    expect(seen).to.equal(2_500);
  });

  it('keep a batch below 16 MB', async () => {
    const text = 'x'.repeat(3 * 1024 * 1024);
    for (let i = 0; i < 8; i += 1) await collection().insertOne({ _id: i as never, text });
    const { cursor } = await command({ find: collection().collectionName });
    expect(cursor.firstBatch.length).to.be.lessThan(8);
    expect((await collection().find().toArray()).length).to.equal(8);
  });
});
