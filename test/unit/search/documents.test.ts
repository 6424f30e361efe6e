/** What becomes of publications and attempts in documents: words, what of a payload is searched, and that the reference explains all of it. */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fact } from '../../../domain/fact.js';
import type { TenantId } from '../../../domain/ids.js';
import { packageRoot } from '../../../platform/packageRoot.js';
import { attempts } from '../../../projections/attempts/attempts.js';
import { documentProjections } from '../../../projections/documents/all.js';
import { wordFilter, wordQueryOf, wordsOf } from '../../../projections/documents/words.js';
import type {
  DocumentFields,
  HistoryDocuments,
} from '../../../projections/documents/documentProjection.js';
import { handovers } from '../../../projections/handovers/handovers.js';
import { messageAttempts } from '../../../projections/messageAttempts/messageAttempts.js';
import { messages } from '../../../projections/messages/messages.js';
import { publications } from '../../../projections/publications/publications.js';
import { bounds, searchableOf, textsIn } from '../../../projections/publications/searchable.js';

const factOf = (type: string, stream: string, data: unknown): Fact => ({
  ...{ id: 'f1', type, stream, data, revision: 4, position: 17n, recordedAt: 1_000 },
  metadata: {
    tenant: 'demo' as TenantId,
    actor: { kind: 'partner', id: 'motor' },
    ...{ correlationId: '', causationId: '', commandId: '', fingerprint: '', schemaVersion: 1 },
    occurredAt: '2026-01-01T00:00:00.000Z',
  },
});

const published = factOf('EventPublished', 'publications-demo.cars', {
  partnerId: 'motor',
  publication: {
    ...{ id: 'c1', source: '/s', type: 't', subject: 'Car:42', key: 'k' },
    data: { brand: 'Škoda', price: 5, customer: { name: null } },
  },
  personal: { subjectKey: 'a', pointers: ['/customer/name'], sealed: 'c2VhbGVk' },
});

describe('documents of publications', () => {
  const [document] = publications.project([published]);

  it('hold what is searched, and beside it what was recorded', () => {
    const { recorded, ...fields } = document as Record<string, unknown>;
    expect(fields).to.deep.equal({
      _id: 'demo/cars/4',
      position: 17n,
      ...{ tenant: 'demo', topicId: 'cars', place: 4, owner: 'motor' },
      ...{ eventId: 'c1', source: '/s', type: 't', subject: 'Car:42', key: 'k' },
      publishedAt: new Date(1_000),
      time: new Date(1_000),
      data: { brand: 'Škoda', price: 5, customer: { name: null } },
      words: ['car', '42', 'skoda', '5'],
    });
    const { id, data, metadata } = published;
    expect(JSON.parse(String(recorded))).to.deep.equal({ id, data, metadata });
  });

  it('are searched within bounds', () => {
    const deep = (levels: number): unknown => (levels === 0 ? 'x' : { a: deep(levels - 1) });
    expect(searchableOf(deep(bounds.depth - 1))).to.deep.equal(deep(bounds.depth - 1));
    expect(JSON.stringify(searchableOf(deep(50)))).to.not.include('x');
    const wide = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`n${i}`, i]));
    expect(Object.keys(searchableOf(wide) as object)).to.have.length(bounds.values);
    expect(searchableOf([...Array(500).keys()])).to.have.length(bounds.elements);
    const long = 'y'.repeat(bounds.text + 1);
    expect(searchableOf({ long })).to.deep.equal({ long: `${'y'.repeat(bounds.text)}…` });
    const odd = JSON.parse('{"a.b":1,"$where":2,"":3,"__proto__":4,"fine":5}') as object;
    expect(searchableOf(odd)).to.deep.equal({ fine: 5 });
  });

  it('know each word once, in lower case without accents', () => {
    expect(wordsOf(['Plzeň plzen', 'AB-12', '日本 x'], 10)).to.deep.equal([
      ...['plzen', 'ab', '12', '日本', 'x'],
    ]);
    expect(wordsOf(['a b c d'], 3)).to.deep.equal(['a', 'b', 'c']);
    expect(wordsOf(['w'.repeat(60)], 3)).to.deep.equal(['w'.repeat(40)]);
    expect([...textsIn({ a: ['x', 1, true, null], b: { c: 'y' } })]).to.deep.equal(['x', '1', 'y']);
  });
});

