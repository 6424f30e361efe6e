import { expect } from 'chai';
import type { Document } from 'mongodb';
import { refusal, withCollection } from './server.js';

type Case = readonly [title: string, before: Document, update: Document, after: Document];

const cases: readonly Case[] = [
  ['$set', { a: 1 }, { $set: { a: 2, b: 'x' } }, { a: 2, b: 'x' }],
  ['$set of a path', { a: { b: 1 } }, { $set: { 'a.c': 2 } }, { a: { b: 1, c: 2 } }],
  ['$set of a path that is not there', {}, { $set: { 'a.b.c': 1 } }, { a: { b: { c: 1 } } }],
  ['$set of an element', { a: [1, 2, 3] }, { $set: { 'a.1': 9 } }, { a: [1, 9, 3] }],
  ['$unset', { a: 1, b: { c: 2, d: 3 } }, { $unset: { a: '', 'b.c': '' } }, { b: { d: 3 } }],
  ['$inc', { a: 1 }, { $inc: { a: 4, b: -2 } }, { a: 5, b: -2 }],
  ['$mul', { a: 3 }, { $mul: { a: 4, b: 2 } }, { a: 12, b: 0 }],
  ['$min and $max', { a: 5, b: 5 }, { $min: { a: 3 }, $max: { b: 9 } }, { a: 3, b: 9 }],
  ['$max that changes nothing', { a: 5 }, { $max: { a: 3 } }, { a: 5 }],
  ['$rename', { a: 1, x: 2 }, { $rename: { a: 'b' } }, { x: 2, b: 1 }],
  ['$push', { a: [1] }, { $push: { a: 2 } }, { a: [1, 2] }],
  ['$push to what is not there', {}, { $push: { a: 2 } }, { a: [2] }],
  ['$push of several', { a: [1] }, { $push: { a: { $each: [2, 3] } } }, { a: [1, 2, 3] }],
  [
    '$push with a slice',
    { a: [1, 2] },
    { $push: { a: { $each: [3], $slice: -2 } } },
    { a: [2, 3] },
  ],
  [
    '$push with a place',
    { a: [1, 2] },
    { $push: { a: { $each: [9], $position: 0 } } },
    { a: [9, 1, 2] },
  ],
  [
    '$push with an order',
    { a: [3, 1] },
    { $push: { a: { $each: [2], $sort: 1 } } },
    { a: [1, 2, 3] },
  ],
  ['$addToSet', { a: [1, 2] }, { $addToSet: { a: 2 } }, { a: [1, 2] }],
  ['$addToSet of several', { a: [1] }, { $addToSet: { a: { $each: [1, 2] } } }, { a: [1, 2] }],
  ['$pop', { a: [1, 2, 3] }, { $pop: { a: 1 } }, { a: [1, 2] }],
  ['$pop of the first', { a: [1, 2, 3] }, { $pop: { a: -1 } }, { a: [2, 3] }],
  ['$pull of a value', { a: [1, 2, 1] }, { $pull: { a: 1 } }, { a: [2] }],
  [
    '$pull by a condition',
    { a: [{ n: 1 }, { n: 5 }] },
    { $pull: { a: { n: { $gt: 3 } } } },
    { a: [{ n: 1 }] },
  ],
  ['$pullAll', { a: [1, 2, 3, 1] }, { $pullAll: { a: [1, 3] } }, { a: [2] }],
  ['$bit', { a: 12 }, { $bit: { a: { or: 3 } } }, { a: 15 }],
  ['every element', { a: [1, 2] }, { $inc: { 'a.$[]': 10 } }, { a: [11, 12] }],
];

