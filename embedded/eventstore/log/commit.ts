/**
 * The SQL of the writer: one statement, hence one implicit transaction and one round trip, per batch.
 *
 * Appends without an exact expectation might be repetitions. The statement looks for the first id of each (`probed`)
 * and inserts nothing if it finds one; the batch is then decided anew with those ids looked up. That keeps the common
 * case, nothing repeated, at a single round trip.
 */
import type { ClientBase } from 'pg';
import type { WriteRequest } from './append.js';
import type { Batch, IdPlaces } from './batch.js';
import { BinaryArray, Oid, textArray, uuidArray } from './binaryArrays.js';
import type { StoredId } from './expectedRevision.js';

const INSERT = `
  INSERT INTO eventstore.events
    (position, revision, event_id, created_ms, is_json, stream, type, data, metadata)
  SELECT $1::bigint + n, revision, event_id, $2::bigint, is_json, stream, type, data, metadata
  FROM unnest($3::bigint[], $4::uuid[], $5::boolean[], $6::text[], $7::text[], $8::bytea[], $9::bytea[])
    WITH ORDINALITY AS e (revision, event_id, is_json, stream, type, data, metadata, n)`;

const INSERT_UNLESS_REPEATED = `
  WITH repeated AS MATERIALIZED (
    SELECT p.n FROM unnest($10::uuid[], $11::text[]) WITH ORDINALITY AS p (event_id, stream, n)
    WHERE EXISTS (
      SELECT FROM eventstore.events e WHERE e.event_id = p.event_id AND e.stream = p.stream COLLATE "C")
  ), inserted AS (${INSERT}
    WHERE NOT EXISTS (SELECT FROM repeated)
  )
  SELECT n::int FROM repeated`;

const FIND_IDS = `
  SELECT e.stream, e.event_id, e.revision, e.position
  FROM unnest($1::uuid[], $2::text[]) AS p (event_id, stream)
  JOIN eventstore.events e ON e.event_id = p.event_id AND e.stream = p.stream COLLATE "C"`;

const columns = (batch: Batch): Buffer[] => {
  const { events, streamBytes, revisions } = batch;
  const count = events.length;
  let streamTotal = 0;
  let typeTotal = 0;
  let dataTotal = 0;
  let metadataTotal = 0;
  for (let i = 0; i < count; i++) {
    const event = events[i]!;
    streamTotal += streamBytes[i]!.length;
    typeTotal += event.typeEnd - event.typeStart;
    dataTotal += event.dataEnd - event.dataStart;
    metadataTotal += event.metadataEnd - event.metadataStart;
  }
  const revision = new BinaryArray(Oid.int8, count, count * 8);
  const id = new BinaryArray(Oid.uuid, count, count * 16);
  const isJson = new BinaryArray(Oid.bool, count, count);
  const stream = new BinaryArray(Oid.text, count, streamTotal);
  const type = new BinaryArray(Oid.text, count, typeTotal);
  const data = new BinaryArray(Oid.bytea, count, dataTotal);
  const metadata = new BinaryArray(Oid.bytea, count, metadataTotal);
  for (let i = 0; i < count; i++) {
    const event = events[i]!;
    const name = streamBytes[i]!;
    revision.addInt8(revisions[i]!);
    id.add(event.id, 0, 16);
    isJson.addBool(event.isJson);
    stream.add(name, 0, name.length);
    type.add(event.source, event.typeStart, event.typeEnd);
    data.add(event.source, event.dataStart, event.dataEnd);
    metadata.add(event.source, event.metadataStart, event.metadataEnd);
  }
  return [revision, id, isJson, stream, type, data, metadata].map(({ bytes }) => bytes);
};

/**
 * Stores the batch durably, or nothing of it. Returns the probed requests that are stored already, in which case
 * nothing was written. Throws pg's errors.
 */
export const commitBatch = async (client: ClientBase, batch: Batch): Promise<WriteRequest[]> => {
  const values = [batch.firstPosition - 1, batch.createdMs, ...columns(batch)];
  if (batch.probed.length === 0) {
    await client.query({ name: 'append', text: INSERT, values });
    return [];
  }
  values.push(
    uuidArray(batch.probed.map(({ events }) => events[0]!.id)),
    textArray(batch.probed.map(({ streamBytes }) => streamBytes)),
  );
  const { rows } = await client.query<{ n: number }>({
    name: 'append-unless-repeated',
    text: INSERT_UNLESS_REPEATED,
    values,
  });
  return rows.map(({ n }) => batch.probed[n - 1]!);
};

interface StoredIdRow {
  stream: string;
  event_id: string;
  revision: string;
  position: string;
}

/** Finds where the ids of these requests stand in their streams. Every request has an entry. */
export const findStoredIds = async (
  client: ClientBase,
  requests: ReadonlySet<WriteRequest>,
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
  return new Map([...requests].map((request) => [request, byStream.get(request.stream)!]));
};
