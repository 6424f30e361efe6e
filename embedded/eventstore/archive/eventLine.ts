/**
 * One event as one line, with everything needed to restore it exactly.
 *
 * Invariant: `readEventLine(eventLine(event))` gives the same bytes. Data and metadata stand there as JSON only when
 * parsing and printing them again gives the very same bytes; whatever else they are (binary, JSON with blanks, numbers
 * beyond 2^53) goes as base64.
 */
import { isUtf8 } from 'node:buffer';
import { EVENT_START } from './format.js';

export interface LoggedEvent {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  /** UUID in lower case. */
  readonly id: string;
  readonly type: string;
  /** Milliseconds since the Unix epoch. */
  readonly createdMs: number;
  readonly isJson: boolean;
  readonly data: Buffer;
  /** Empty for none. */
  readonly metadata: Buffer;
}

const JSON_TYPE = 'application/json';
const BINARY_TYPE = 'application/octet-stream';
const NAME_BYTES_MAX = 1024;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The text if it is JSON that survives being parsed and printed; undefined if not. */
const stableJson = (bytes: Buffer): string | undefined => {
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString('utf8');
  try {
    return JSON.stringify(JSON.parse(text)) === text ? text : undefined;
  } catch {
    return undefined;
  }
};

const payload = (key: 'data' | 'metadata', bytes: Buffer, mayBeJson: boolean): string => {
  if (bytes.length === 0) return '';
  const json = mayBeJson ? stableJson(bytes) : undefined;
  return json === undefined ? `,"${key}Base64":"${bytes.toString('base64')}"` : `,"${key}":${json}`;
};

/** The line, with its end. */
export const eventLine = (event: LoggedEvent): string =>
  `${EVENT_START}${event.position}` +
  `,"stream":${JSON.stringify(event.stream)}` +
  `,"revision":${event.revision}` +
  `,"id":"${event.id}"` +
  `,"type":${JSON.stringify(event.type)}` +
  `,"created":"${new Date(event.createdMs).toISOString()}"` +
  `,"contentType":"${event.isJson ? JSON_TYPE : BINARY_TYPE}"` +
  payload('data', event.data, event.isJson) +
  payload('metadata', event.metadata, true) +
  '}\n';

type Fields = Readonly<Record<string, unknown>>;

const wholeNumber = (fields: Fields, key: string, least: number): number => {
  const value = fields[key];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`"${key}" is not a whole number from ${least} on`);
};

const name = (fields: Fields, key: string): string => {
  const value = fields[key];
  if (typeof value !== 'string' || value === '' || value.includes('\0')) {
    throw new Error(`"${key}" is not a name`);
  }
  if (Buffer.byteLength(value) > NAME_BYTES_MAX) throw new Error(`"${key}" is too long`);
  return value;
};

const bytesOf = (fields: Fields, key: string): Buffer => {
  if (key in fields) return Buffer.from(JSON.stringify(fields[key]));
  const base64 = fields[`${key}Base64`];
  if (base64 === undefined) return Buffer.alloc(0);
  if (typeof base64 !== 'string') throw new Error(`"${key}Base64" is not a text`);
  return Buffer.from(base64, 'base64');
};

/** @throws Error saying which field is at fault. */
export const readEventLine = (line: string): LoggedEvent => {
  const fields = JSON.parse(line) as Fields;
  const createdMs = Date.parse(String(fields['created']));
  if (Number.isNaN(createdMs)) throw new Error('"created" is not a time');
  const id = fields['id'];
  if (typeof id !== 'string' || !UUID.test(id)) throw new Error('"id" is not a UUID');
  const contentType = fields['contentType'];
  if (contentType !== JSON_TYPE && contentType !== BINARY_TYPE) {
    throw new Error(`"contentType" is neither ${JSON_TYPE} nor ${BINARY_TYPE}`);
  }
  return {
    position: wholeNumber(fields, 'position', 1),
    stream: name(fields, 'stream'),
    revision: wholeNumber(fields, 'revision', 0),
    id,
    type: name(fields, 'type'),
    createdMs,
    isJson: contentType === JSON_TYPE,
    data: bytesOf(fields, 'data'),
    metadata: bytesOf(fields, 'metadata'),
  };
};
