/**
 * CloudEvents 1.0 over HTTP, in every mode: structured and batch by their content types, binary by ce- headers, and plain JSON for
 * whoever knows nothing of it: then the body is the data and the attributes are made up from the request.
 */
import type { Publication } from '../../domain/publication/publication.js';
import { Rejected, rejected } from '../../domain/rejected.js';
import { type Fault, InvalidInput } from '../../commands/validation.js';

export interface Sent {
  /** Of Content-Type, without parameters, in lower case. */
  readonly mediaType: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

const structured = 'application/cloudevents+json';
const batch = 'application/cloudevents-batch+json';
const plain = 'application/json';

const known = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'datacontenttype',
  'dataschema',
  'partitionkey',
  'data',
  'data_base64',
]);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const faulty = (pointer: string, reason: string): InvalidInput => {
  const fault: Fault = { pointer, reason };
  return new InvalidInput([fault]);
};

/** What it is of is judged by the command; here only what CloudEvents itself says. @throws InvalidInput */
export const fromJson = (given: unknown, at: string): Publication => {
  if (!isObject(given)) throw faulty(at, 'must be a CloudEvent: an object');
  const { specversion, partitionkey, data_base64: dataBase64, data } = given;
  if (specversion !== '1.0') throw faulty(`${at}/specversion`, 'must be "1.0"');
  if (data !== undefined && dataBase64 !== undefined) {
    throw faulty(`${at}/data_base64`, 'must not stand beside data');
  }
  const { id, source, type, subject, time, datacontenttype, dataschema } = given;
  const rest = Object.entries(given).filter(([name]) => !known.has(name));
  const named = { id, source, type, subject, time, datacontenttype, dataschema };
  const optional = { ...named, key: partitionkey, data, dataBase64 };
  const publication = Object.fromEntries(
    Object.entries(optional).filter(([, value]) => value !== undefined),
  );
  if (rest.length > 0) publication['extensions'] = Object.fromEntries(rest);
  return publication as Publication;
};

/** Values are percent-encoded where they are not ASCII. */
const headerValue = (name: string, value: string | string[] | undefined): string => {
  const text = Array.isArray(value) ? value.join(',') : (value ?? '');
  try {
    return decodeURIComponent(text);
  } catch {
    throw faulty(`/${name}`, 'must be percent-encoded UTF-8');
  }
};

const fromBinary = ({ headers, body, mediaType }: Sent): Publication => {
  const attributes = Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith('ce-'))
      .map(([name, value]) => [name.slice('ce-'.length), headerValue(name, value)]),
  );
  return fromJson({ ...attributes, datacontenttype: mediaType, data: body }, '');
};

/** Half a CloudEvent is a mistake, and taken for plain data it would reach every receiver under a type that none expects. */
const plainOnly = ({ headers, body }: Sent): void => {
  if (isObject(body) && 'specversion' in body && 'type' in body) {
    throw faulty('/specversion', `is of a CloudEvent: send it as Content-Type: ${structured}`);
  }
  const attribute = Object.keys(headers).find((name) => name.startsWith('ce-'));
  if (attribute === undefined) return;
  throw faulty('/ce-specversion', `must be 1.0 where ${attribute} is sent`);
};

/** A pointer into a publication as one into the CloudEvent that it was. */
export const wirePointer = (pointer: string): string =>
  pointer
    .replace(/^\/extensions(?=\/)/, '')
    .replace(/^\/key$/, '/partitionkey')
    .replace(/^\/dataBase64$/, '/data_base64');

/** Of a command over several publications: a pointer into the body that was sent. */
const sentPointer = (pointer: string, mediaType: string): string => {
  const [, index = '', rest = ''] = /^\/publications(\/\d+)?(\/.*)?$/.exec(pointer) ?? [];
  if (index === '') return mediaType === batch ? '' : pointer;
  if (mediaType === batch) return `${index}${wirePointer(rest)}`;
  return mediaType === plain ? rest.replace(/^\/data(?=\/)/, '') : wirePointer(rest);
};

/** Faults are told of what was sent, and not of what the command was made of. */
export const inSentTerms = (error: unknown, { mediaType, headers }: Sent): unknown => {
  const isBinary = headers['ce-specversion'] !== undefined;
  const as = isBinary && mediaType === plain ? structured : mediaType;
  const moved = (faults: readonly Fault[]): readonly Fault[] =>
    faults.map((fault) => ({ ...fault, pointer: sentPointer(fault.pointer, as) }));
  if (error instanceof InvalidInput) return new InvalidInput(moved(error.faults));
  const { faults } = error instanceof Rejected ? error.details : {};
  if (!(error instanceof Rejected) || !Array.isArray(faults)) return error;
  return rejected(
    error.code,
    Object.assign({ ...error.details }, { faults: moved(faults as Fault[]) }),
  );
};

/** @param made id and source for plain JSON, which has none. @throws InvalidInput */
export const publicationsOf = (
  sent: Sent,
  made: { readonly id: string; readonly source: string },
): readonly Publication[] => {
  const { mediaType, headers, body } = sent;
  if (mediaType === batch) {
    if (!Array.isArray(body)) throw faulty('', 'must be an array of CloudEvents');
    return body.map((one, i) => fromJson(one, `/${i}`));
  }
  if (mediaType === structured) return [fromJson(body, '')];
  if (headers['ce-specversion'] !== undefined) return [fromBinary(sent)];
  plainOnly(sent);
  const type = 'com.kopilka.plain';
  return [{ ...made, type, datacontenttype: plain, data: body }];
};
