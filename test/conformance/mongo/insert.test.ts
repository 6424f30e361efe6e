import { expect } from 'chai';
import {
  Binary,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  MongoBulkWriteError,
} from 'mongodb';
import { idsOf, refusal, withCollection } from './server.js';

describe('inserting documents', () => {
  const { collection, db } = withCollection();

  it('answers with the ids in order', async () => {
    const answer = await collection().insertMany([{ _id: 1 as never }, { _id: 2 as never }]);
    expect(answer.insertedCount).to.equal(2);
    expect(Object.values(answer.insertedIds)).to.deep.equal([1, 2]);
  });

  it('keeps every value as it was given', async () => {
    const document = {
      text: 'Грош, 一, 🐖',
      whole: 42,
      negative: -1.5,
      large: Number.MAX_SAFE_INTEGER,
      yes: true,
      nothing: null,
      when: new Date('2026-11-22T10:00:00.123Z'),
      bytes: new Binary(Buffer.from([0, 1, 255])),
      id: new ObjectId('65f000000000000000000001'),
      inner: { list: [1, 'two', { three: 3 }], empty: {}, none: [] },
      pattern: /^ab+c/i,
      stamp: new Timestamp({ t: 5, i: 2 }),
      decimal: Decimal128.fromString('12345678901234567890.12'),
    };
    const { insertedId } = await collection().insertOne({ ...document });
    const found = await collection().findOne({ _id: insertedId });
    expect(found).to.deep.equal({ _id: insertedId, ...document });
  });

  it('keeps longs beyond what a number holds', async () => {
    const long = Long.fromString('9007199254740993');
    await collection().insertOne({ _id: 1 as never, long });
    const found = await collection().findOne({}, { promoteLongs: false });
    expect(String(found?.['long'])).to.equal('9007199254740993');
  });

  it('keeps the least and the greatest key', async () => {
    await collection().insertOne({ low: new MinKey(), high: new MaxKey() });
    const found = await collection().findOne({});
    expect(found?.['low']).to.be.instanceOf(MinKey);
    expect(found?.['high']).to.be.instanceOf(MaxKey);
  });

  it('takes the numbers of the driver for numbers', async () => {
    await collection().insertOne({ a: new Int32(5), b: new Double(2.5) });
    expect(await collection().countDocuments({ a: 5, b: { $gt: 2 } })).to.equal(1);
  });

  it('refuses an id that is there: 11000 with key and value', async () => {
    await collection().insertOne({ _id: 'a' as never });
    const error = await refusal(collection().insertOne({ _id: 'a' as never }));
    expect(error.code).to.equal(11_000);
    expect(error['keyPattern']).to.deep.equal({ _id: 1 });
    expect(error['keyValue']).to.deep.equal({ _id: 'a' });
    expect(error.message).to.match(/E11000 duplicate key error collection: .+ index: _id_ dup key/);
  });

  it('takes one id and its equal of another type of number for the same', async () => {
    await collection().insertOne({ _id: 1 as never });
    expect(
      (await refusal(collection().insertOne({ _id: Long.fromNumber(1) as never }))).code,
    ).to.equal(11_000);
  });

  it('stops an ordered batch at the first fault and says which', async () => {
    const batch = [{ _id: 1 }, { _id: 1 }, { _id: 2 }] as never[];
    const error = await collection()
      .insertMany(batch)
      .catch((failure: unknown) => failure as MongoBulkWriteError);
    expect(error).to.be.instanceOf(MongoBulkWriteError);
    expect((error as MongoBulkWriteError).insertedCount).to.equal(1);
    expect(await collection().countDocuments()).to.equal(1);
  });

  it('goes on after a fault in an unordered batch', async () => {
    const batch = [{ _id: 1 }, { _id: 1 }, { _id: 2 }] as never[];
    const error = await collection()
      .insertMany(batch, { ordered: false })
      .catch((failure: unknown) => failure as MongoBulkWriteError);
    const { writeErrors } = error as MongoBulkWriteError;
    expect([writeErrors].flat().map(({ index }) => index)).to.deep.equal([1]);
    expect(idsOf(await collection().find().toArray())).to.deep.equal([1, 2]);
  });

  it('refuses an array for an id', async () => {
    expect((await refusal(collection().insertOne({ _id: [1] as never }))).code).to.be.oneOf([
      2, 53,
    ]);
  });

  it('refuses a document beyond 16 MB', async () => {
    const text = 'x'.repeat(17 * 1024 * 1024);
    const outcome = await collection()
      .insertOne({ text })
      .then(
        () => 'taken',
        (error: unknown) => error,
      );
    expect(outcome).to.be.instanceOf(Error);
    expect(await collection().countDocuments()).to.equal(0);
  });

  it('refuses names that no collection may have', async () => {
    const insert = (name: string) => db().command({ insert: name, documents: [{ a: 1 }] });
    expect((await refusal(insert(''))).code).to.equal(73);
    expect((await refusal(insert('a$b'))).code).to.be.oneOf([73, 2]);
  });

  it('refuses an empty batch', async () => {
    const attempt = db().command({ insert: 'none', documents: [] });
    expect((await refusal(attempt)).code).to.equal(16);
  });

  it('takes a large batch in one go', async () => {
    const batch = Array.from({ length: 5_000 }, (_, i) => ({
      _id: i as never,
      text: 'x'.repeat(100),
    }));
    expect((await collection().insertMany(batch)).insertedCount).to.equal(5_000);
    expect(await collection().countDocuments()).to.equal(5_000);
  });

  it('carries out a write that nobody waits for', async () => {
    await collection().insertOne({ _id: 1 as never }, { writeConcern: { w: 0 } });
    for (let i = 0; i < 100 && (await collection().countDocuments()) === 0; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(await collection().countDocuments()).to.equal(1);
  });
});
