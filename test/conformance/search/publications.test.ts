/** Searches among publications, judged by going through what was published one by one. */
import { expect } from 'chai';
import type { Document } from 'mongodb';
import type { TopicId } from '../../../domain/ids.js';
import type { Published } from '../../../domain/publication/publication.js';
import { BadCursor } from '../../../projections/pages.js';
import type { Where } from '../../../projections/publications/conditions.js';
import { publications } from '../../../projections/publications/publications.js';
import {
  findOf,
  type PublicationSearch,
  searchPublications,
} from '../../../projections/publications/search.js';
import { type Connected, connect } from '../mongo/server.js';
import { begun, cars, demo, type Filled, fillDocuments, minute, other } from './filled.js';

type Publication = Published['publication'];

interface Car {
  readonly brand: string;
  readonly price: number;
  readonly sold?: boolean;
  readonly owner: { readonly city: string | null };
  readonly extras: readonly { readonly name: string; readonly price: number }[];
  readonly note: string;
}

const brands = ['Lada', 'Volvo', 'Škoda', 'Saab'] as const;
const count = 120;

const carOf = (n: number): Car => ({
  brand: brands[n % 4] ?? '',
  price: n * 100,
  ...(n % 5 === 0 ? { sold: n % 10 === 0 } : {}),
  owner: { city: n % 6 === 0 ? null : n % 2 ? 'Brno' : 'Praha' },
  extras: n % 3 ? [{ name: 'radio', price: n }] : [],
  note: `A ${n % 2 ? 'red' : 'Blue'} car, wheels${n % 7} (used)`,
});

const publicationOf = (n: number): Publication => ({
  id: `choice-${n}`,
  source: n % 2 ? '/sites/a' : '/sites/b',
  type: n % 10 ? 'car.chosen' : 'car.sold',
  ...(n % 4 ? { subject: `car:${n % 12}` } : {}),
  key: `customer:${n % 8}`,
  ...(n % 3 ? { time: new Date(begun - n * minute).toISOString() } : {}),
  data: carOf(n),
});
const all = Array.from({ length: count }, (_, n) => n);

