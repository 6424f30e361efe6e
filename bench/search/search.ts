/**
 * Searches among 10,000 and 100,000 messages in the embedded store of documents, through the official driver and from another thread, as
 * the product asks: how long each kind takes, and how that grows.
 */
import type { Db } from 'mongodb';
import { startMongoThread } from '../../embedded/mongo/startThread.js';
import { openDocumentStore } from '../../platform/mongo/client.js';
import { beginDocumentCheckpoint, markDocuments } from '../../projections/documents/checkpoints.js';
import { collectionOf } from '../../projections/documents/documentProjection.js';
import { openCollection, writeDocuments } from '../../projections/documents/store.js';
import { publications } from '../../projections/publications/publications.js';
import { searchPublications } from '../../projections/publications/search.js';
import type { Bench } from '../bench.js';
import { figure, whole } from '../table.js';
import { messageOf } from './messages.js';
import { questions } from './questions.js';

const batch = 250;
const searches = 200;
const warmUp = 20;

interface Measured {
  readonly kind: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly found: number;
}

const fill = async (db: Db, from: number, to: number): Promise<number> => {
  const started = performance.now();
  for (let at = from; at < to; at += batch) {
    const facts = Array.from({ length: Math.min(batch, to - at) }, (_, i) => messageOf(at + i));
    await writeDocuments(db, collectionOf(publications), publications.project(facts));
  }
  return (to - from) / ((performance.now() - started) / 1_000);
};

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;

const measure = async (db: Db, size: number, times: number): Promise<Measured[]> => {
  const measured: Measured[] = [];
  for (const { kind, ask } of questions) {
    const tookMs: number[] = [];
    let found = 0;
    for (let i = -warmUp; i < times; i += 1) {
      // Spread over all of them, the same ones each time.
      const question = ask(((i + warmUp) * 7_907) % size, size);
      const started = performance.now();
      const { rows } = await searchPublications(db, question);
      if (i < 0) continue;
      tookMs.push(performance.now() - started);
      found += rows.length / times;
    }
    tookMs.sort((a, b) => a - b);
    measured.push({
      kind,
      found,
      p50Ms: percentile(tookMs, 0.5),
      p95Ms: percentile(tookMs, 0.95),
    });
  }
  return measured;
};

const run: Bench['run'] = async ({ quick, cleanup, say }) => {
  const sizes = quick ? [500, 1_000] : [10_000, 100_000];
  const times = quick ? 5 : searches;
  const memoryBefore = process.memoryUsage().rss;
  const mongo = await startMongoThread({ memoryMaxMb: 3_072 });
  cleanup.add(() => mongo.stop());
  const store = await openDocumentStore(mongo.connectionString, { applicationName: 'bench' });
  cleanup.add(() => store.close());
  const { db } = store;
  await openCollection(db, collectionOf(publications), publications);
  await beginDocumentCheckpoint(db, publications);
  await markDocuments(db, publications, { live: true });

  const runs: { size: number; perSecond: number; measured: Measured[] }[] = [];
  let filled = 0;
  for (const size of sizes) {
    const perSecond = await fill(db, filled, size);
    filled = size;
    say(`${whole(size)} messages, filled at ${figure(perSecond)}/s`);
    runs.push({ size, perSecond, measured: await measure(db, size, times) });
  }
  const megabytes = (process.memoryUsage().rss - memoryBefore) / 1_048_576;
  const [small, large] = runs;
  const rows = (large?.measured ?? []).map((one, i) => {
    const before = small?.measured[i];
    const growth = one.p95Ms / (before?.p95Ms ?? one.p95Ms);
    return [
      one.kind,
      figure(one.found),
      (before?.p95Ms ?? 0).toFixed(2),
      one.p50Ms.toFixed(2),
      one.p95Ms.toFixed(2),
      growth.toFixed(1),
    ];
  });
  const [from = 0, to = 0] = sizes;
  return {
    tables: [
      {
        title: `Searches, pages of 50, milliseconds`,
        head: [
          ...['search', 'found', `p95 of ${whole(from)}`],
          ...[`p50 of ${whole(to)}`, `p95 of ${whole(to)}`, 'growth'],
        ],
        rows,
      },
    ],
    figures: { runs, megabytes },
    notes: [
      `Filled at ${runs.map(({ perSecond }) => figure(perSecond)).join(' and ')} messages/s; ${figure(megabytes)} MB for all of it.`,
      'From the question to the facts, through the driver, one after the other. Growth: of the p95, for ten times as many messages.',
    ],
  };
};

export const search: Bench = {
  name: 'search',
  summary: 'searches among 10,000 and 100,000 messages in the embedded store of documents',
  run,
};