describe('updating documents', () => {
  const { collection, db } = withCollection();

  for (const [title, before, update, after] of cases) {
    it(`by ${title}`, async () => {
      await collection().insertOne({ _id: 1 as never, ...before });
      await collection().updateOne({ _id: 1 as never }, update);
      expect(await collection().findOne({})).to.deep.equal({ _id: 1, ...after });
    });
  }

  it('says how many it found and how many it changed', async () => {
    await collection().insertMany([{ a: 1 }, { a: 1 }, { a: 2 }]);
    const many = await collection().updateMany({ a: 1 }, { $set: { b: 1 } });
    expect([many.matchedCount, many.modifiedCount]).to.deep.equal([2, 2]);
    const again = await collection().updateMany({ a: 1 }, { $set: { b: 1 } });
    expect([again.matchedCount, again.modifiedCount]).to.deep.equal([2, 0]);
    const one = await collection().updateOne({ a: 1 }, { $inc: { c: 1 } });
    expect([one.matchedCount, one.modifiedCount]).to.deep.equal([1, 1]);
  });

  it('changes the element that the filter met', async () => {
    await collection().insertOne({
      _id: 1 as never,
      a: [
        { k: 'x', n: 1 },
        { k: 'y', n: 2 },
      ],
    });
    await collection().updateOne({ 'a.k': 'y' }, { $set: { 'a.$.n': 9 } });
    expect((await collection().findOne({}))?.['a']).to.deep.equal([
      { k: 'x', n: 1 },
      { k: 'y', n: 9 },
    ]);
  });

  it('changes the elements that array filters name', async () => {
    await collection().insertOne({ a: [{ n: 1 }, { n: 5 }, { n: 9 }] });
    await collection().updateOne(
      {},
      { $set: { 'a.$[big].flag': true } },
      { arrayFilters: [{ 'big.n': { $gte: 5 } }] },
    );
    expect((await collection().findOne({}))?.['a']).to.deep.equal([
      { n: 1 },
      { n: 5, flag: true },
      { n: 9, flag: true },
    ]);
  });

  it('replaces a document, its id excepted', async () => {
    await collection().insertOne({ _id: 1 as never, a: 1 });
    await collection().replaceOne({ a: 1 }, { b: 2 });
    expect(await collection().findOne({})).to.deep.equal({ _id: 1, b: 2 });
  });

  it('updates by a pipeline', async () => {
    await collection().insertOne({ _id: 1 as never, a: 2, b: 3 });
    await collection().updateOne({}, [{ $set: { sum: { $add: ['$a', '$b'] } } }, { $unset: 'b' }]);
    expect(await collection().findOne({})).to.deep.equal({ _id: 1, a: 2, sum: 5 });
  });

  it('inserts where nothing was found and that was asked', async () => {
    const answer = await collection().updateOne(
      { _id: 7 as never, kind: 'x', n: { $gt: 1 } },
      { $set: { a: 1 }, $setOnInsert: { b: 2 } },
      { upsert: true },
    );
    expect(answer.upsertedId as unknown).to.equal(7);
    expect(answer.upsertedCount).to.equal(1);
    expect(await collection().findOne({})).to.deep.equal({ _id: 7, kind: 'x', a: 1, b: 2 });
    await collection().updateOne(
      { _id: 7 as never },
      { $set: { a: 5 }, $setOnInsert: { b: 9 } },
      { upsert: true },
    );
    expect(await collection().findOne({})).to.deep.equal({ _id: 7, kind: 'x', a: 5, b: 2 });
  });

  it('inserts a replacement', async () => {
    await collection().replaceOne({ _id: 3 as never }, { a: 1 }, { upsert: true });
    expect(await collection().findOne({})).to.deep.equal({ _id: 3, a: 1 });
  });

  it('counts up from nothing', async () => {
    const count = () =>
      collection().updateOne({ _id: 'n' as never }, { $inc: { n: 1 } }, { upsert: true });
    await count();
    await count();
    expect(await collection().findOne({})).to.deep.equal({ _id: 'n', n: 2 });
  });

  it('guards a write by the position that the document carries', async () => {
    await collection().insertOne({ _id: 1 as never, position: 5, v: 'new' });
    const late = await collection().updateOne(
      { _id: 1 as never, position: { $lt: 3 } },
      { $set: { v: 'old' } },
    );
    expect(late.matchedCount).to.equal(0);
  });

  it('sets the present time', async () => {
    await collection().insertOne({ _id: 1 as never });
    await collection().updateOne({}, { $currentDate: { at: true } });
    const at = (await collection().findOne({}))?.['at'] as Date;
    expect(Math.abs(at.getTime() - Date.now())).to.be.lessThan(60_000);
  });

  it('refuses to change an id: 66', async () => {
    await collection().insertOne({ _id: 1 as never });
    const error = await refusal(collection().updateOne({}, { $set: { _id: 2 } as never }));
    expect(error.code).to.equal(66);
    await collection().updateOne({}, { $set: { _id: 1, a: 1 } as never });
    expect(await collection().findOne({})).to.deep.equal({ _id: 1, a: 1 });
  });

  it('refuses an operator that there is not: 9', async () => {
    const attempt = db().command({ update: 'a', updates: [{ q: {}, u: { $grow: { a: 1 } } }] });
    await collection().insertOne({});
    const answer = await attempt.catch((error: unknown) => error as Document);
    const code = answer['writeErrors']?.[0]?.code ?? answer['code'];
    expect(code).to.equal(9);
  });

  it('refuses to add to what is no number: 14', async () => {
    await collection().insertOne({ a: 'x' });
    expect((await refusal(collection().updateOne({}, { $inc: { a: 1 } }))).code).to.equal(14);
    expect(await collection().findOne({}, { projection: { _id: 0 } })).to.deep.equal({ a: 'x' });
  });

  it('refuses to push to what is no array: 2', async () => {
    await collection().insertOne({ a: 1 });
    expect((await refusal(collection().updateOne({}, { $push: { a: 1 } as never }))).code).to.equal(
      2,
    );
  });

  it('refuses a path through what has no fields: 28', async () => {
    await collection().insertOne({ a: 1 });
    expect((await refusal(collection().updateOne({}, { $set: { 'a.b': 1 } }))).code).to.equal(28);
  });

  it('refuses two changes of one path: 40', async () => {
    await collection().insertOne({ a: 1 });
    const attempt = collection().updateOne({}, { $set: { a: 1 }, $inc: { a: 1 } });
    expect((await refusal(attempt)).code).to.equal(40);
  });

  it('refuses to replace many', async () => {
    const updates = [{ q: {}, u: { a: 1 }, multi: true }];
    const answer = await db()
      .command({ update: 'a', updates })
      .catch((error: unknown) => error as Document);
    expect(answer['writeErrors']?.[0]?.code ?? answer['code']).to.equal(9);
  });

  it('changes nothing where a unique index forbids it', async () => {
    await collection().createIndex({ n: 1 }, { unique: true });
    await collection().insertMany([
      { _id: 1 as never, n: 1 },
      { _id: 2 as never, n: 2 },
    ]);
    const error = await refusal(collection().updateOne({ _id: 2 as never }, { $set: { n: 1 } }));
    expect(error.code).to.equal(11_000);
    expect((await collection().findOne({ _id: 2 as never }))?.['n']).to.equal(2);
  });

  it('does several in one batch', async () => {
    const answer = await collection().bulkWrite([
      { insertOne: { document: { _id: 1 as never, a: 1 } } },
      { updateOne: { filter: { _id: 1 as never }, update: { $inc: { a: 1 } } } },
      { replaceOne: { filter: { _id: 2 as never }, replacement: { a: 9 }, upsert: true } },
      { deleteOne: { filter: { a: 2 } } },
    ]);
    expect([
      answer.insertedCount,
      answer.modifiedCount,
      answer.upsertedCount,
      answer.deletedCount,
    ]).to.deep.equal([1, 1, 1, 1]);
  });

  it('removes one or all that match', async () => {
    await collection().insertMany([{ a: 1 }, { a: 1 }, { a: 1 }, { a: 2 }]);
    expect((await collection().deleteOne({ a: 1 })).deletedCount).to.equal(1);
    expect((await collection().deleteMany({ a: 1 })).deletedCount).to.equal(2);
    expect(await collection().countDocuments()).to.equal(1);
  });
});

