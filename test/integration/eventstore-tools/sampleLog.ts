/** Logs to try the tools on: one of every kind of event, written straight into the table, and questions about it. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { LoggedEvent } from '../../../embedded/eventstore/archive/eventLine.js';
import { openAsWriter } from '../../../embedded/eventstore/tools/connection.js';
import { insertEvents } from '../../../embedded/eventstore/tools/eventRows.js';
import type { PostgresConnection } from '../../../embedded/postgres/startPostgres.js';

const payloads = [
  { data: '{"n":1}', metadata: '{"by":"till"}' },
  { data: '{"n": 2}', metadata: '' }, // JSON that would print otherwise
  { data: '{"big":9007199254740993}', metadata: '{"$correlationId":"1"}' },
  { data: 'кофе', metadata: 'not json' },
  { data: '"Žluťoučký \\u2028 kůň"', metadata: '{}' },
  { data: '', metadata: '' },
  { data: '{"__proto__":{"a":1},"2":1,"1":2}', metadata: 'null' },
] as const;

const idOf = (position: number): string => {
  const hex = createHash('md5').update(`event ${position}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

/** The event at a position of the sample log: ten streams in turn. */
export const sampleEvent = (position: number): LoggedEvent => {
  const { data, metadata } = payloads[position % payloads.length]!;
  return {
    position,
    stream: `sample-${position % 10}`,
    revision: Math.floor((position - 1) / 10),
    id: idOf(position),
    type: position % 10 === 3 ? 'Тип' : 'Sampled',
    createdMs: 1_700_000_000_000 + position * 7,
    isJson: position % 3 !== 0,
    data: position % 21 === 0 ? Buffer.from([0xff, 0x00, 0x0a, position % 256]) : Buffer.from(data),
    metadata: Buffer.from(metadata),
  };
};

/** Makes the database's log, with the sample's first events. */
export const fillSample = async (postgres: PostgresConnection, events: number): Promise<void> => {
  const client = await openAsWriter(postgres, 'fill', 0);
  const all = Array.from({ length: events }, (_nothing, i) => sampleEvent(i + 1));
  for (let at = 0; at < all.length; at += 5000) {
    await insertEvents(client, all.slice(at, at + 5000));
  }
  await client.end();
};

export const select = async <Row>(postgres: PostgresConnection, sql: string): Promise<Row[]> => {
  const client = new pg.Client(postgres);
  await client.connect();
  try {
    return (await client.query(sql)).rows as Row[];
  } finally {
    await client.end();
  }
};

/** One value that differs when anything in the log does. */
export const fingerprint = async (postgres: PostgresConnection): Promise<string> => {
  const [row] = await select<{ print: string }>(
    postgres,
    `SELECT md5(string_agg(md5(e::text), '' ORDER BY position)) AS print FROM eventstore.events e`,
  );
  return row!.print;
};

/** A folder that is gone after the suite. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'kopilka-store-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
