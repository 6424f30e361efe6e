/**
 * A ceiling of appends: the very batches that the node committed, as to their size, written one after the other by one connection of
 * pg, with the node's own COPY, into the same schema in a database beside it. No client, no gRPC, no decision.
 */
import pg from 'pg';
import type { ProposedEvent } from '../../embedded/eventstore/log/append.js';
import { Batch } from '../../embedded/eventstore/log/batch.js';
import { commitBatch } from '../../embedded/eventstore/log/commit.js';
import { openWriter, type WriterConnection } from '../../embedded/eventstore/log/connection.js';
import type { EventStoreOptions } from '../../embedded/eventstore/options.js';
import { answerParent } from '../child.js';
import type { RawEvent } from './append.process.js';

type Postgres = EventStoreOptions['postgres'];

export interface StraightPlan {
  /** Where the node's batches are looked up, and where they are repeated. */
  readonly log: Postgres;
  readonly beside: Postgres;
  readonly series: string;
  readonly events: readonly RawEvent[];
  readonly seconds: number;
}

export interface StraightRate {
  readonly rows: number;
  readonly batches: number;
  readonly seconds: number;
}

const logger = { debug: () => {}, info: () => {}, warn: console.warn, error: console.error };

/** Rows of each of the node's transactions, in order. */
const batchSizes = async (log: Postgres, series: string): Promise<number[]> => {
  const client = new pg.Client(log);
  await client.connect();
  try {
    const { rows } = await client.query<{ size: number }>(
      `SELECT count(*)::int AS size FROM eventstore.events
       WHERE stream LIKE $1 GROUP BY xmin ORDER BY min(position)`,
      [`rawappend-${series}.%`],
    );
    return rows.map(({ size }) => size);
  } finally {
    await client.end();
  }
};

const proposed = ({ type, data, metadata }: RawEvent, id: Buffer): ProposedEvent => {
  const json = JSON.stringify(data);
  const source = Buffer.from(type + json + metadata);
  const dataStart = type.length;
  const metadataStart = dataStart + json.length;
  return {
    id,
    type,
    isJson: true,
    source,
    typeStart: 0,
    typeEnd: dataStart,
    dataStart,
    dataEnd: metadataStart,
    metadataStart,
    metadataEnd: source.length,
  };
};

const idOf = (position: number): Buffer => {
  const id = Buffer.alloc(16);
  // Scattered, as random ones are: the index over ids must not grow at one end only.
  id.writeUInt32BE(Math.imul(position, 0x9e3779b1) >>> 0, 0);
  id.writeUInt32BE(position, 12);
  return id;
};

let writer: Promise<WriterConnection> | undefined;
let next: number | undefined;

const measure = async (plan: StraightPlan): Promise<StraightRate> => {
  const { client, head } = await (writer ??= openWriter(plan.beside, 10_000, logger));
  const sizes = await batchSizes(plan.log, plan.series);
  const patterns = plan.events.map((event) => proposed(event, idOf(0)));
  next ??= head + 1;
  const rate = { rows: 0, batches: 0 };
  const started = performance.now();
  for (let i = 0; performance.now() - started < plan.seconds * 1000; i += 1) {
    const batch = new Batch([], next, Date.now());
    for (let row = 0; row < sizes[i % sizes.length]!; row += 1) {
      const position: number = next;
      next += 1;
      const stream = `rawappend-${plan.series}.${position % 2_000}x${i}`;
      const streamHead = { revision: row, isTombstoned: false, metadata: undefined };
      const pattern = patterns[row % patterns.length]!;
      const event = { ...pattern, id: idOf(position) };
      batch.write(stream, Buffer.from(stream), streamHead, event);
    }
    await commitBatch(client, batch);
    rate.rows += batch.events.length;
    rate.batches += 1;
  }
  return { ...rate, seconds: (performance.now() - started) / 1000 };
};

answerParent(measure, async () => {
  if (writer) await (await writer).client.end();
});
