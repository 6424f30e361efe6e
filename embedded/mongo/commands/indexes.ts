/** Commands on indexes. */
import type { Document } from 'bson';
import { MongoFault } from '../errors.js';
import type { Collection } from '../store/collection.js';
import { idIndex, indexSpecOf, shownIndex } from '../store/indexSpec.js';
import { isRecord } from '../store/paths.js';
import { collectionName, type Command, countOf, documentsOf } from './command.js';

const indexesMax = 64;

export const createIndexes: Command = {
  name: 'createIndexes',
  fields: ['indexes', 'commitQuorum'],
  run: ({ body, database, service }) => {
    const specs = documentsOf(body, 'indexes', indexesMax).map(indexSpecOf);
    const name = collectionName(body, 'createIndexes');
    const createdCollectionAutomatically = service.catalogue.find(database, name) === null;
    const collection = service.catalogue.ensure(database, name);
    const numIndexesBefore = collection.indexes.length;
    for (const spec of specs) collection.createIndex(spec);
    const numIndexesAfter = collection.indexes.length;
    const note = numIndexesAfter === numIndexesBefore ? { note: 'all indexes already exist' } : {};
    return { numIndexesBefore, numIndexesAfter, createdCollectionAutomatically, ...note };
  },
};

export const listIndexes: Command = {
  name: 'listIndexes',
  fields: ['cursor'],
  run: ({ body, database, service }) => {
    const name = collectionName(body, 'listIndexes');
    const collection = service.catalogue.existing(database, name);
    const ns = `${database}.${name}`;
    const { cursor = {} } = body;
    const batchSize =
      isRecord(cursor) && 'batchSize' in cursor ? countOf(cursor, 'batchSize', 0) : null;
    const batch = service.cursors.start(ns, collection.indexes.map(shownIndex), batchSize);
    return { cursor: { firstBatch: batch.documents, id: batch.id, ns } };
  },
};

const namesOf = (collection: Collection, wanted: unknown): string[] => {
  if (wanted === '*') {
    return collection.indexes.map(({ name }) => name).filter((name) => name !== idIndex.name);
  }
  if (typeof wanted === 'string') return [wanted];
  if (Array.isArray(wanted)) return wanted.map(String);
  const key = JSON.stringify(wanted);
  const found = collection.indexes.find((spec) => JSON.stringify(spec.key) === key);
  if (!found) throw new MongoFault('IndexNotFound', `can't find index with key: ${key}`);
  return [found.name];
};

export const dropIndexes: Command = {
  name: 'dropIndexes',
  fields: ['index'],
  run: ({ body, database, service }) => {
    const collection = service.catalogue.existing(database, collectionName(body, 'dropIndexes'));
    const nIndexesWas = collection.indexes.length;
    for (const name of namesOf(collection, body['index'])) collection.dropIndex(name);
    return { nIndexesWas } satisfies Document;
  },
};