describe('the words of a search', () => {
  it('have to be there, begin so, or not be there', () => {
    expect(wordQueryOf('Red tow-bar est* -used')).to.deep.equal({
      all: ['red', 'tow', 'bar'],
      beginnings: ['est'],
      none: ['used'],
    });
    expect(wordQueryOf('AB-1*')).to.deep.equal({ all: ['ab'], beginnings: ['1'], none: [] });
  });

  it('never become a pattern of their own', () => {
    for (const text of ['.**', '(a+)+$*', '[[*', '\\d*']) {
      const conditions = JSON.stringify(wordFilter('words', wordQueryOf(text)));
      expect(conditions).to.not.match(/[()[\]+\\]{2,}.*regex|\$regex":"\^[^a-z0-9"]/);
    }
  });
});

/** What a history of facts comes to, as the frame applies them. */
const madeBy = ({ changesOf }: HistoryDocuments, facts: readonly Fact[]): DocumentFields[] => {
  const made = new Map<string, DocumentFields>();
  for (const { id, apply } of facts.flatMap(changesOf)) {
    const next = apply(made.get(id));
    if (next) made.set(id, { ...next, position: 1n });
  }
  return [...made.values()];
};

/** The events of one message that has everything. */
const golden = ['MessageAccepted', 'AttemptsStarted', 'AttemptsAnswered', 'ReceiptsRecorded'].map(
  (type): Fact => {
    const path = join(packageRoot, `test/golden/events/${type}.v1.json`);
    const { data } = JSON.parse(readFileSync(path, 'utf8')) as { data: unknown };
    return factOf(type, 'outbox-demo.0', data);
  },
);

describe('the reference of the documents', () => {
  const reference = readFileSync(join(packageRoot, 'docs/reference/read-models.md'), 'utf8');
  const attempted = factOf('DeliveriesAttempted', 'deliveries-demo.sub_1', {
    attempts: [
      {
        ...{ webhookId: 'msg_1', places: [3], ids: ['c3'], attempt: 1, cause: 'replay', job: 'r1' },
        ...{ startedAt: 5, ms: 1, outcome: 'failed', status: 500 },
        error: { code: 'status', text: 'It answered 500.' },
        request: { url: 'https://a', headers: [], bytes: 1 },
      },
    ],
  });
  const handedOver = factOf('PublicationsHandedOver', 'handovers-demo.cars', {
    handovers: [
      { partnerId: 'bank', credentialId: 'c1', way: 'pull', ranges: [{ first: 1, last: 2 }] },
    ],
  });
  const samples = new Map<string, readonly object[]>([
    [publications.name, publications.project([published])],
    [attempts.name, attempts.project([attempted])],
    [handovers.name, madeBy(handovers, [handedOver])],
    [messages.name, madeBy(messages, golden)],
    [messageAttempts.name, madeBy(messageAttempts, golden)],
  ]);
  for (const { name, question } of documentProjections) {
    it(`explains every field of ${name}`, () => {
      const begin = reference.indexOf(`\n### ${name}: `);
      expect(begin, question).to.be.greaterThan(0);
      const chapter = reference.slice(begin, reference.indexOf('\n### ', begin + 1) >>> 0);
      const fields = Object.keys(samples.get(name)?.[0] ?? {});
      expect(fields.length).to.be.greaterThan(5);
      expect(fields.filter((field) => !chapter.includes(`\`${field}\``))).to.deep.equal([]);
    });
  }
});
