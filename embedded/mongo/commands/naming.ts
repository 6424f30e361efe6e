/** Commands on collections and databases as such: list, create, rename, drop, count up. */
import { BSON, type Document } from 'bson';
import { MongoFault } from '../errors.js';
import { filterOf } from '../query/filter.js';
import type { Collection } from '../store/collection.js';
import { idIndex, shownIndex } from '../store/indexSpec.js';
import { isRecord } from '../store/paths.js';
import { collectionName, type Command, countOf } from './command.js';

export const create: Command = {
  name: 'create',
  fields: [
    'capped',
    'size',
    'max',
    'validator',
    'validationLevel',
    'timeseries',
    'viewOn',
    'collation',
  ],
  run: ({ body, database, service }) => {
    const name = collectionName(body, 'create');
    for (const option of ['capped', 'validator', 'timeseries', 'viewOn']) {
      if (!body[option]) continue;
      throw new MongoFault('CommandNotSupported', `collections with ${option} are not kept here`);
    }
    if (service.catalogue.find(database, name)) {
      throw new MongoFault('NamespaceExists', `Collection ${database}.${name} already exists.`);
    }
    service.catalogue.ensure(database, name);
    return {};
  },
};

export const drop: Command = {
  name: 'drop',
  fields: [],
  run: ({ body, database, service }) => {
    const name = collectionName(body, 'drop');
    const nIndexesWas = service.catalogue.find(database, name)?.indexes.length;
    if (nIndexesWas === undefined) return {};
    service.catalogue.drop(database, name);
    return { nIndexesWas, ns: `${database}.${name}` };
  },
};

export const dropDatabase: Command = {
  name: 'dropDatabase',
  fields: [],
  run: ({ database, service }) =>
    service.catalogue.dropDatabase(database) ? { dropped: database } : {},
};

export const renameCollection: Command = {
  name: 'renameCollection',
  fields: ['to', 'dropTarget'],
  run: ({ body, service }) => {
    const [from, to] = [String(body['renameCollection']), String(body['to'])];
    const [database = '', ...name] = from.split('.');
    const [target = '', ...newName] = to.split('.');
    if (database !== target) {
      throw new MongoFault('CommandNotSupported', 'collections stay in their database here');
    }
    service.catalogue.rename(
      database,
      name.join('.'),
      newName.join('.'),
      body['dropTarget'] === true,
    );
    return {};
  },
};

export const listCollections: Command = {
  name: 'listCollections',
  fields: ['filter', 'nameOnly', 'cursor', 'authorizedCollections'],
  run: ({ body, database, service }) => {
    const { matches } = filterOf(body['filter'] ?? {});
    const shown = service.catalogue.of(database).map(([name]): Document => ({
      name,
      type: 'collection',
      ...(body['nameOnly'] === true
        ? {}
        : { options: {}, info: { readOnly: false }, idIndex: shownIndex(idIndex) }),
    }));
    const ns = `${database}.$cmd.listCollections`;
    const { cursor = {} } = body;
    const batchSize =
      isRecord(cursor) && 'batchSize' in cursor ? countOf(cursor, 'batchSize', 0) : null;
    const batch = service.cursors.start(ns, shown.filter(matches), batchSize);
    return { cursor: { firstBatch: batch.documents, id: batch.id, ns } };
  },
};

const bytesOf = (collection: Collection): number => {
  let bytes = 0;
  for (const { document } of collection.all()) bytes += BSON.calculateObjectSize(document);
  return bytes;
};

export const listDatabases: Command = {
  name: 'listDatabases',
  fields: ['filter', 'nameOnly', 'authorizedDatabases'],
  run: ({ body, service }) => {
    const { matches } = filterOf(body['filter'] ?? {});
    const { catalogue } = service;
    const nameOnly = body['nameOnly'] === true;
    const databases = catalogue.databases().map((name): Document => {
      if (nameOnly) return { name };
      const sizes = catalogue.of(name).map(([, collection]) => bytesOf(collection));
      const sizeOnDisk = sizes.reduce((sum, bytes) => sum + bytes, 0);
      return { name, sizeOnDisk, empty: sizeOnDisk === 0 };
    });
    const wanted = databases.filter(matches);
    if (nameOnly) return { databases: wanted };
    const totalSize = wanted.reduce((sum, { sizeOnDisk }) => sum + Number(sizeOnDisk), 0);
    return { databases: wanted, totalSize, totalSizeMb: Math.floor(totalSize / 1_048_576) };
  },
};

export const collStats: Command = {
  name: 'collStats',
  fields: ['scale'],
  run: ({ body, database, service }) => {
    const name = collectionName(body, 'collStats');
    const collection = service.catalogue.find(database, name);
    const count = collection?.size ?? 0;
    const size = collection ? bytesOf(collection) : 0;
    const nindexes = collection?.indexes.length ?? 0;
    const avgObjSize = count > 0 ? Math.round(size / count) : 0;
    return { ns: `${database}.${name}`, count, size, avgObjSize, storageSize: size, nindexes };
  },
};

export const dbStats: Command = {
  name: 'dbStats',
  fields: ['scale', 'freeStorage'],
  run: ({ database, service }) => {
    const collections = service.catalogue.of(database).map(([, collection]) => collection);
    const sum = (of: (collection: Collection) => number) =>
      collections.reduce((total, collection) => total + of(collection), 0);
    const dataSize = sum(bytesOf);
    return {
      db: database,
      collections: collections.length,
      views: 0,
      objects: sum(({ size }) => size),
      dataSize,
      storageSize: dataSize,
      indexes: sum(({ indexes }) => indexes.length),
    };
  },
};
