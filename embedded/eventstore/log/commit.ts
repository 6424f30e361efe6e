/**
 * The SQL of the writer: storing a batch, and finding appends that were stored before.
 */
import type { ClientBase } from 'pg';
import { copyBytes } from '../wire/bytes.js';
import type { WriteRequest } from './append.js';
import type { Batch, IdPlaces } from './batch.js';
import { textArray, uuidArray } from './binaryArrays.js';
import { COPY_OVERHEAD_BYTES, copyIn, writeCopyHeader, writeCopyTrailer } from './copyIn.js';
import type { StoredId } from './expectedRevision.js';

const EVENT_COLUMNS =
  'eventstore.events (position, revision, created_ms, event_id, is_json, stream, type, data, metadata)';
const COLUMN_COUNT = 9;
/** The row's field count, nine lengths, and the fields of fixed size: three bigints, a uuid, a boolean. */
const FIXED_ROW_BYTES = 2 + COLUMN_COUNT * 4 + 3 * 8 + 16 + 1;

const rowsOf = (batch: Batch): Buffer => {
  const { events, streamBytes, revisions, firstPosition, createdMs } = batch;
  let size = COPY_OVERHEAD_BYTES;
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!;
    size += FIXED_ROW_BYTES + streamBytes[i]!.length + (event.typeEnd - event.typeStart);
    size += event.dataEnd - event.dataStart + (event.metadataEnd - event.metadataStart);
  }
  const rows = Buffer.allocUnsafe(size);
  let at = writeCopyHeader(rows);
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!;
    const stream = streamBytes[i]!;
    at = rows.writeInt16BE(COLUMN_COUNT, at);
    at = writeBigint(rows, at, firstPosition + i);
    at = writeBigint(rows, at, revisions[i]!);
    at = writeBigint(rows, at, createdMs);
    at = writeBytes(rows, at, event.id, 0, event.id.length);
    at = rows.writeInt32BE(1, at);
    rows[at++] = event.isJson ? 1 : 0;
    at = writeBytes(rows, at, stream, 0, stream.length);
    at = writeBytes(rows, at, event.source, event.typeStart, event.typeEnd);
    at = writeBytes(rows, at, event.source, event.dataStart, event.dataEnd);
    at = writeBytes(rows, at, event.source, event.metadataStart, event.metadataEnd);
  }
  writeCopyTrailer(rows, at);
  return rows;
};

const writeBigint = (target: Buffer, start: number, value: number): number => {
  let at = target.writeInt32BE(8, start);
  at = target.writeInt32BE(Math.floor(value / 0x1_0000_0000), at);
  return target.writeUInt32BE(value >>> 0, at);
};

const writeBytes = (
  target: Buffer,
  at: number,
  source: Buffer,
  start: number,
  end: number,
): number => copyBytes(source, start, end, target, target.writeInt32BE(end - start, at));

/** Stores the batch durably, or nothing of it. Throws pg's errors. */
export const commitBatch = (client: ClientBase, batch: Batch): Promise<void> =>
  copyIn(client, EVENT_COLUMNS, rowsOf(batch));

const FIND_IDS = `
  SELECT e.stream, e.event_id, e.revision, e.position
  FROM unnest($1::uuid[], $2::text[]) AS p (event_id, stream)
  JOIN eventstore.events e ON e.event_id = p.event_id AND e.stream = p.stream COLLATE "C"`;

interface StoredIdRow {
  stream: string;
  event_id: string;
  revision: string;
  position: string;
}

/** Finds where the ids of these requests stand in their streams. Every request has an entry. */
export const findStoredIds = async (
  client: ClientBase,
  requests: readonly WriteRequest[],
): Promise<ReadonlyMap<WriteRequest, IdPlaces>> => {
  const byStream = new Map<string, Map<string, StoredId[]>>();
  const ids: Buffer[] = [];
  const streams: Buffer[] = [];
  for (const { stream, streamBytes, events } of requests) {
    byStream.set(stream, new Map());
    for (const event of events) {
      ids.push(event.id);
      streams.push(streamBytes);
    }
  }
  const { rows } = await client.query<StoredIdRow>({
    name: 'find-ids',
    text: FIND_IDS,
    values: [uuidArray(ids), textArray(streams)],
  });
  for (const row of rows) {
    const places = byStream.get(row.stream)!;
    const key = Buffer.from(row.event_id.replaceAll('-', ''), 'hex').toString('latin1', 0, 16);
    const stored = { revision: Number(row.revision), position: Number(row.position) };
    places.set(key, [...(places.get(key) ?? []), stored]);
  }
  return new Map(requests.map((request) => [request, byStream.get(request.stream)!]));
};
