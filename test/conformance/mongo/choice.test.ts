/** Which index a server takes where several would do, and what it may cost. */
import { expect } from 'chai';
import type { Document } from 'mongodb';
import { idsOf, refusal, withCollection } from './server.js';

const stagesOf = (stage: Document | undefined): Document[] =>
  stage ? [stage, ...stagesOf(stage['inputStage'] as Document | undefined)] : [];

describe('the choice among indexes', () => {
  const { collection } = withCollection();
  const cars = () =>
    Array.from({ length: 1_000 }, (_, n) => ({
      _id: n as never,
      ...{ topic: 'cars', place: n, words: ['car', `number${n % 250}`] },
      data: { price: n, brand: n % 2 ? 'Lada' : 'Volvo' },
    }));
  const latest = async (filter: Document) => {
    const cursor = collection().find(filter).sort({ place: -1 }).limit(10);
    const explained = await cursor.clone().explain('executionStats');
    const stages = stagesOf(explained['queryPlanner'].winningPlan as Document);
    return {
      ids: idsOf(await cursor.toArray()),
      index: stages.find(({ stage }) => stage === 'IXSCAN')?.['indexName'] as unknown,
      sorts: stages.some(({ stage }) => stage === 'SORT'),
      looked: explained['executionStats'].totalDocsExamined as number,
    };
  };
  beforeEach(async () => {
    await collection().insertMany(cars());
    await collection().createIndexes([
      { key: { topic: 1, place: 1 }, name: 'place' },
      { key: { topic: 1, words: 1, place: 1 }, name: 'words' },
      { key: { 'data.$**': 1 }, name: 'data' },
    ]);
  });

  it('looks a rare value up and sorts the few that have it', async () => {
    const found = await latest({ topic: 'cars', 'data.price': 417 });
    expect(found).to.deep.include({ ids: [417], index: 'data', looked: 1 });
  });

  it('goes along the order for a frequent one, as far as the page reaches', async () => {
    const { ids, index, looked } = await latest({ topic: 'cars', 'data.brand': 'Lada' });
    expect(ids).to.deep.equal([999, 997, 995, 993, 991, 989, 987, 985, 983, 981]);
    expect(index).to.equal('place');
    expect(looked).to.be.lessThan(25);
  });

  it('gives the order of what has one word of many without a sort', async () => {
    const found = await latest({ topic: 'cars', words: 'number7' });
    expect(found).to.deep.include({ ids: [757, 507, 257, 7], index: 'words', sorts: false });
  });

  it('takes the rarer of two words', async () => {
    const found = await latest({ topic: 'cars', $and: [{ words: 'car' }, { words: 'number7' }] });
    expect(found).to.deep.include({ ids: [757, 507, 257, 7], index: 'words', looked: 4 });
  });

  it('looks between both ends of a range where there are no arrays', async () => {
    const found = await latest({ topic: 'cars', 'data.price': { $gte: 100, $lt: 103 } });
    expect(found).to.deep.include({ ids: [102, 101, 100], index: 'data', looked: 3 });
  });

  it('breaks a search off that takes longer than it may: 50', async () => {
    const slow = Array.from({ length: 60 }, (_, i) => ({
      'data.brand': { $not: { $eq: `x${i}` } },
    }));
    const search = collection()
      .find({ $and: slow, 'data.price': -1 })
      .hint({ $natural: 1 })
      .maxTimeMS(1);
    expect((await refusal(search.toArray())).code).to.equal(50);
  });
});
