/**
 * Events as rows of COPY in binary format, both ways: the form in which the tools read the log and fill it, since pg's
 * ordinary rows decode every column to text first.
 */
import type { ClientBase } from 'pg';
import { COPY_OVERHEAD_BYTES, copyIn, writeCopyHeader, writeCopyTrailer } from '../log/copyIn.js';
import type { LoggedEvent } from '../archive/eventLine.js';

/** In the order in which rows carry them. */
export const EVENT_COLUMNS =
  'position, revision, created_ms, event_id, is_json, stream, type, data, metadata';
const COLUMN_COUNT = 9;
/** The row's field count, nine lengths, and the fields of fixed size: three bigints, a uuid, a boolean. */
const FIXED_ROW_BYTES = 2 + COLUMN_COUNT * 4 + 3 * 8 + 16 + 1;

const uuidText = (bytes: Buffer): string => {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

const readBigint = (row: Buffer, at: number): number =>
  row.readInt32BE(at) * 0x1_0000_0000 + row.readUInt32BE(at + 4);

/** The event in a row of EVENT_COLUMNS whose fields begin at `start`. Its bytes are those of the row, uncopied. */
export const readEventRow = (row: Buffer, start: number): LoggedEvent => {
  let at = start;
  const field = (): Buffer => {
    const from = at + 4;
    at = from + row.readInt32BE(at);
    return row.subarray(from, at);
  };
  const position = readBigint(field(), 0);
  const revision = readBigint(field(), 0);
  const createdMs = readBigint(field(), 0);
  const id = uuidText(field());
  const isJson = field()[0] === 1;
  const stream = field().toString('utf8');
  const type = field().toString('utf8');
  const data = field();
  return { position, revision, createdMs, id, isJson, stream, type, data, metadata: field() };
};

const writeBigint = (target: Buffer, start: number, value: number): number => {
  const at = target.writeInt32BE(8, start);
  target.writeInt32BE(Math.floor(value / 0x1_0000_0000), at);
  return target.writeUInt32BE(value >>> 0, at + 4);
};

const writeText = (target: Buffer, start: number, text: string, bytes: number): number => {
  const at = target.writeInt32BE(bytes, start);
  return at + target.write(text, at, 'utf8');
};

const writeBytes = (target: Buffer, start: number, bytes: Buffer): number => {
  const at = target.writeInt32BE(bytes.length, start);
  return at + bytes.copy(target, at);
};

/** All of them as the data of one COPY. */
const eventRows = (events: readonly LoggedEvent[]): Buffer => {
  const streamBytes = events.map(({ stream }) => Buffer.byteLength(stream));
  const typeBytes = events.map(({ type }) => Buffer.byteLength(type));
  let size = COPY_OVERHEAD_BYTES;
  events.forEach(({ data, metadata }, i) => {
    size += FIXED_ROW_BYTES + streamBytes[i]! + typeBytes[i]! + data.length + metadata.length;
  });
  const rows = Buffer.allocUnsafe(size);
  let at = writeCopyHeader(rows);
  events.forEach((event, i) => {
    at = rows.writeInt16BE(COLUMN_COUNT, at);
    at = writeBigint(rows, at, event.position);
    at = writeBigint(rows, at, event.revision);
    at = writeBigint(rows, at, event.createdMs);
    at = rows.writeInt32BE(16, at);
    at += rows.write(event.id.replaceAll('-', ''), at, 'hex');
    at = rows.writeInt32BE(1, at);
    rows[at++] = event.isJson ? 1 : 0;
    at = writeText(rows, at, event.stream, streamBytes[i]!);
    at = writeText(rows, at, event.type, typeBytes[i]!);
    at = writeBytes(rows, at, event.data);
    at = writeBytes(rows, at, event.metadata);
  });
  writeCopyTrailer(rows, at);
  return rows;
};

/** Stores all of them, in one transaction, where they say they stand. Throws pg's errors. */
export const insertEvents = (client: ClientBase, events: readonly LoggedEvent[]): Promise<void> =>
  copyIn(client, `eventstore.events (${EVENT_COLUMNS})`, eventRows(events));
