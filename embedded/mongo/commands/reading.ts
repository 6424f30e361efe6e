/** Commands that read: find and what goes on with it, count, distinct. */
import type { Document } from 'bson';
import { MongoFault } from '../errors.js';
import { projectionOf } from '../query/projection.js';
import { type Selected, select } from '../query/select.js';
import { isSameValue } from '../store/order.js';
import { elementsAt } from '../store/paths.js';
import { type Call, collectionName, type Command, countOf } from './command.js';

const batchSizeOf = (body: Document): number | null =>
  body['batchSize'] === undefined ? null : countOf(body, 'batchSize', 0);

const nothing: Selected = {
  found: [],
  plan: { index: null, intervals: [], backwards: false, sorted: true },
  byText: false,
  keysExamined: 0,
  documentsExamined: 0,
};

/** What a find would answer; also for explain. */
export const selectFor = ({ service, database, body }: Call): Selected => {
  const collection = service.catalogue.find(database, collectionName(body, 'find'));
  if (!collection) return nothing;
  return select(collection, {
    filter: body['filter'],
    sort: body['sort'],
    skip: countOf(body, 'skip', 0),
    limit: countOf(body, 'limit', 0),
    maxTimeMS: countOf(body, 'maxTimeMS', 0),
    hint: body['hint'],
  });
};

export const find: Command = {
  name: 'find',
  fields: [
    'filter',
    'sort',
    'projection',
    'hint',
    'skip',
    'limit',
    'batchSize',
    'singleBatch',
    'collation',
    'allowDiskUse',
    'noCursorTimeout',
    'allowPartialResults',
  ],
  run: (call) => {
    const { body, database, service } = call;
    const project = projectionOf(body['projection']);
    const { found } = selectFor(call);
    const documents = found.map(({ stored, score }) => project(stored.document, score));
    const ns = `${database}.${collectionName(body, 'find')}`;
    const single = body['singleBatch'] === true;
    const batch = service.cursors.start(ns, documents, batchSizeOf(body), single);
    return { cursor: { firstBatch: batch.documents, id: batch.id, ns } };
  },
};

export const getMore: Command = {
  name: 'getMore',
  fields: ['collection', 'batchSize'],
  run: ({ body, database, service }) => {
    const ns = `${database}.${collectionName(body, 'collection')}`;
    const batch = service.cursors.more(String(body['getMore']), ns, batchSizeOf(body));
    return { cursor: { nextBatch: batch.documents, id: batch.id, ns } };
  },
};

export const killCursors: Command = {
  name: 'killCursors',
  fields: ['cursors'],
  run: ({ body, service }) => {
    const ids = Array.isArray(body['cursors']) ? (body['cursors'] as unknown[]) : [];
    const killed = ids.filter((id) => service.cursors.kill(String(id)));
    const unknown = ids.filter((id) => !killed.includes(id));
    return {
      cursorsKilled: killed,
      cursorsNotFound: unknown,
      cursorsAlive: [],
      cursorsUnknown: [],
    };
  },
};

export const count: Command = {
  name: 'count',
  fields: ['query', 'limit', 'skip', 'hint', 'collation', 'fields'],
  run: ({ body, database, service }) => {
    const collection = service.catalogue.find(database, collectionName(body, 'count'));
    if (!collection) return { n: 0 };
    const selected = select(collection, {
      filter: body['query'] ?? {},
      skip: countOf(body, 'skip', 0),
      limit: Math.abs(Number(body['limit'] ?? 0)),
      maxTimeMS: countOf(body, 'maxTimeMS', 0),
      hint: body['hint'],
    });
    return { n: selected.found.length };
  },
};

const distinctMax = 100_000;

export const distinct: Command = {
  name: 'distinct',
  fields: ['key', 'query', 'collation', 'hint'],
  run: ({ body, database, service }) => {
    const collection = service.catalogue.find(database, collectionName(body, 'distinct'));
    const key: unknown = body['key'];
    if (typeof key !== 'string') throw new MongoFault('TypeMismatch', "'key' must be a string");
    if (!collection) return { values: [] };
    const values = new Map<unknown, unknown>();
    const others: unknown[] = [];
    const { found } = select(collection, { filter: body['query'] ?? {}, hint: body['hint'] });
    for (const { stored } of found) {
      for (const value of elementsAt(stored.document, key)) {
        if (Array.isArray(value)) continue;
        if (typeof value !== 'object' || value === null) values.set(value, value);
        else if (!others.some((other) => isSameValue(other, value))) others.push(value);
      }
      if (values.size + others.length > distinctMax) {
        throw new MongoFault('BSONObjectTooLarge', 'distinct too big, 16mb cap');
      }
    }
    return { values: [...values.values(), ...others] };
  },
};
