import { expect } from 'chai';
import type { Document } from 'mongodb';
import { refusal, withCollection } from './server.js';

const sales = [
  {
    _id: 1,
    shop: 'a',
    amount: 10,
    at: new Date('2026-01-01T10:00:00Z'),
    lines: [{ sku: 'x' }, { sku: 'y' }],
  },
  { _id: 2, shop: 'b', amount: 5, at: new Date('2026-01-01T11:00:00Z'), lines: [{ sku: 'x' }] },
  { _id: 3, shop: 'a', amount: 7, at: new Date('2026-01-02T10:00:00Z'), lines: [] },
];

describe('aggregation', () => {
  const { collection, db } = withCollection();
  const run = (pipeline: Document[]) => collection().aggregate(pipeline).toArray();
  beforeEach(() => collection().insertMany(sales as never[]));

  it('groups and adds up', async () => {
    const sums = await run([
      {
        $group: {
          _id: '$shop',
          total: { $sum: '$amount' },
          n: { $sum: 1 },
          most: { $max: '$amount' },
        },
      },
      { $sort: { _id: 1 } },
    ]);
    expect(sums).to.deep.equal([
      { _id: 'a', total: 17, n: 2, most: 10 },
      { _id: 'b', total: 5, n: 1, most: 5 },
    ]);
  });

  it('filters, sorts, skips and limits', async () => {
    const found = await run([
      { $match: { shop: 'a' } },
      { $sort: { amount: 1 } },
      { $skip: 1 },
      { $limit: 1 },
    ]);
    expect(found.map(({ _id }) => _id as unknown)).to.deep.equal([1]);
  });

  it('unwinds arrays', async () => {
    const counted = await run([
      { $unwind: '$lines' },
      { $group: { _id: '$lines.sku', n: { $sum: 1 } } },
      { $sort: { n: -1 } },
    ]);
    expect(counted).to.deep.equal([
      { _id: 'x', n: 2 },
      { _id: 'y', n: 1 },
    ]);
  });

  it('computes fields', async () => {
    const [first] = await run([
      { $match: { _id: 1 } },
      {
        $project: {
          _id: 0,
          twice: { $multiply: ['$amount', 2] },
          day: { $dateToString: { date: '$at', format: '%Y-%m-%d' } },
        },
      },
    ]);
    expect(first).to.deep.equal({ twice: 20, day: '2026-01-01' });
  });

  it('adds fields without touching what is stored', async () => {
    await run([{ $addFields: { 'extra.deep': 1 } }, { $set: { amount: 0 } }]);
    const [stored] = await collection()
      .find({ _id: 1 as never })
      .toArray();
    expect(stored).to.deep.equal(sales[0]);
  });

  it('joins another collection', async () => {
    const from = `${collection().collectionName}_shops`;
    await db()
      .collection(from)
      .insertMany([{ _id: 'a' as never, city: 'Pskov' }]);
    const [joined] = await run([
      { $match: { _id: 1 } },
      { $lookup: { from, localField: 'shop', foreignField: '_id', as: 'shops' } },
    ]);
    expect(joined?.['shops']).to.deep.equal([{ _id: 'a', city: 'Pskov' }]);
  });

  it('counts, facets and buckets', async () => {
    expect(await run([{ $match: { shop: 'a' } }, { $count: 'n' }])).to.deep.equal([{ n: 2 }]);
    const [facets] = await run([
      { $facet: { all: [{ $count: 'n' }], shops: [{ $sortByCount: '$shop' }] } },
    ]);
    expect(facets?.['all']).to.deep.equal([{ n: 3 }]);
    expect(facets?.['shops']).to.deep.equal([
      { _id: 'a', count: 2 },
      { _id: 'b', count: 1 },
    ]);
  });

  it('hands out its answer in batches', async () => {
    const many = db().collection('many');
    await many.insertMany(Array.from({ length: 350 }, (_, n) => ({ n })));
    const found = await many.aggregate([{ $match: {} }], { batchSize: 50 }).toArray();
    expect(found).to.have.length(350);
  });

  it('refuses a stage that there is not: 40324', async () => {
    const error = await refusal(run([{ $frobnicate: {} }]));
    expect(error.code).to.equal(40_324);
    expect(error.message).to.contain("Unrecognized pipeline stage name: '$frobnicate'");
  });

  it('refuses a stage with two names, and a pipeline that is none', async () => {
    expect((await refusal(run([{ $match: {}, $limit: 1 }]))).code).to.be.oneOf([9, 40_323]);
    const attempt = db().command({ aggregate: 'a', pipeline: 5, cursor: {} });
    expect((await refusal(attempt)).code).to.equal(14);
  });

  it('needs a cursor: 9', async () => {
    expect((await refusal(db().command({ aggregate: 'a', pipeline: [] }))).code).to.equal(9);
  });

  it('refuses an expression that there is not', async () => {
    const attempt = run([{ $project: { a: { $nonsense: 1 } } }]);
    expect((await refusal(attempt)).code).to.be.oneOf([2, 168, 31_325]);
  });
});
