/**
 * Many writers and subscribers on one log, through the platform's own client, who remember everything they were told; afterwards
 * what they know is compared with what the database holds.
 *
 * A writer that is told "unavailable" sends the same again, as the error says it may. Any other failure fails the test.
 */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import pg from 'pg';
import { LogUnavailable } from '../../../../commands/log.js';
import type { NewFact } from '../../../../domain/fact.js';
import type { TenantId } from '../../../../domain/ids.js';
import { eventDefinitions } from '../../../../domain/registry.js';
import type { PostgresConnection } from '../../../../embedded/postgres/startPostgres.js';
import {
  connect,
  createLog,
  defaultLimits,
  disconnect,
  type LogLimits,
} from '../../../../platform/eventstore/client.js';
import { createCodec } from '../../../../platform/eventstore/codec.js';
import { createFeed } from '../../../../platform/eventstore/feed.js';
import { createLogWatch } from '../../../../platform/eventstore/watch.js';
import type { FeedFilter } from '../../../../projections/feed.js';
import { until } from '../../../conformance/eventstore/node.js';

interface Row {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
}

interface Subscriber {
  readonly filter: FeedFilter;
  readonly wants: (row: Row) => boolean;
  readonly seen: Row[];
}

const types = ['TillRevoked', 'MerchantRevoked'] as const;

/** One of two types in turn, of no meaning. */
export const someFact = (n: number): NewFact => ({
  id: randomUUID(),
  type: types[n % 2]!,
  data: { reason: `the ${n}th` },
  metadata: {
    tenant: 'demo' as TenantId,
    actor: { kind: 'till', id: 'till1' },
    correlationId: 'correlation',
    causationId: 'causation',
    commandId: randomUUID(),
    occurredAt: '2026-01-02T03:04:05.678Z',
    schemaVersion: 1,
    fingerprint: 'f00d',
  },
});

const subscribers = (): Subscriber[] => {
  const toAll = () => ({ filter: {}, wants: () => true, seen: [] });
  const toType = (type: string) => ({
    filter: { eventTypes: [type] },
    wants: (row: Row) => row.type === type,
    seen: [],
  });
  const toStreams = (prefix: string) => ({
    filter: { streamPrefixes: [prefix] },
    wants: (row: Row) => row.stream.startsWith(prefix),
    seen: [],
  });
  return [
    toAll(),
    toAll(),
    ...types.map(toType),
    toStreams('jar-demo.1'),
    toStreams('jar-demo.2x'),
  ];
};

export interface Load {
  readonly watch: ReturnType<typeof createLogWatch>;
  /** Appends answered so far. */
  readonly answered: () => number;
  /** Times a writer was told "unavailable". */
  readonly refused: () => number;
  /** Waits until so many more were answered. */
  more(appends: number, deadlineMs?: number): Promise<void>;
  /** Ends the writers, waits until every subscriber has everything, and compares; gives the number of events. */
  finish(postgres: PostgresConnection): Promise<number>;
}

