import { expect } from 'chai';
import type { Document } from 'mongodb';
import { idsOf, refusal, withCollection } from './server.js';

/** Every stage of the winning plan, outermost first. */
const stagesOf = (explained: Document): Document[] => {
  const stages: Document[] = [];
  for (let stage = explained['queryPlanner'].winningPlan as Document | undefined; stage;) {
    stages.push(stage);
    stage = (stage['inputStage'] ?? stage['queryPlan']) as Document | undefined;
  }
  return stages;
};

const indexOf = (explained: Document): string =>
  String(stagesOf(explained).find(({ stage }) => stage === 'IXSCAN')?.['indexName'] ?? 'none');

describe('indexes', () => {
  const { collection, db } = withCollection();
  const explain = (filter: Document, sort: Document = {}) =>
    collection()
      .find(filter)
      .sort(sort as never)
      .explain('executionStats');

  it('are there for ids from the beginning', async () => {
    await collection().insertOne({});
    expect((await collection().indexes()).map(({ name }) => name)).to.deep.equal(['_id_']);
  });

  it('are made once, and listed as they were asked for', async () => {
    await collection().createIndex({ a: 1, b: -1 });
    await collection().createIndex({ a: 1, b: -1 });
    await collection().createIndex({ c: 1 }, { unique: true, sparse: true, name: 'only' });
    const listed = await collection().indexes();
    expect(listed.map(({ name, key }) => [name, key])).to.deep.equal([
      ['_id_', { _id: 1 }],
      ['a_1_b_-1', { a: 1, b: -1 }],
      ['only', { c: 1 }],
    ]);
    expect(listed[2]).to.deep.include({ unique: true, sparse: true });
  });

  it('refuse another key under a name: 86', async () => {
    await collection().createIndex({ a: 1 }, { name: 'x' });
    expect((await refusal(collection().createIndex({ b: 1 }, { name: 'x' }))).code).to.equal(86);
  });

  it('refuse a key under another name: 85', async () => {
    await collection().createIndex({ a: 1 }, { name: 'x' });
    expect((await refusal(collection().createIndex({ a: 1 }, { name: 'y' }))).code).to.equal(85);
  });

  it('refuse to be unique over documents that are not: 11000', async () => {
    await collection().insertMany([{ a: 1 }, { a: 1 }]);
    expect((await refusal(collection().createIndex({ a: 1 }, { unique: true }))).code).to.equal(
      11_000,
    );
    expect(await collection().indexes()).to.have.length(1);
  });

  it('refuse a second document with a key, naming it', async () => {
    await collection().createIndex({ tenant: 1, n: 1 }, { unique: true });
    await collection().insertMany([
      { tenant: 'a', n: 1 },
      { tenant: 'b', n: 1 },
    ]);
    const error = await refusal(collection().insertOne({ tenant: 'a', n: 1 }));
    expect(error['keyValue']).to.deep.equal({ tenant: 'a', n: 1 });
  });

  it('count what is missing as null, unless sparse', async () => {
    await collection().createIndex({ n: 1 }, { unique: true });
    await collection().insertOne({ a: 1 });
    expect((await refusal(collection().insertOne({ a: 2 }))).code).to.equal(11_000);
    const sparse = db().collection('sparse');
    await sparse.createIndex({ n: 1 }, { unique: true, sparse: true });
    await sparse.insertMany([{ a: 1 }, { a: 2 }]);
    expect(await sparse.countDocuments({ n: null })).to.equal(2);
  });

  it('are unique among those that a partial filter takes in', async () => {
    const partialFilterExpression = { active: true };
    await collection().createIndex({ n: 1 }, { unique: true, partialFilterExpression });
    await collection().insertMany([
      { n: 1, active: false },
      { n: 1, active: false },
      { n: 1, active: true },
    ]);
    expect((await refusal(collection().insertOne({ n: 1, active: true }))).code).to.equal(11_000);
  });

  it('let an element be in one document only, where unique', async () => {
    await collection().createIndex({ codes: 1 }, { unique: true });
    await collection().insertOne({ codes: ['a', 'b'] });
    expect((await refusal(collection().insertOne({ codes: ['b', 'c'] }))).code).to.equal(11_000);
  });

  it('answer equality, lists and ranges, and look at no more than that', async () => {
    await collection().createIndex({ kind: 1, n: 1 });
    const documents = Array.from({ length: 1_000 }, (_, i) => ({ kind: `k${i % 10}`, n: i }));
    await collection().insertMany(documents);
    const looked: readonly (readonly [Document, number])[] = [
      [{ kind: 'k3' }, 100],
      [{ kind: 'k3', n: 503 }, 1],
      [{ kind: 'k3', n: { $gte: 100, $lt: 200 } }, 10],
      [{ kind: { $in: ['k1', 'k2'] } }, 200],
      [{ kind: /^k3/ }, 100],
    ];
    for (const [filter, count] of looked) {
      const explained = await explain(filter);
      expect(indexOf(explained)).to.equal('kind_1_n_1');
      expect(explained['executionStats'].nReturned).to.equal(count);
      expect(explained['executionStats'].totalDocsExamined).to.equal(count);
    }
    expect(indexOf(await explain({ n: 5 }))).to.equal('none');
  });

  it('give the order asked for, either way round, without a sort', async () => {
    await collection().createIndex({ kind: 1, n: 1 });
    await collection().insertMany([5, 3, 9, 1].map((n) => ({ _id: n as never, kind: 'a', n })));
    for (const [direction, ids] of [
      [1, [1, 3, 5, 9]],
      [-1, [9, 5, 3, 1]],
    ] as const) {
      const found = await collection().find({ kind: 'a' }).sort({ n: direction }).toArray();
      expect(idsOf(found)).to.deep.equal(ids);
      const explained = await explain({ kind: 'a' }, { n: direction });
      expect(stagesOf(explained).map(({ stage }) => stage as unknown)).to.not.include('SORT');
    }
    expect(
      stagesOf(await explain({}, { other: 1 })).map(({ stage }) => stage as unknown),
    ).to.include('SORT');
  });

  it('look at no more than a page in order', async () => {
    await collection().createIndex({ n: -1 });
    await collection().insertMany(Array.from({ length: 500 }, (_, n) => ({ n })));
    const explained = await collection()
      .find({ n: { $lt: 400 } })
      .sort({ n: -1 })
      .limit(10)
      .explain('executionStats');
    expect(explained['executionStats'].totalDocsExamined).to.be.lessThan(12);
  });

  it('reach into arrays and documents', async () => {
    await collection().createIndex({ 'lines.sku': 1 });
    await collection().insertMany([
      { _id: 1 as never, lines: [{ sku: 'a' }, { sku: 'b' }] },
      { _id: 2 as never, lines: [{ sku: 'c' }] },
    ]);
    expect(idsOf(await collection().find({ 'lines.sku': 'b' }).toArray())).to.deep.equal([1]);
    expect(indexOf(await explain({ 'lines.sku': 'b' }))).to.equal('lines.sku_1');
    await collection().updateOne({ _id: 1 as never }, { $pull: { lines: { sku: 'b' } } as never });
    expect(await collection().countDocuments({ 'lines.sku': 'b' })).to.equal(0);
  });

  it('meet a range by two elements of an array', async () => {
    await collection().createIndex({ n: 1 });
    await collection().insertMany([
      { _id: 1 as never, n: [2, 9] },
      { _id: 2 as never, n: 4 },
    ]);
    const found = await collection()
      .find({ n: { $gt: 5, $lt: 3 } })
      .toArray();
    expect(idsOf(found)).to.deep.equal([1]);
  });

  it('of every path below one answer for any of them', async () => {
    await collection().createIndex({ 'data.$**': 1 });
    await collection().insertMany([
      { _id: 1 as never, data: { car: { brand: 'Lada', year: 2020 } } },
      { _id: 2 as never, data: { car: { brand: 'Volvo', year: 2024 }, price: 5 } },
    ]);
    expect(idsOf(await collection().find({ 'data.car.brand': 'Volvo' }).toArray())).to.deep.equal([
      2,
    ]);
    expect(
      idsOf(
        await collection()
          .find({ 'data.car.year': { $gte: 2021 } })
          .toArray(),
      ),
    ).to.deep.equal([2]);
    expect(indexOf(await explain({ 'data.price': 5 }))).to.equal('data.$**_1');
  });

  it('obey a hint, and refuse one at nothing', async () => {
    await collection().createIndex({ a: 1 });
    await collection().insertMany([{ a: 1 }, { a: 2 }]);
    const hinted = await collection()
      .find({ a: 1 })
      .hint({ $natural: 1 })
      .explain('executionStats');
    expect(indexOf(hinted)).to.equal('none');
    expect((await refusal(collection().find({}).hint('nobody').toArray())).code).to.equal(2);
  });

  it('are dropped by name, by key, or all', async () => {
    await collection().createIndexes([{ key: { a: 1 } }, { key: { b: 1 } }, { key: { c: 1 } }]);
    await collection().dropIndex('a_1');
    await db().command({ dropIndexes: collection().collectionName, index: { b: 1 } });
    expect(await collection().indexes()).to.have.length(2);
    await collection().dropIndexes();
    expect(await collection().indexes()).to.have.length(1);
    expect((await refusal(collection().dropIndex('a_1'))).code).to.equal(27);
    expect((await refusal(collection().dropIndex('_id_'))).code).to.equal(72);
  });

  it('are not listed where there is no collection: 26', async () => {
    expect((await refusal(db().collection('never').indexes())).code).to.equal(26);
  });

  it('stay right through many changes', async () => {
    await collection().createIndex({ n: 1 });
    const expected = new Map<number, number>();
    for (let i = 0; i < 400; i += 1) {
      const id = (i * 7) % 120;
      const n = (i * 31) % 50;
      if (i % 5 === 4) {
        await collection().deleteOne({ _id: id as never });
        expected.delete(id);
      } else {
        await collection().updateOne({ _id: id as never }, { $set: { n } }, { upsert: true });
        expected.set(id, n);
      }
    }
    for (let n = 0; n < 50; n += 1) {
      const ids = [...expected].filter(([, value]) => value === n).map(([id]) => id);
      const found = await collection().find({ n }).sort({ _id: 1 }).toArray();
      expect(idsOf(found)).to.deep.equal(ids.sort((a, b) => a - b));
    }
  });
});

