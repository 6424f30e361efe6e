/**
 * What an update makes of a document: by operators, by a pipeline, or by putting another in its place. The document that is stored
 * is never touched; the answer is another.
 */
import { type Document, Long } from 'bson';
import { update as applyOperators } from 'mingo';
import { Aggregator } from 'mingo/aggregator';
import { asFault, MongoFault } from '../errors.js';
import { isSameValue, rankOf } from '../store/order.js';
import { isRecord, valuesAt } from '../store/paths.js';
import { language } from './language.js';

export interface Change {
  /** Operators, a pipeline, or the document to be. */
  readonly update: unknown;
  readonly arrayFilters?: readonly Document[] | undefined;
  /** What found the document, for `$` in a path. */
  readonly filter: Document;
}

const operators = new Set([
  '$addToSet',
  '$bit',
  '$currentDate',
  '$inc',
  '$max',
  '$min',
  '$mul',
  '$pop',
  '$pull',
  '$pullAll',
  '$push',
  '$rename',
  '$set',
  '$setOnInsert',
  '$unset',
]);

const pipelineStages = new Set([
  '$addFields',
  '$set',
  '$project',
  '$unset',
  '$replaceRoot',
  '$replaceWith',
]);

/** Objects and lists anew; values that nobody changes as they are. */
export const copied = <Value>(value: Value): Value => {
  if (Array.isArray(value)) return value.map((element: unknown) => copied(element)) as Value;
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, copied(inner)]),
  ) as Value;
};

export const kindOfUpdate = (update: unknown): 'operators' | 'pipeline' | 'replacement' => {
  if (Array.isArray(update)) return 'pipeline';
  if (!isRecord(update)) {
    throw new MongoFault('FailedToParse', 'Update argument must be either an object or an array');
  }
  const [first] = Object.keys(update);
  return first?.startsWith('$') ? 'operators' : 'replacement';
};

const checkOperators = (update: Document): void => {
  const paths = new Set<string>();
  for (const [operator, fields] of Object.entries(update)) {
    if (!operators.has(operator)) {
      const message = `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`;
      throw new MongoFault('FailedToParse', message);
    }
    if (!isRecord(fields)) {
      throw new MongoFault(
        'FailedToParse',
        `Modifiers operate on fields but we found another type: ${operator}`,
      );
    }
    for (const path of Object.keys(fields)) checkConflict(paths, path);
  }
};

const checkConflict = (paths: Set<string>, path: string): void => {
  for (const other of paths) {
    if (other === path || other.startsWith(`${path}.`) || path.startsWith(`${other}.`)) {
      const message = `Updating the path '${path}' would create a conflict at '${other}'`;
      throw new MongoFault('ConflictingUpdateOperators', message);
    }
  }
  paths.add(path);
};

const numberRank = rankOf(0);

const isPlainPath = (path: string): boolean => !path.includes('$');

/** mingo passes over what is no number; the server refuses it. */
const checkNumbers = (document: Document, update: Document): void => {
  for (const operator of ['$inc', '$mul'] as const) {
    const fields = (update[operator] ?? {}) as Document;
    for (const [path, amount] of Object.entries(fields)) {
      if (rankOf(amount) !== numberRank) {
        const message = `Cannot ${operator === '$inc' ? 'increment' : 'multiply'} with non-numeric argument: {${path}: ${String(amount)}}`;
        throw new MongoFault('TypeMismatch', message);
      }
      if (!isPlainPath(path)) continue;
      for (const value of valuesAt(document, path)) {
        if (rankOf(value) === numberRank) continue;
        const message = `Cannot apply ${operator} to a value of non-numeric type. {_id: ${String(document['_id'])}} has the field '${path}' of another type`;
        throw new MongoFault('TypeMismatch', message);
      }
    }
  }
};

const checkArrays = (document: Document, update: Document): void => {
  for (const operator of ['$push', '$addToSet', '$pop', '$pull', '$pullAll'] as const) {
    for (const path of Object.keys((update[operator] ?? {}) as Document)) {
      if (!isPlainPath(path)) continue;
      const [value] = valuesAt(document, path);
      if (value === undefined || Array.isArray(value)) continue;
      const message = `The field '${path}' must be an array but is of another type in document {_id: ${String(document['_id'])}}`;
      throw new MongoFault('BadValue', message);
    }
  }
};

/** A path cannot go on through a value that has no fields. */
const checkPaths = (document: Document, update: Document): void => {
  for (const [operator, fields] of Object.entries(update)) {
    if (operator === '$unset' || operator === '$rename') continue;
    for (const path of Object.keys(fields as Document)) {
      const parts = path.split('.');
      for (let i = 1; i < parts.length && isPlainPath(path); i += 1) {
        const parent = parts.slice(0, i).join('.');
        const [value] = valuesAt(document, parent);
        if (value === undefined || isRecord(value) || Array.isArray(value)) continue;
        const message = `Cannot create field '${parts[i] ?? ''}' in element {${parent}: ${String(value)}}`;
        throw new MongoFault('PathNotViable', message);
      }
    }
  }
};