describe('finding and modifying', () => {
  const { collection } = withCollection();

  it('answers with the document before or after', async () => {
    await collection().insertOne({ _id: 1 as never, n: 1 });
    const inc = { $inc: { n: 1 } };
    expect(await collection().findOneAndUpdate({}, inc)).to.deep.equal({ _id: 1, n: 1 });
    const after = await collection().findOneAndUpdate({}, inc, { returnDocument: 'after' });
    expect(after).to.deep.equal({ _id: 1, n: 3 });
  });

  it('takes the first by an order', async () => {
    await collection().insertMany([
      { _id: 1 as never, n: 5 },
      { _id: 2 as never, n: 9 },
    ]);
    const taken = await collection().findOneAndDelete({}, { sort: { n: -1 } });
    expect(taken?._id as unknown).to.equal(2);
    expect(await collection().countDocuments()).to.equal(1);
  });

  it('inserts where asked, and answers null where nothing was', async () => {
    expect(await collection().findOneAndUpdate({ _id: 1 as never }, { $set: { a: 1 } })).to.equal(
      null,
    );
    const options = { upsert: true, returnDocument: 'after' } as const;
    const made = await collection().findOneAndUpdate(
      { _id: 1 as never },
      { $set: { a: 1 } },
      options,
    );
    expect(made).to.deep.equal({ _id: 1, a: 1 });
  });

  it('gives the fields asked for, and says what happened', async () => {
    await collection().insertOne({ _id: 1 as never, a: 1, b: 2 });
    const answer = await collection().findOneAndReplace(
      { _id: 1 as never },
      { a: 5 },
      { projection: { a: 1, _id: 0 }, includeResultMetadata: true },
    );
    expect(answer.value as unknown).to.deep.equal({ a: 1 });
    expect(answer.lastErrorObject).to.deep.include({ n: 1, updatedExisting: true });
  });
});
