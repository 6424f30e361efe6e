/** Who was handed a publication, as the documents answer it, judged by going through what was recorded one by one. */
import { expect } from 'chai';
import type { Document } from 'mongodb';
import type { Handover, HandoverWay } from '../../../domain/handover/events.js';
import type { CredentialId, PartnerId } from '../../../domain/ids.js';
import { handovers } from '../../../projections/handovers/handovers.js';
import {
  findOf,
  type FoundHandover,
  type HandoverSearch,
  searchHandovers,
} from '../../../projections/handovers/search.js';
import { BadCursor } from '../../../projections/pages.js';
import { type Connected, connect } from '../mongo/server.js';
import { begun, cars, demo, type Filled, fillDocuments, minute } from './filled.js';

const ways: readonly HandoverWay[] = ['pull', 'stream', 'search'];

/** The n-th event: ranges that cross the bounds of documents, some of them again and again. */
const handoversOf = (n: number): Handover[] =>
  [0, 1].map((which) => {
    const first = (n * 61) % 300;
    return {
      partnerId: `bank${(n + which) % 4}` as PartnerId,
      credentialId: `program${n % 2}` as CredentialId,
      way: ways[n % 3] ?? 'pull',
      ranges: [
        { first, last: first + 130 },
        { first: first + 140, last: first + 140 },
      ],
    };
  });
const count = 40;
const all = Array.from({ length: count }, (_, n) => n);

const expected = (place: number, at = Infinity): FoundHandover[] => {
  const found = new Map<string, FoundHandover>();
  for (const n of all) {
    const time = begun + n * minute;
    for (const { partnerId, credentialId = '', way, ranges } of handoversOf(n)) {
      if (!ranges.some(({ first, last }) => first <= place && place <= last)) continue;
      const by = `credential/${credentialId}`;
      const key = `${partnerId} ${way} ${by}`;
      const firstAt = found.get(key)?.firstAt ?? time;
      found.set(key, { partnerId, way, by, firstAt, lastAt: time });
    }
  }
  return [...found]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, handover]) => handover)
    .filter(({ firstAt }) => firstAt <= at);
};

describe('searching handovers', () => {
  let connected: Connected;
  let filled: Filled;
  before(async () => {
    connected = await connect();
    filled = fillDocuments(connected.db, [handovers]);
    let last = 0n;
    for (const n of all) {
      const data = { handovers: handoversOf(n) };
      last = await filled.record(`handovers-${demo}.${cars}`, 'PublicationsHandedOver', data);
    }
    const foreign = { handovers: handoversOf(1) };
    last = await filled.record(`handovers-${demo}.boats`, 'PublicationsHandedOver', foreign);
    await filled.until('handovers', last);
  });
  after(async () => {
    await filled?.stop();
    await connected?.close();
  });
  const question = (asked: Partial<HandoverSearch>): HandoverSearch => ({
    ...{ tenant: demo, topicId: cars, place: 0, limit: 1_000, deadlineMs: 5_000 },
    ...asked,
  });
  const found = async (asked: Partial<HandoverSearch>) =>
    (await searchHandovers(connected.db, question(asked))).rows;

  it('finds exactly who was handed a place, with the first and the last time', async () => {
    let handed = 0;
    for (const place of [0, 61, 127, 128, 201, 255, 256, 383, 430, 431, 5_000]) {
      const rows = await found({ place });
      expect(rows, `place ${place}`).to.deep.equal(expected(place));
      handed += rows.length;
    }
    expect(handed).to.be.greaterThan(50);
    expect(await found({ place: 5_000 })).to.deep.equal([]);
  });

  it('finds who had it by a time', async () => {
    const at = begun + 10 * minute;
    expect(await found({ place: 128, at })).to.deep.equal(expected(128, at));
    expect(expected(128, at).length).to.be.within(1, expected(128).length - 1);
    expect(await found({ place: 128, at: begun - 1 })).to.deep.equal([]);
  });

  it('keeps one document for a block of places, whatever was read how often', async () => {
    const documents = await connected.db.collection('handovers_v1').find({}).toArray();
    expect(documents.length).to.be.at.most(4 * 4 * 3 * 2 + 10);
    for (const { runs } of documents) expect((runs as unknown[]).length).to.be.at.most(128);
  });

  it('pages through all of them, each once', async () => {
    const seen: FoundHandover[] = [];
    let after: string | undefined;
    do {
      const asked = { place: 200, limit: 3, ...(after === undefined ? {} : { after }) };
      const { rows, next } = await searchHandovers(connected.db, question(asked));
      seen.push(...rows);
      after = next ?? undefined;
    } while (after !== undefined);
    expect(seen).to.deep.equal(expected(200));
    const wrong = await found({ after: 'nonsense' }).catch((error: unknown) => error);
    expect(wrong).to.be.instanceOf(BadCursor);
  });

  it('is carried by an index that knows the block', async () => {
    const stagesOf = (stage: Document | undefined): Document[] =>
      stage ? [stage, ...stagesOf(stage['inputStage'] as Document | undefined)] : [];
    const { filter, sort, limit } = findOf(question({ place: 200 }));
    const explained = await connected.db
      .collection('handovers_v1')
      .find(filter as Document)
      .sort({ ...sort })
      .limit(limit)
      .explain('executionStats');
    const stages = stagesOf(explained['queryPlanner'].winningPlan as Document | undefined);
    expect(stages.find(({ stage }) => stage === 'IXSCAN')?.['indexName']).to.equal('block');
    expect(stages.some(({ stage }) => stage === 'SORT')).to.equal(false);
    expect(explained['executionStats'].totalDocsExamined).to.be.at.most(24);
  });
});
