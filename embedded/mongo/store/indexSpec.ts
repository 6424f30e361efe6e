/** What an index is to be, as createIndexes is told: checked once, and compared with those that are there. */
import type { Document } from 'bson';
import { MongoFault } from '../errors.js';
import { compareValues } from './order.js';
import { isRecord } from './paths.js';

export interface IndexField {
  readonly path: string;
  readonly direction: 1 | -1;
}

export interface IndexSpec {
  readonly name: string;
  /** As it was given, for listIndexes. */
  readonly key: Readonly<Record<string, number | string>>;
  readonly kind: 'ordered' | 'wildcard' | 'text';
  readonly fields: readonly IndexField[];
  readonly unique: boolean;
  /** Documents without the first field are left out. */
  readonly sparse: boolean;
  readonly partialFilter: Document | null;
  /** Documents whose date is older than that are removed. */
  readonly expireAfterSeconds: number | null;
}

const accepted = new Set([
  'v',
  'key',
  'name',
  'unique',
  'sparse',
  'background',
  'partialFilterExpression',
  'expireAfterSeconds',
  'default_language',
  'weights',
  'textIndexVersion',
  'language_override',
]);

const wildcard = '$**';

const cannot = (why: string): MongoFault => new MongoFault('CannotCreateIndex', why);

const directionOf = (path: string, value: unknown): 1 | -1 => {
  const number = Number(value);
  if (value === 'hashed') return 1; // an order answers whatever a hash does
  if (typeof value === 'string' || !Number.isFinite(number) || number === 0) {
    throw cannot(
      `Values in v:2 index key pattern cannot be of this kind: ${path}: ${String(value)}`,
    );
  }
  return number < 0 ? -1 : 1;
};

const kindOf = (paths: readonly string[], key: Document): IndexSpec['kind'] => {
  if (Object.values(key).includes('text')) return 'text';
  const isWild = (path: string) => path === wildcard || path.endsWith(`.${wildcard}`);
  if (!paths.some(isWild)) return 'ordered';
  if (paths.length > 1) throw cannot('wildcard indexes of several fields are not kept here');
  return 'wildcard';
};

const fieldsOf = (kind: IndexSpec['kind'], key: Document): IndexField[] => {
  const fields = Object.entries(key);
  if (kind === 'text') {
    if (fields.some(([, value]) => value !== 'text')) {
      throw cannot('text indexes with other fields are not kept here');
    }
    return fields.map(([path]) => ({ path: path === wildcard ? '' : path, direction: 1 }));
  }
  return fields.map(([path, value]) => {
    const direction = directionOf(path, value);
    if (kind === 'ordered') return { path, direction };
    return { path: path === wildcard ? '' : path.slice(0, -wildcard.length - 1), direction };
  });
};

const nameFor = (key: Document): string =>
  Object.entries(key)
    .map(([path, value]) => `${path}_${String(value)}`)
    .join('_');

const partialFilterOf = (given: unknown): Document | null => {
  if (given === undefined) return null;
  if (isRecord(given)) return given;
  throw cannot('partialFilterExpression must be a document');
};

const expiryOf = (given: unknown, fields: readonly IndexField[]): number | null => {
  if (given === undefined) return null;
  const seconds = Number(given);
  if (!Number.isFinite(seconds) || seconds < 0 || fields.length !== 1) {
    throw cannot('TTL indexes are single-field indexes with a number of seconds from 0');
  }
  return seconds;
};

/** @throws MongoFault CannotCreateIndex, InvalidOptions. */
export const indexSpecOf = (given: unknown): IndexSpec => {
  if (!isRecord(given) || !isRecord(given['key']) || Object.keys(given['key']).length === 0) {
    throw cannot('an index needs a key with at least one field');
  }
  for (const option of Object.keys(given)) {
    if (!accepted.has(option)) {
      throw new MongoFault('InvalidOptions', `the index option '${option}' is not known here`);
    }
  }
  const { key } = given;
  const paths = Object.keys(key);
  if (paths.some((path) => path === '' || path.startsWith('.') || path.endsWith('.'))) {
    throw cannot('Index keys cannot contain an empty field.');
  }
  const kind = kindOf(paths, key);
  const fields = fieldsOf(kind, key);
  const unique = Boolean(given['unique']);
  if (unique && kind !== 'ordered') throw cannot(`an index of kind ${kind} cannot be unique`);
  return {
    name: typeof given['name'] === 'string' && given['name'] ? given['name'] : nameFor(key),
    key: key as IndexSpec['key'],
    kind,
    fields,
    unique,
    sparse: Boolean(given['sparse']),
    partialFilter: partialFilterOf(given['partialFilterExpression']),
    expireAfterSeconds: expiryOf(given['expireAfterSeconds'], fields),
  };
};

export const idIndex: IndexSpec = {
  name: '_id_',
  key: { _id: 1 },
  kind: 'ordered',
  fields: [{ path: '_id', direction: 1 }],
  unique: true,
  sparse: false,
  partialFilter: null,
  expireAfterSeconds: null,
};

const isSameKey = (a: IndexSpec, b: IndexSpec): boolean =>
  compareValues({ ...a.key }, { ...b.key }) === 0;

const isSameIndex = (a: IndexSpec, b: IndexSpec): boolean =>
  isSameKey(a, b) &&
  a.unique === b.unique &&
  a.sparse === b.sparse &&
  a.expireAfterSeconds === b.expireAfterSeconds &&
  compareValues(a.partialFilter, b.partialFilter) === 0;

/** Whether it is there already. @throws MongoFault where the name or the key is that of another index. */
export const isThere = (wanted: IndexSpec, present: readonly IndexSpec[]): boolean => {
  for (const index of present) {
    if (index.name === wanted.name) {
      if (isSameIndex(index, wanted)) return true;
      const message = `An existing index has the same name as the requested index but another key or other options: ${wanted.name}`;
      throw new MongoFault('IndexKeySpecsConflict', message);
    }
    if (isSameKey(index, wanted)) {
      const message = `Index already exists with a different name: ${index.name}`;
      throw new MongoFault('IndexOptionsConflict', message);
    }
  }
  return false;
};

/** As listIndexes shows it. */
export const shownIndex = (spec: IndexSpec): Document => ({
  v: 2,
  key: spec.key,
  name: spec.name,
  ...(spec.unique && spec.name !== idIndex.name ? { unique: true } : {}),
  ...(spec.sparse ? { sparse: true } : {}),
  ...(spec.partialFilter ? { partialFilterExpression: spec.partialFilter } : {}),
  ...(spec.expireAfterSeconds === null ? {} : { expireAfterSeconds: spec.expireAfterSeconds }),
});
