/** Indexes after any history of insertions, changes and deletions are as if what is there now had just been inserted. */
import type { Document } from 'bson';
import { expect } from 'chai';
import fc from 'fast-check';
import { Collection } from '../../../embedded/mongo/store/collection.js';
import { indexSpecOf } from '../../../embedded/mongo/store/indexSpec.js';
import type { StoredDocument } from '../../../embedded/mongo/store/storedDocument.js';

const keys = [
  { tenant: 1, status: 1, at: 1, id: 1 },
  { tenant: 1, words: 1, at: 1, id: 1 },
  { at: -1 },
  { 'deep.words': 1, status: -1, id: 1 },
];

const opened = (): Collection => {
  const collection = new Collection('test.things', () => () => true);
  for (const key of keys) {
    collection.createIndex(indexSpecOf({ v: 2, name: Object.keys(key).join('_'), key }));
  }
  return collection;
};

const documentOf = (id: number, seed: number): Document => ({
  _id: id,
  id: String((id * 7_919) % 1_000),
  tenant: 'shop',
  status: ['accepted', 'sending', 'delivered'][seed % 3],
  at: seed % 7 === 0 ? null : new Date(1_000 * (id >> 3) + (seed % 2)),
  words: Array.from({ length: seed % 4 }, (_, at) => `word${(seed >> at) % 5}`),
  ...(seed % 5 === 0
    ? {}
    : { deep: [{ words: ['a', `b${seed % 3}`] }, { words: `c${seed % 2}` }] }),
});

const shown = (collection: Collection): unknown[][] =>
  collection.ordered.map(({ keys: entries }) =>
    [...entries.range(null, null)].map(({ key, of }) => [...key, of.document['_id']]),
  );

const change = fc.record({
  kind: fc.constantFrom('insert', 'insert', 'insert', 'change', 'change', 'delete'),
  place: fc.nat(1_000_000),
  seed: fc.nat(1_000),
});

describe('an index of documents', () => {
  it('is after any history as if what is there had just been inserted', () => {
    const history = fc.array(change, { minLength: 1_000, maxLength: 2_500, size: 'max' });
    fc.assert(
      fc.property(history, (changes) => {
        const collection = opened();
        const there: StoredDocument[] = [];
        let ids = 0;
        for (const { kind, place, seed } of changes) {
          const at = place % Math.max(1, there.length);
          const stored = there[at];
          if (kind === 'insert') there.push(collection.insert(documentOf((ids += 1), seed)));
          else if (stored && kind === 'change') {
            collection.replace(stored, documentOf(Number(stored.document['_id']), seed));
          } else if (stored) {
            collection.remove(stored);
            there.splice(at, 1);
          }
        }
        const fresh = opened();
        there.sort((a, b) => a.number - b.number);
        for (const { document } of there) fresh.insert(structuredClone(document));
        expect(shown(collection)).to.deep.equal(shown(fresh));
        for (const { keys: entries } of collection.ordered) {
          expect(entries.size).to.equal([...entries.range(null, null)].length);
          expect(entries.count(null, null)).to.equal(entries.size);
        }
      }),
      { numRuns: 4 },
    );
  });

  it('refuses a value that is unique and there, also in what a document becomes', () => {
    const collection = new Collection('test.things', () => () => true);
    collection.createIndex(indexSpecOf({ v: 2, name: 'code', key: { code: 1 }, unique: true }));
    const one = collection.insert({ _id: 1, code: 'a', note: 'x' });
    const other = collection.insert({ _id: 2, code: 'b' });
    expect(() => collection.replace(other, { _id: 2, code: 'a' })).to.throw('E11000');
    expect(other.document).to.deep.equal({ _id: 2, code: 'b' });
    expect(collection.replace(one, { _id: 1, code: 'a', note: 'y' })).to.equal(true);
    collection.replace(one, { _id: 1, code: 'c' });
    collection.replace(other, { _id: 2, code: 'a' });
    expect(() => collection.insert({ _id: 3, code: 'c' })).to.throw('E11000');
  });
});