describe('searching publications', () => {
  let connected: Connected;
  let filled: Filled;
  before(async () => {
    connected = await connect();
    filled = fillDocuments(connected.db, [publications]);
    await filled.publish(all.map(publicationOf), other);
    await filled.publish(all.slice(0, 5).map(publicationOf), demo, 'boats' as TopicId);
    await filled.until('publications', await filled.publish(all.map(publicationOf)));
  });
  after(async () => {
    await filled?.stop();
    await connected?.close();
  });
  const firstAt = begun + (count + 5) * minute;

  const question = (asked: Partial<PublicationSearch>): PublicationSearch => ({
    ...{ tenant: demo, topicId: cars, visible: {}, sort: 'place', descending: false },
    ...{ limit: 1_000, deadlineMs: 5_000, now: begun },
    ...asked,
  });
  const search = (asked: Partial<PublicationSearch>) =>
    searchPublications(connected.db, question(asked));
  const places = async (asked: Partial<PublicationSearch>) =>
    (await search(asked)).rows.map(({ revision }) => revision);

  it('answers with what was recorded, exactly', async () => {
    const { rows } = await search({ attributes: { eventId: 'choice-7' } });
    expect(rows).to.have.length(1);
    const { fact } = { fact: rows[0] };
    const recorded = filled.log.facts.find((one) => one.id === 'demo cars choice-7');
    expect(fact).to.deep.equal(recorded);
  });

  const attributes: readonly (readonly [
    NonNullable<PublicationSearch['attributes']>,
    (publication: Publication, n: number) => boolean,
  ])[] = [
    [{ type: 'car.sold' }, (_, n) => n % 10 === 0],
    [{ subject: 'car:5' }, ({ subject }) => subject === 'car:5'],
    [{ key: 'customer:3' }, (_, n) => n % 8 === 3],
    [{ source: '/sites/a' }, (_, n) => n % 2 === 1],
    [{ eventId: 'choice-9' }, (_, n) => n === 9],
    [{ type: 'car.sold', key: 'customer:2' }, (_, n) => n % 10 === 0 && n % 8 === 2],
    [{ type: 'nothing' }, () => false],
  ];
  for (const [asked, holds] of attributes) {
    it(`finds by ${JSON.stringify(asked)}`, async () => {
      const expected = all.filter((n) => holds(publicationOf(n), n));
      expect(await places({ attributes: asked })).to.deep.equal(expected);
    });
  }

  const conditions: readonly (readonly [Where, (car: Car) => boolean])[] = [
    [{ path: 'brand', eq: 'Lada' }, ({ brand }) => brand === 'Lada'],
    [{ path: 'brand', ne: 'Lada' }, ({ brand }) => brand !== 'Lada'],
    [{ path: 'price', gte: 500, lt: 900 }, ({ price }) => price >= 500 && price < 900],
    [{ path: 'price', gt: 11_500 }, ({ price }) => price > 11_500],
    [{ path: 'price', lte: '900' }, () => false],
    [{ path: 'brand', in: ['Saab', 'Volvo'] }, ({ brand }) => /Saab|Volvo/.test(brand)],
    [{ path: 'brand', nin: ['Saab', 'Volvo'] }, ({ brand }) => !/Saab|Volvo/.test(brand)],
    [{ path: 'sold', exists: true }, ({ sold }) => sold !== undefined],
    [{ path: 'sold', eq: true }, ({ sold }) => sold === true],
    [{ path: 'owner.city', eq: 'Brno' }, ({ owner }) => owner.city === 'Brno'],
    [{ path: 'owner.city', eq: null }, ({ owner }) => owner.city === null],
    [{ path: 'extras.price', gte: 110 }, ({ extras }) => extras.some(({ price }) => price >= 110)],
    [{ path: 'extras.name', eq: 'radio' }, ({ extras }) => extras.length > 0],
    [{ path: 'note', prefix: 'A red car, wheels3 (' }, ({ note }) => /^A red.*wheels3/.test(note)],
    [{ path: 'note', prefix: 'A (red' }, () => false],
    [
      {
        all: [
          { path: 'brand', eq: 'Saab' },
          { path: 'price', lt: 3_000 },
        ],
      },
      ({ brand, price }) => brand === 'Saab' && price < 3_000,
    ],
    [
      { any: [{ path: 'price', lt: 300 }, { all: [{ path: 'price', gte: 11_700 }] }] },
      ({ price }) => price < 300 || price >= 11_700,
    ],
    [
      {
        not: {
          any: [
            { path: 'brand', eq: 'Lada' },
            { path: 'owner.city', eq: 'Praha' },
          ],
        },
      },
      ({ brand, owner }) => brand !== 'Lada' && owner.city !== 'Praha',
    ],
  ];
  for (const [where, holds] of conditions) {
    it(`finds where ${JSON.stringify(where)}`, async () => {
      expect(await places({ where })).to.deep.equal(all.filter((n) => holds(carOf(n))));
    });
  }

  const texts: readonly (readonly [string, (car: Car) => boolean])[] = [
    ['RED', ({ note }) => note.includes('red')],
    ['skoda', ({ brand }) => brand === 'Škoda'],
    ['red wheels3', ({ note }) => note.includes('red') && note.includes('wheels3')],
    ['whe*', () => true],
    ['wheel', () => false],
    ['blue -wheels0', ({ note }) => note.includes('Blue') && !note.includes('wheels0')],
    ['1100', ({ price }) => price === 1_100],
  ];
  for (const [text, holds] of texts) {
    it(`finds the words ${JSON.stringify(text)}`, async () => {
      expect(await places({ text })).to.deep.equal(all.filter((n) => holds(carOf(n))));
    });
  }

  it('finds by when it was published, and by its own time', async () => {
    const published = { from: firstAt + 10 * minute, to: firstAt + 12 * minute };
    expect(await places({ published })).to.deep.equal([10, 11, 12]);
    const first = await search({ published, descending: true, limit: 2 });
    expect(first.rows.map(({ revision }) => revision)).to.deep.equal([12, 11]);
    const after = first.next ?? '';
    expect(await places({ published, descending: true, after })).to.deep.equal([10]);
    const time = { from: begun - 5 * minute, to: begun - 2 * minute };
    expect(await places({ time })).to.deep.equal([2, 4, 5]);
  });

  it('finds nothing that is not visible, whatever is asked', async () => {
    const visible = { from: firstAt + 100 * minute };
    const published = { from: firstAt, to: firstAt + 101 * minute };
    expect(await places({ visible, published })).to.deep.equal([100, 101]);
    expect(await places({ visible, attributes: { eventId: 'choice-7' } })).to.deep.equal([]);
    expect(await places({ visible: { to: firstAt + minute } })).to.deep.equal([0, 1]);
  });

  const text = (one: string | undefined, another: string | undefined): number =>
    (one ?? '') < (another ?? '') ? -1 : one === another ? 0 : 1;
  const timeOf = (n: number): number => {
    const { time } = publicationOf(n);
    return time === undefined ? firstAt + n * minute : Date.parse(time);
  };
  const orders: Record<PublicationSearch['sort'], (a: number, b: number) => number> = {
    place: () => 0,
    time: (a, b) => timeOf(a) - timeOf(b),
    type: (a, b) => text(publicationOf(a).type, publicationOf(b).type),
    subject: (a, b) => text(publicationOf(a).subject, publicationOf(b).subject),
    key: (a, b) => text(publicationOf(a).key, publicationOf(b).key),
  };
  for (const sort of Object.keys(orders) as PublicationSearch['sort'][]) {
    for (const descending of [false, true]) {
      it(`pages by ${sort}${descending ? ' downwards' : ''}, each once`, async () => {
        const turn = descending ? -1 : 1;
        const expected = all
          .filter((n) => sort !== 'subject' || n % 4 !== 0)
          .sort((a, b) => (orders[sort](a, b) || a - b) * turn);
        const seen: number[] = [];
        let after: string | undefined;
        do {
          const { rows, next } = await search({
            ...{ sort, descending, limit: 50 },
            ...(after === undefined ? {} : { after }),
          });
          expect(rows.length).to.be.at.most(50);
          seen.push(...rows.map(({ revision }) => revision));
          after = next ?? undefined;
        } while (after !== undefined);
        expect(seen).to.deep.equal(expected);
      });
    }
  }

  it('refuses a cursor of another order', async () => {
    const { next } = await search({ sort: 'type', limit: 2 });
    const refused = await search({ sort: 'key', after: next ?? '' }).catch((e: unknown) => e);
    expect(refused).to.be.instanceOf(BadCursor);
    const down = await search({ sort: 'type', descending: true, after: next ?? '' }).catch(
      (e: unknown) => e,
    );
    expect(down).to.be.instanceOf(BadCursor);
  });

  it('pages without repeating or passing over when more is published meanwhile', async () => {
    const topicId = 'boats' as TopicId;
    const first = await search({ topicId, descending: true, limit: 2 });
    const more = { ...publicationOf(5), id: 'late' };
    await filled.until('publications', await filled.publish([more], demo, topicId));
    const second = await search({ topicId, descending: true, limit: 10, after: first.next ?? '' });
    expect([...first.rows, ...second.rows].map(({ revision }) => revision)).to.deep.equal([
      ...[4, 3, 2, 1, 0],
    ]);
  });

  it('finds nothing that has expired, and tells by no page that it was there', async () => {
    const topicId = 'fleeting' as TopicId;
    const stream = `publications-${demo}.${topicId}`;
    let last = 0n;
    for (const n of [0, 1, 2, 3, 4]) {
      const expiresAt = n < 2 ? {} : { expiresAt: new Date(begun + n * minute).toISOString() };
      last = await filled.record(stream, 'EventPublished', {
        ...{ partnerId: 'motor', publication: publicationOf(n), ...expiresAt },
      });
    }
    await filled.until('publications', last);
    const asked = { topicId, limit: 2 };
    expect((await search({ ...asked, now: begun + minute })).next).to.be.a('string');
    expect(await places({ topicId, now: begun + minute })).to.deep.equal([0, 1, 2, 3, 4]);
    expect(await places({ topicId, now: begun + 3 * minute })).to.deep.equal([0, 1, 4]);
    const { rows, next } = await search({ ...asked, now: begun + 4 * minute });
    expect([rows.length, next]).to.deep.equal([2, null]);
  });

  it('is filled again to the same where its documents were lost', async () => {
    const collection = connected.db.collection('publications_v2');
    const before = await places({});
    await filled.stop();
    await collection.drop();
    const refill = async (): Promise<void> => {
      const again = fillDocuments(connected.db, [publications]);
      await again.publish(all.map(publicationOf));
      await again.until('publications', BigInt(count)).finally(again.stop);
    };
    await refill();
    expect(await places({})).to.deep.equal(before);
    // Written once more, they are what they were.
    await connected.db.collection('checkpoints').deleteMany({});
    await refill();
    expect(await places({})).to.deep.equal(before);
    expect(await collection.countDocuments()).to.equal(count);
  });

  it('has its indexes on the server', async () => {
    const names = (await connected.db.collection('publications_v2').indexes()).map(
      ({ name }) => name,
    );
    const wanted = publications.indexes.filter(({ optional }) => !optional);
    expect(names).to.include.members(wanted.map(({ name }) => name));
  });

  const stagesOf = (stage: Document | undefined): Document[] =>
    stage ? [stage, ...stagesOf(stage['inputStage'] as Document | undefined)] : [];
  const carried: readonly (readonly [Partial<PublicationSearch>, string, number])[] = [
    [{}, 'place', 10],
    [{ attributes: { type: 'car.sold' } }, 'type', 10],
    [{ attributes: { subject: 'car:5' } }, 'subject', 10],
    [{ attributes: { key: 'customer:3' } }, 'key', 10],
    [{ attributes: { eventId: 'choice-9' } }, 'event', 1],
    [{ text: 'wheels3' }, 'words', 10],
    [{ text: 'red wheels3' }, 'words', 17],
    [{ where: { path: 'price', gte: 500, lt: 900 } }, 'data', 4],
    [{ where: { path: 'note', prefix: 'A red car' } }, 'place', 25],
    [{ where: { path: 'price', eq: 1_200 } }, 'data', 1],
    [{ sort: 'time' }, 'time', 10],
    [{ sort: 'subject' }, 'subject', 10],
    [{ published: { from: begun, to: begun + 3 * minute } }, 'published', 4],
    [{ sort: 'key', after: cursor(['+key', 'customer:5', '13']) }, 'key', 12],
  ];
  for (const [asked, index, most] of carried) {
    it(`is carried by the index ${index}: ${JSON.stringify(asked)}`, async () => {
      const { filter, sort, limit } = findOf(question({ limit: 9, ...asked }));
      const explained = await connected.db
        .collection('publications_v2')
        .find(filter as Document)
        .sort({ ...sort })
        .limit(limit)
        .explain('executionStats');
      const stages = stagesOf(explained['queryPlanner'].winningPlan as Document | undefined);
      expect(stages.find(({ stage }) => stage === 'IXSCAN')?.['indexName']).to.equal(index);
      expect(explained['executionStats'].totalDocsExamined).to.be.at.most(most);
    });
  }
});

function cursor(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}