export const startLoad = (
  connectionString: string,
  options: { readonly writers: number; readonly limits?: Partial<LogLimits> },
): Load => {
  const watch = createLogWatch();
  const client = connect(connectionString, watch);
  const codec = createCodec(eventDefinitions);
  const log = createLog(client, codec, { ...defaultLimits, ...options.limits }, watch);
  const feed = createFeed(client, codec, () => (watch.interrupted += 1));

  const answers: Row[] = [];
  let writing = true;
  let refused = 0;
  const write = async (stream: string): Promise<void> => {
    for (let n = 0; writing; n += 1) {
      const next = someFact(n);
      for (let answered = false; !answered;) {
        try {
          const { position, revision } = await log.append(stream, n === 0 ? 'noStream' : n - 1, [
            next,
          ]);
          expect(revision, `revision of the ${n}th of ${stream}`).to.equal(n);
          const { id, type } = next;
          answers.push({ position: Number(position), stream, revision, id, type });
          answered = true;
        } catch (error) {
          if (!(error instanceof LogUnavailable)) throw error;
          expect(error.retry).to.equal('same');
          refused += 1;
        }
      }
    }
  };
  const failures: unknown[] = [];
  const writers = Array.from({ length: options.writers }, (_, i) =>
    write(`jar-demo.${i}x`).catch((error: unknown) => void failures.push(error)),
  );

  /** Reads the stream of one writer over and over, as it grows. */
  const read = async (stream: string): Promise<void> => {
    while (writing) {
      try {
        const facts = await log.read(stream, 0, 200);
        expect(facts.map(({ revision }) => revision)).to.deep.equal(facts.map((_fact, n) => n));
      } catch (error) {
        if (!(error instanceof LogUnavailable)) throw error;
      }
    }
  };
  for (let i = 0; i < 2; i += 1)
    writers.push(read(`jar-demo.${i}x`).catch((error: unknown) => void failures.push(error)));

  const reading = new AbortController();
  const listeners = subscribers();
  const readers = listeners.map(async ({ filter, seen }) => {
    for await (const item of feed.subscribe({ from: null, filter, signal: reading.signal })) {
      if (item.kind !== 'fact') continue;
      const { position, stream, revision, id, type } = item.fact;
      seen.push({ position: Number(position), stream, revision, id, type });
    }
  });

  const more: Load['more'] = async (appends, deadlineMs = 20_000) => {
    const goal = answers.length + appends;
    await until(
      `${appends} more appends`,
      () => answers.length >= goal || failures.length > 0,
      deadlineMs,
    );
    expect(failures, 'failures of writers').to.deep.equal([]);
  };

  const finish: Load['finish'] = async (postgres) => {
    writing = false;
    await Promise.all(writers);
    expect(failures, 'failures of writers').to.deep.equal([]);
    const rows = await rowsOf(postgres);
    compareWithAnswers(rows, answers);
    for (const { filter, wants, seen } of listeners) {
      const wanted = rows.filter(wants);
      const what = JSON.stringify(filter);
      await until(`all events for ${what}`, () => seen.length >= wanted.length);
      expect(seen.length, `events handed out for ${what}`).to.equal(wanted.length);
      const different = seen.findIndex((row, i) => !same(row, wanted[i]!));
      expect(different, `first event out of order for ${what}`).to.equal(-1);
    }
    reading.abort();
    await Promise.all(readers);
    await disconnect(client);
    return rows.length;
  };

  return { watch, answered: () => answers.length, refused: () => refused, more, finish };
};

const same = (a: Row, b: Row): boolean =>
  a.position === b.position && a.id === b.id && a.stream === b.stream && a.revision === b.revision;

/** The log as PostgreSQL holds it, in order of position. */
const rowsOf = async (postgres: PostgresConnection): Promise<Row[]> => {
  const client = new pg.Client(postgres);
  await client.connect();
  try {
    const { rows } = await client.query<
      Record<'position' | 'revision', string> & Omit<Row, 'position' | 'revision'>
    >(
      'SELECT position, stream, revision, event_id AS id, type FROM eventstore.events ORDER BY position',
    );
    return rows.map((row) => ({
      ...row,
      position: Number(row.position),
      revision: Number(row.revision),
    }));
  } finally {
    await client.end();
  }
};

const compareWithAnswers = (rows: readonly Row[], answers: readonly Row[]): void => {
  const gap = rows.findIndex(({ position }, i) => position !== i + 1);
  expect(gap, 'first gap in the positions').to.equal(-1);
  const next = new Map<string, number>();
  for (const { stream, revision } of rows) {
    expect(revision, `revision in ${stream}`).to.equal(next.get(stream) ?? 0);
    next.set(stream, revision + 1);
  }
  expect(new Set(rows.map(({ id }) => id)).size, 'different events').to.equal(rows.length);
  const lost = answers.filter((answer) => {
    const row = rows[answer.position - 1];
    return !row || !same(row, answer);
  });
  expect(lost, 'answered, and not in the log as answered').to.deep.equal([]);
  // Writers end with an answer, so nothing may be there that nobody was told of.
  expect(rows.length, 'events in the log').to.equal(answers.length);
};
