/**
 * A message of a partner as a publication: a CloudEvent as the Kafka protocol binding has it, binary (ce_ headers) or structured
 * (application/cloudevents+json), or plain data for whoever knows nothing of it.
 *
 * What is of the wrong shape is told with a pointer, as the API tells it. What it may say is judged by the command.
 */
import { type Fault, InvalidInput } from '../../../commands/validation.js';
import type { PartnerId } from '../../../domain/ids.js';
import type { Publication } from '../../../domain/publication/publication.js';
import type { FoundMessage } from '../port.js';

export interface MadeUp {
  /** Where it was found: its id where it brings none. */
  readonly id: string;
  readonly partnerId: PartnerId;
}

const structured = 'application/cloudevents+json';
const batched = 'application/cloudevents-batch+json';

const faulty = (pointer: string, reason: string): InvalidInput => {
  const fault: Fault = { pointer, reason };
  return new InvalidInput([fault]);
};

const strict = new TextDecoder('utf-8', { fatal: true });

const textOf = (bytes: Buffer, pointer: string): string => {
  try {
    return strict.decode(bytes);
  } catch {
    throw faulty(pointer, 'must be UTF-8');
  }
};

const jsonOf = (bytes: Buffer, pointer: string): unknown => {
  try {
    return JSON.parse(textOf(bytes, pointer));
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    throw faulty(pointer, 'must be JSON');
  }
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const known = new Set([
  ...['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'dataschema'],
  ...['partitionkey', 'data', 'data_base64'],
]);

/** @throws InvalidInput */
const fromEvent = (event: Record<string, unknown>, key: string | undefined): Publication => {
  const { specversion, partitionkey, data_base64: dataBase64, data } = event;
  if (specversion !== '1.0') throw faulty('/specversion', 'must be "1.0"');
  if (data !== undefined && dataBase64 !== undefined) {
    throw faulty('/data_base64', 'must not stand beside data');
  }
  const { id, source, type, subject, time, datacontenttype, dataschema } = event;
  const extensions = Object.entries(event).filter(([name]) => !known.has(name));
  const named = { id, source, type, subject, time, datacontenttype, dataschema };
  const given = { ...named, key: partitionkey ?? key, data, dataBase64 };
  const publication = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  if (extensions.length > 0) publication['extensions'] = Object.fromEntries(extensions);
  return publication as Publication;
};

const isJson = (mediaType: string): boolean => mediaType === '' || /[/+]json$/.test(mediaType);

/** As JSON where it is, as text where it says so, as bytes otherwise. */
const dataOf = (value: Buffer | null, mediaType: string): Partial<Record<string, unknown>> => {
  if (value === null || value.length === 0) return {};
  if (isJson(mediaType)) return { data: jsonOf(value, '/data') };
  if (mediaType.startsWith('text/')) return { data: textOf(value, '/data') };
  return { data_base64: value.toString('base64') };
};

const headerPrefix = 'ce_';

/** @throws InvalidInput */
export const publicationOf = (message: FoundMessage, made: MadeUp): Publication => {
  const { value, headers } = message;
  const header = (name: string): string | undefined => {
    const bytes = headers[name];
    return bytes === undefined ? undefined : textOf(bytes, `/headers/${name}`);
  };
  const contentType = header('content-type');
  const mediaType = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const key = message.key === null ? undefined : textOf(message.key, '/key') || undefined;

  if (mediaType === batched) throw faulty('', 'must be one event: batches are not read from Kafka');
  if (mediaType === structured) {
    const event = value && jsonOf(value, '');
    if (!isObject(event)) throw faulty('', 'must be a CloudEvent: an object');
    return fromEvent(event, key);
  }
  if (headers['ce_specversion'] !== undefined) {
    const names = Object.keys(headers).filter((name) => name.startsWith(headerPrefix));
    const attributes = names.map((name) => [name.slice(headerPrefix.length), header(name)]);
    const datacontenttype = contentType ?? (value?.length ? 'application/json' : undefined);
    const event = { ...Object.fromEntries(attributes), datacontenttype };
    return fromEvent({ ...event, ...dataOf(value, mediaType) }, key);
  }
  if (value === null) throw faulty('', 'must have a value: a tombstone publishes nothing');
  const { id, partnerId } = made;
  const plain = { id, source: `/partners/${partnerId}`, type: 'com.kopilka.plain' };
  const datacontenttype = contentType ?? 'application/json';
  return fromEvent(
    { specversion: '1.0', ...plain, datacontenttype, ...dataOf(value, mediaType) },
    key,
  );
};