/** `_id` may be named where it stays what it is. */
const withoutId = (document: Document, update: Document): Document => {
  const rest: Document = {};
  for (const [operator, fields] of Object.entries(update)) {
    if (operator === '$setOnInsert') continue;
    const { _id, ...others } = fields as Document;
    if (_id !== undefined && !(operator === '$set' && isSameValue(_id, document['_id']))) {
      const message =
        "Performing an update on the path '_id' would modify the immutable field '_id'";
      throw new MongoFault('ImmutableField', message);
    }
    if (Object.keys(others).length > 0) rest[operator] = withNumbers(others, operator);
  }
  return rest;
};

/** Sums of longs are made as numbers, where they are exact. */
const withNumbers = (fields: Document, operator: string): Document => {
  if (operator !== '$inc' && operator !== '$mul') return fields;
  return Object.fromEntries(
    Object.entries(fields).map(([path, amount]) => [
      path,
      amount instanceof Long ? amount.toNumber() : Number(amount),
    ]),
  );
};

/** Some path has a `$` for the element that the filter matched. */
const namesMatch = (update: Document): boolean =>
  Object.values(update).some((fields) =>
    Object.keys(fields as Document).some((path) => path.split('.').includes('$')),
  );

const byOperators = (document: Document, { update, arrayFilters, filter }: Change): Document => {
  const given = update as Document;
  checkOperators(given);
  checkNumbers(document, given);
  checkArrays(document, given);
  checkPaths(document, given);
  const rest = withoutId(document, given);
  const changed = copied(document);
  if (Object.keys(rest).length === 0) return changed;
  const condition = namesMatch(rest) ? filter : {};
  applyOperators(changed, copied(rest) as never, [...(arrayFilters ?? [])], condition, {
    cloneMode: 'deep',
    queryOptions: language,
  });
  return changed;
};

const byPipeline = (document: Document, stages: readonly unknown[]): Document => {
  for (const stage of stages) {
    const [name = ''] = isRecord(stage) ? Object.keys(stage) : [];
    if (!pipelineStages.has(name)) {
      throw new MongoFault('InvalidOptions', `${name} is not allowed to be used within an update`);
    }
  }
  const pipeline = new Aggregator(stages as Document[], language);
  const [changed] = pipeline.run([copied(document)]);
  return { _id: document['_id'] as unknown, ...changed };
};

/** The document as it is to be, the same `_id` or another that its owner refuses. @throws MongoFault. */
export const changed = (document: Document, change: Change): Document => {
  try {
    switch (kindOfUpdate(change.update)) {
      case 'operators':
        return byOperators(document, change);
      case 'pipeline':
        return byPipeline(document, change.update as unknown[]);
      case 'replacement':
        return { _id: document['_id'] as unknown, ...(change.update as Document) };
    }
  } catch (error) {
    throw asFault(error);
  }
};

/** The values that a filter says a document has: what an upsert begins with. */
const pinned = (filter: Document): Document => {
  const found: Document = {};
  for (const [path, condition] of Object.entries(filter)) {
    if (path === '$and' && Array.isArray(condition)) {
      for (const part of condition) if (isRecord(part)) Object.assign(found, pinned(part));
    } else if (!path.startsWith('$')) {
      const given = isRecord(condition) ? condition : null;
      const isOperators = given && Object.keys(given).some((key) => key.startsWith('$'));
      if (!isOperators && !(condition instanceof RegExp)) found[path] = condition;
      else if (given && '$eq' in given) found[path] = given['$eq'];
    }
  }
  return found;
};

const nested = (paths: Document): Document => {
  const document: Document = {};
  const { _id, ...rest } = paths;
  if (_id !== undefined) document['_id'] = _id;
  if (Object.keys(rest).length > 0) applyOperators(document, { $set: rest } as never);
  return document;
};

/** The document that an upsert inserts where nothing was found. @throws MongoFault. */
export const upserted = (change: Change): Document => {
  const begin = nested(copied(pinned(change.filter)));
  if (kindOfUpdate(change.update) !== 'operators') {
    const { _id } = begin;
    const result = changed(begin, change);
    return _id === undefined ? dropUndefinedId(result) : result;
  }
  const update = change.update as Document;
  const { $setOnInsert, ...others } = update;
  const set = { ...(others['$set'] as Document), ...($setOnInsert as Document) };
  const { _id, ...fields } = set;
  checkOperators(update);
  const id = begin['_id'] ?? _id;
  if (_id !== undefined && !isSameValue(_id, id)) {
    throw new MongoFault(
      'ImmutableField',
      "Performing an update on the path '_id' would modify the immutable field '_id'",
    );
  }
  const whole =
    Object.keys(fields).length > 0 ? { ...others, $set: fields } : without(others, '$set');
  const result = changed(begin, {
    ...change,
    update: Object.keys(whole).length > 0 ? whole : { $set: {} },
  });
  return id === undefined
    ? dropUndefinedId(result)
    : { _id: id as unknown, ...without(result, '_id') };
};

const without = (document: Document, field: string): Document =>
  Object.fromEntries(Object.entries(document).filter(([key]) => key !== field));

const dropUndefinedId = (document: Document): Document =>
  document['_id'] === undefined ? without(document, '_id') : document;
