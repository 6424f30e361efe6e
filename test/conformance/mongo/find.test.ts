import { expect } from 'chai';
import { ObjectId, type Document } from 'mongodb';
import { idsOf, refusal, withCollection } from './server.js';

const shop = [
  { _id: 1, name: 'apple', price: 10, tags: ['red', 'sweet'], stock: { home: 5, away: 0 } },
  { _id: 2, name: 'pear', price: 25, tags: ['green'], stock: { home: 0, away: 7 } },
  {
    _id: 3,
    name: 'plum',
    price: 10,
    tags: [],
    lines: [
      { sku: 'a', n: 1 },
      { sku: 'b', n: 5 },
    ],
  },
  { _id: 4, name: 'Quince', price: 'free', tags: null },
  { _id: 5, price: 7.5, lines: [{ sku: 'a', n: 9 }] },
];

const cases: readonly (readonly [title: string, filter: Document, ids: readonly number[]])[] = [
  ['equality', { name: 'pear' }, [2]],
  ['equality of a number and a fraction', { price: 7.5 }, [5]],
  ['equality with an element of an array', { tags: 'red' }, [1]],
  ['equality with a whole array', { tags: ['red', 'sweet'] }, [1]],
  ['a whole array in another order matches not', { tags: ['sweet', 'red'] }, []],
  ['an empty array', { tags: [] }, [3]],
  ['null matches what is null or missing', { tags: null }, [4, 5]],
  ['a path', { 'stock.home': 5 }, [1]],
  ['a path through an array', { 'lines.sku': 'a' }, [3, 5]],
  ['an element by its number', { 'lines.1.sku': 'b' }, [3]],
  ['a whole document', { stock: { home: 5, away: 0 } }, [1]],
  ['a document with its fields in another order is another', { stock: { away: 0, home: 5 } }, []],
  ['$gt among numbers only', { price: { $gt: 9 } }, [1, 2, 3]],
  ['$gte and $lt together', { price: { $gte: 7.5, $lt: 25 } }, [1, 3, 5]],
  ['$lte', { price: { $lte: 7.5 } }, [5]],
  ['$gt among texts only', { price: { $gt: 'a' } }, [4]],
  ['$ne', { price: { $ne: 10 } }, [2, 4, 5]],
  ['$ne of what is missing', { name: { $ne: 'pear' } }, [1, 3, 4, 5]],
  ['$in', { name: { $in: ['pear', 'plum', 'none'] } }, [2, 3]],
  ['$in with null', { name: { $in: [null, 'pear'] } }, [2, 5]],
  ['$in with a pattern', { name: { $in: [/^p/] } }, [2, 3]],
  ['$nin', { name: { $nin: ['pear', 'plum'] } }, [1, 4, 5]],
  ['$exists', { name: { $exists: false } }, [5]],
  ['$exists of null', { tags: { $exists: true } }, [1, 2, 3, 4]],
  ['$type', { price: { $type: 'string' } }, [4]],
  ['$type number', { price: { $type: 'number' } }, [1, 2, 3, 5]],
  ['a pattern', { name: /^p/ }, [2, 3]],
  ['$regex with options', { name: { $regex: '^q', $options: 'i' } }, [4]],
  ['$and', { $and: [{ price: 10 }, { name: 'plum' }] }, [3]],
  ['$or', { $or: [{ price: 25 }, { name: 'plum' }] }, [2, 3]],
  ['$nor', { $nor: [{ price: 10 }, { price: 25 }] }, [4, 5]],
  ['$not', { price: { $not: { $gt: 9 } } }, [4, 5]],
  ['$size', { tags: { $size: 2 } }, [1]],
  ['$all', { tags: { $all: ['sweet', 'red'] } }, [1]],
  ['$elemMatch', { lines: { $elemMatch: { sku: 'a', n: { $gt: 5 } } } }, [5]],
  ['conditions on an array may be met by two elements', { 'lines.sku': 'a', 'lines.n': 5 }, [3]],
  ['$elemMatch of values', { tags: { $elemMatch: { $eq: 'green' } } }, [2]],
  ['$mod', { price: { $mod: [5, 0] } }, [1, 2, 3]],
  ['$expr', { $expr: { $gt: ['$stock.away', '$stock.home'] } }, [2]],
  ['nothing', {}, [1, 2, 3, 4, 5]],
];

