/** What is in a log, counted. Reads the whole index once: about a second for a million events. */
import type pg from 'pg';
import { TOMBSTONE_REVISION } from '../log/append.js';
import { parseStreamMetadata } from '../log/streamMetadata.js';
import type { EventStoreOptions } from '../options.js';
import { hasWriter, openTool, requireLog } from './connection.js';
import { isUnfinished } from './unfinishedImport.js';

export interface LogEdge {
  readonly position: number;
  /** ISO 8601, UTC. */
  readonly created: string;
}

export interface StoreInfo {
  readonly events: number;
  readonly streams: number;
  readonly first: LogEdge | null;
  readonly last: LogEdge | null;
  /** Positions that hold no event any more. */
  readonly removed: number;
  /** Streams deleted and not written to since. */
  readonly deletedStreams: number;
  readonly tombstonedStreams: number;
  readonly tableBytes: number;
  readonly indexBytes: number;
  /** A node has the log open. */
  readonly isOpen: boolean;
  /** An import was broken off: no node starts on it. */
  readonly importUnfinished: boolean;
}

/** @throws NoLog */
export const storeInfo = async (postgres: EventStoreOptions['postgres']): Promise<StoreInfo> => {
  const client = await openTool(postgres, 'info');
  try {
    await requireLog(client);
    const { rows } = await client.query<Record<'events' | 'streams' | 'tombstoned', string>>(`
      SELECT count(*) AS events, count(DISTINCT stream) AS streams,
        count(*) FILTER (WHERE revision = ${TOMBSTONE_REVISION}) AS tombstoned
      FROM eventstore.events`);
    const size = await client.query<Record<'table_bytes' | 'index_bytes', string>>(`
      SELECT pg_table_size('eventstore.events') AS table_bytes,
        pg_indexes_size('eventstore.events') AS index_bytes`);
    const first = await edge(client, 'ASC');
    const last = await edge(client, 'DESC');
    const events = Number(rows[0]!.events);
    return {
      events,
      streams: Number(rows[0]!.streams),
      first,
      last,
      removed: (last?.position ?? 0) - events,
      deletedStreams: await deletedStreams(client),
      tombstonedStreams: Number(rows[0]!.tombstoned),
      tableBytes: Number(size.rows[0]!.table_bytes),
      indexBytes: Number(size.rows[0]!.index_bytes),
      isOpen: await hasWriter(client),
      importUnfinished: await isUnfinished(client),
    };
  } finally {
    await client.end();
  }
};

const edge = async (client: pg.Client, order: 'ASC' | 'DESC'): Promise<LogEdge | null> => {
  const { rows } = await client.query<{ position: string; created_ms: string }>(
    `SELECT position, created_ms FROM eventstore.events ORDER BY position ${order} LIMIT 1`,
  );
  const [row] = rows;
  if (!row) return null;
  return {
    position: Number(row.position),
    created: new Date(Number(row.created_ms)).toISOString(),
  };
};

/** A delete is metadata whose $tb is the largest int64: only what holds its digits need be read. */
const deletedStreams = async (client: pg.Client): Promise<number> => {
  const { rows } = await client.query<{ data: Buffer }>(`
    SELECT data FROM (
      SELECT DISTINCT ON (stream) stream, is_json, data FROM eventstore.events
      WHERE stream >= '$$' AND stream < '$%' ORDER BY stream, revision DESC
    ) newest
    WHERE is_json AND position('9223372036854775807'::bytea in data) > 0`);
  return rows.filter(({ data }) => parseStreamMetadata(data)?.isDeleted).length;
};