describe('texts', () => {
  const { collection } = withCollection();
  const fill = async () => {
    await collection().createIndex({ title: 'text', 'data.note': 'text' });
    await collection().insertMany([
      { _id: 1 as never, title: 'Car chosen', data: { note: 'red Lada with heated seats' } },
      { _id: 2 as never, title: 'Loan asked for', data: { note: 'for a red car' } },
      { _id: 3 as never, title: 'Потёртый сундук', data: { note: 'blue' } },
    ]);
  };
  const search = async ($search: string) =>
    idsOf(await collection().find({ $text: { $search } }).sort({ _id: 1 }).toArray());

  it('are found by any of their words, whatever their case', async () => {
    await fill();
    expect(await search('CAR')).to.deep.equal([1, 2]);
    expect(await search('lada blue')).to.deep.equal([1, 3]);
    expect(await search('nothing')).to.deep.equal([]);
  });

  it('are found by a phrase and without a word', async () => {
    await fill();
    expect(await search('"red car"')).to.deep.equal([2]);
    expect(await search('red -loan')).to.deep.equal([1]);
  });

  it('are found together with other conditions', async () => {
    await fill();
    const filter = { $text: { $search: 'red' }, _id: { $gt: 1 as never } };
    expect(idsOf(await collection().find(filter).toArray())).to.deep.equal([2]);
  });

  it('come with their score, and by it', async () => {
    await fill();
    const score = { $meta: 'textScore' } as const;
    const found = await collection()
      .find({ $text: { $search: 'lada red' } }, { projection: { score } })
      .sort({ score })
      .toArray();
    expect(idsOf(found)).to.deep.equal([1, 2]);
    expect(found[0]?.['score']).to.be.greaterThan(found[1]?.['score'] as number);
  });

  it('follow changes', async () => {
    await fill();
    await collection().updateOne({ _id: 1 as never }, { $set: { title: 'Boat chosen' } });
    expect(await search('boat')).to.deep.equal([1]);
    await collection().deleteOne({ _id: 1 as never });
    expect(await search('boat')).to.deep.equal([]);
  });

  it('need an index: 27', async () => {
    await collection().insertOne({ a: 1 });
    expect(
      (
        await refusal(
          collection()
            .find({ $text: { $search: 'a' } })
            .toArray(),
        )
      ).code,
    ).to.equal(27);
  });
});