describe('finding documents', () => {
  const { collection, db } = withCollection();
  const fill = () => collection().insertMany(shop as never[]);

  for (const [title, filter, ids] of cases) {
    it(`by ${title}`, async () => {
      await fill();
      const found = await collection().find(filter).sort({ _id: 1 }).toArray();
      expect(idsOf(found)).to.deep.equal(ids);
    });
  }

  it('by an id of its own type', async () => {
    const id = new ObjectId();
    await collection().insertMany([{ _id: id, a: 1 }, { a: 2 }]);
    expect(await collection().findOne({ _id: id })).to.deep.equal({ _id: id, a: 1 });
    expect(await collection().findOne({ _id: { $gte: id, $lte: id } })).to.deep.equal({
      _id: id,
      a: 1,
    });
  });

  it('by dates', async () => {
    const at = (day: number) => new Date(Date.UTC(2026, 0, day));
    await collection().insertMany([1, 2, 3].map((day) => ({ _id: day as never, at: at(day) })));
    const found = await collection()
      .find({ at: { $gte: at(2) } })
      .toArray();
    expect(idsOf(found)).to.deep.equal([2, 3]);
  });

  it('in the order in which they came, unless told', async () => {
    await collection().insertMany([3, 1, 2].map((id) => ({ _id: id as never })));
    expect(idsOf(await collection().find().toArray())).to.deep.equal([3, 1, 2]);
  });

  it('sorts by several fields, what is missing first', async () => {
    await fill();
    const found = await collection().find().sort({ price: -1, name: 1 }).toArray();
    expect(idsOf(found)).to.deep.equal([4, 2, 1, 3, 5]);
    const upwards = await collection().find().sort({ name: 1 }).toArray();
    expect(idsOf(upwards)).to.deep.equal([5, 4, 1, 2, 3]);
  });

  it('sorts values of different types by their type', async () => {
    const values = [true, 'a', null, 5, new Date(0), { a: 1 }, [9], new ObjectId(), -1];
    await collection().insertMany(values.map((value, i) => ({ _id: i as never, value })));
    const found = await collection().find().sort({ value: 1 }).toArray();
    expect(idsOf(found)).to.deep.equal([2, 8, 3, 6, 1, 5, 7, 0, 4]);
  });

  it('sorts arrays by their least upwards and their greatest downwards', async () => {
    await collection().insertMany([
      { _id: 1 as never, v: [5, 1] },
      { _id: 2 as never, v: [3] },
      { _id: 3 as never, v: [0, 4] },
    ]);
    expect(idsOf(await collection().find().sort({ v: 1 }).toArray())).to.deep.equal([3, 1, 2]);
    expect(idsOf(await collection().find().sort({ v: -1 }).toArray())).to.deep.equal([1, 3, 2]);
  });

  it('skips and limits', async () => {
    await fill();
    const found = await collection().find().sort({ _id: 1 }).skip(1).limit(2).toArray();
    expect(idsOf(found)).to.deep.equal([2, 3]);
  });

  it('gives the fields asked for', async () => {
    await fill();
    const only = await collection().findOne(
      { _id: 1 as never },
      { projection: { name: 1, 'stock.home': 1 } },
    );
    expect(only).to.deep.equal({ _id: 1, name: 'apple', stock: { home: 5 } });
    const without = await collection().findOne(
      { _id: 2 as never },
      { projection: { _id: 0, tags: 0, stock: 0 } },
    );
    expect(without).to.deep.equal({ name: 'pear', price: 25 });
  });

  it('gives an element, or some, of an array', async () => {
    await fill();
    const sliced = await collection().findOne(
      { _id: 1 as never },
      { projection: { tags: { $slice: 1 } } },
    );
    expect(sliced?.['tags']).to.deep.equal(['red']);
    const matching = await collection().findOne(
      { _id: 3 as never },
      { projection: { lines: { $elemMatch: { n: 5 } } } },
    );
    expect(matching).to.deep.equal({ _id: 3, lines: [{ sku: 'b', n: 5 }] });
  });

  it('refuses to include and exclude at once', async () => {
    await fill();
    const attempt = collection().findOne({}, { projection: { name: 1, price: 0 } });
    expect((await refusal(attempt)).code).to.be.oneOf([2, 31_253, 31_254]);
  });

  it('refuses operators that there are not', async () => {
    await fill();
    expect(
      (
        await refusal(
          collection()
            .find({ a: { $near_by: 1 } })
            .toArray(),
        )
      ).code,
    ).to.equal(2);
    expect((await refusal(collection().find({ $some: [] }).toArray())).code).to.equal(2);
  });

  it('refuses an order that is none', async () => {
    await db().collection('a').insertOne({});
    expect((await refusal(db().command({ find: 'a', sort: { a: 5 } }))).code).to.be.oneOf([
      2, 15_975,
    ]);
  });

  it('refuses fields that the command has not', async () => {
    const error = await refusal(db().command({ find: 'a', filtre: {} }));
    expect(error.code).to.equal(40_415);
    expect(error.message).to.contain("'find.filtre' is an unknown field");
  });

  it('finds nothing where there is no collection', async () => {
    expect(await db().collection('never').find().toArray()).to.deep.equal([]);
    expect(await db().collection('never').countDocuments()).to.equal(0);
  });

  it('counts, with and without a filter', async () => {
    await fill();
    expect(await collection().countDocuments({ price: 10 })).to.equal(2);
    expect(await collection().countDocuments({}, { skip: 1, limit: 3 })).to.equal(3);
    expect(await collection().estimatedDocumentCount()).to.equal(5);
  });

  it('lists the values of a field once', async () => {
    await fill();
    expect((await collection().distinct('tags')).sort()).to.deep.equal(
      [null, 'green', 'red', 'sweet'].sort(),
    );
    expect(await collection().distinct('price', { name: 'plum' })).to.deep.equal([10]);
  });

  it('gives what it found although it is changed meanwhile', async () => {
    await collection().insertMany(
      Array.from({ length: 300 }, (_, i) => ({ _id: i as never, v: 0 })),
    );
    const cursor = collection().find({ v: 0 }).batchSize(100);
    await cursor.next();
    expect(await cursor.toArray()).to.have.length(299);
  });
});
