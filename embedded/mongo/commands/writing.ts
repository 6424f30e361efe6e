/** Commands that write: insert, update, delete, findAndModify. */
import type { Document } from 'bson';
import { asFault, MongoFault } from '../errors.js';
import { changed, kindOfUpdate, upserted } from '../query/change.js';
import { projectionOf } from '../query/projection.js';
import { select } from '../query/select.js';
import type { Collection } from '../store/collection.js';
import { isRecord } from '../store/paths.js';
import type { StoredDocument } from '../store/storedDocument.js';
import { collectionName, type Command, documentsOf } from './command.js';

/** What hello announces. */
export const writesMax = 100_000;

const writeError = (index: number, error: unknown): Document => {
  const { code, message, details } = asFault(error);
  return { index, code, errmsg: message, ...details };
};

/** Each by itself; an ordered batch ends at the first that fails. */
const oneByOne = <Item>(
  items: readonly Item[],
  ordered: boolean,
  carryOut: (item: Item, index: number) => void,
): Document => {
  const writeErrors: Document[] = [];
  for (const [index, item] of items.entries()) {
    try {
      carryOut(item, index);
    } catch (error) {
      writeErrors.push(writeError(index, error));
      if (ordered) break;
    }
  }
  return writeErrors.length > 0 ? { writeErrors } : {};
};

const isOrdered = (body: Document): boolean => body['ordered'] !== false;

export const insert: Command = {
  name: 'insert',
  fields: ['documents', 'ordered', 'bypassDocumentValidation'],
  run: ({ body, database, service }) => {
    const documents = documentsOf(body, 'documents', writesMax);
    const collection = service.catalogue.ensure(database, collectionName(body, 'insert'));
    let n = 0;
    const failures = oneByOne(documents, isOrdered(body), (document) => {
      collection.insert(document);
      n += 1;
    });
    return { n, ...failures };
  },
};

interface Statement {
  readonly q: Document;
  readonly u: unknown;
  readonly multi: boolean;
  readonly upsert: boolean;
  readonly arrayFilters: readonly Document[] | undefined;
  readonly hint: unknown;
  readonly sort: unknown;
}

const statementOf = (given: Document): Statement => {
  const { q, u, multi = false, upsert = false, arrayFilters, hint, sort, ...others } = given;
  if (others['collation'] !== undefined) {
    throw new MongoFault('CommandNotSupported', 'collations are not kept here: leave them out');
  }
  if (!isRecord(q) || u === undefined) {
    throw new MongoFault('MissingField', "BSON field 'update.updates' needs q and u");
  }
  const statement = { q, u: u as unknown, multi: multi === true, upsert: upsert === true };
  if (statement.multi && kindOfUpdate(u) === 'replacement') {
    throw new MongoFault(
      'FailedToParse',
      'multi update is not supported for replacement-style update',
    );
  }
  return {
    ...statement,
    arrayFilters: arrayFilters as readonly Document[] | undefined,
    hint: hint as unknown,
    sort: sort as unknown,
  };
};

const matched = (collection: Collection, statement: Statement): StoredDocument[] => {
  const { q, multi, hint, sort } = statement;
  return select(collection, { filter: q, sort, hint, limit: multi ? 0 : 1 }).found.map(
    ({ stored }) => stored,
  );
};

const changeOf = ({ q, u, arrayFilters }: Statement) => ({ update: u, arrayFilters, filter: q });

export const update: Command = {
  name: 'update',
  fields: ['updates', 'ordered', 'bypassDocumentValidation'],
  run: ({ body, database, service }) => {
    const updates = documentsOf(body, 'updates', writesMax);
    const name = collectionName(body, 'update');
    let n = 0;
    let nModified = 0;
    const inserted: Document[] = [];
    const failures = oneByOne(updates, isOrdered(body), (given, index) => {
      const statement = statementOf(given);
      const there = service.catalogue.find(database, name);
      const found = there ? matched(there, statement) : [];
      for (const stored of found) {
        const isChanged = there?.replace(stored, changed(stored.document, changeOf(statement)));
        n += 1;
        if (isChanged) nModified += 1;
      }
      if (found.length > 0 || !statement.upsert) {
        // Said of an update that finds nothing as well.
        if (found.length === 0)
          changed({ _id: null }, { ...changeOf(statement), update: shape(statement.u) });
        return;
      }
      const made = upserted(changeOf(statement));
      const { document } = service.catalogue.ensure(database, name).insert(made);
      n += 1;
      inserted.push({ index, _id: document['_id'] as unknown });
    });
    return { n, nModified, ...(inserted.length > 0 ? { upserted: inserted } : {}), ...failures };
  },
};

/** An update without its values: enough to refuse operators that there are not. */
const shape = (given: unknown): unknown => {
  if (kindOfUpdate(given) !== 'operators') return [];
  return Object.fromEntries(Object.keys(given as Document).map((operator) => [operator, {}]));
};

export const remove: Command = {
  name: 'delete',
  fields: ['deletes', 'ordered'],
  run: ({ body, database, service }) => {
    const deletes = documentsOf(body, 'deletes', writesMax);
    const collection = service.catalogue.find(database, collectionName(body, 'delete'));
    let n = 0;
    const failures = oneByOne(deletes, isOrdered(body), ({ q, limit, hint }) => {
      if (!isRecord(q)) throw new MongoFault('MissingField', "BSON field 'delete.deletes' needs q");
      if (Number(limit) !== 0 && Number(limit) !== 1) {
        throw new MongoFault(
          'FailedToParse',
          `The limit field in delete objects must be 0 or 1. Got ${String(limit)}`,
        );
      }
      if (!collection) return;
      for (const { stored } of select(collection, { filter: q, limit: Number(limit), hint })
        .found) {
        collection.remove(stored);
        n += 1;
      }
    });
    return { n, ...failures };
  },
};

const answer = (value: Document | null, lastErrorObject: Document, fields: unknown): Document => ({
  lastErrorObject,
  value: value === null ? null : projectionOf(fields)(value, null),
});

export const findAndModify: Command = {
  name: 'findAndModify',
  fields: [
    'query',
    'sort',
    'remove',
    'update',
    'new',
    'fields',
    'upsert',
    'arrayFilters',
    'hint',
    'collation',
    'bypassDocumentValidation',
  ],
  run: ({ body, database, service }) => {
    const name = collectionName(body, 'findAndModify');
    const { query = {}, fields } = body;
    const removing = body['remove'] === true;
    if (removing === (body['update'] !== undefined)) {
      throw new MongoFault('FailedToParse', 'Either an update or remove=true must be specified');
    }
    if (!isRecord(query)) throw new MongoFault('TypeMismatch', "'query' must be an object");
    const collection = service.catalogue.find(database, name);
    const selection = { filter: query, sort: body['sort'], hint: body['hint'], limit: 1 };
    const stored = collection ? select(collection, selection).found[0]?.stored : undefined;
    const before = stored?.document ?? null;
    if (removing) {
      if (stored) collection?.remove(stored);
      return answer(before, { n: stored ? 1 : 0 }, fields);
    }
    const arrayFilters = body['arrayFilters'] as readonly Document[] | undefined;
    const change = { update: body['update'] as unknown, arrayFilters, filter: query };
    if (stored && before) {
      collection?.replace(stored, changed(before, change));
      const shown = body['new'] === true ? stored.document : before;
      return answer(shown, { n: 1, updatedExisting: true }, fields);
    }
    if (body['upsert'] !== true) return answer(null, { n: 0, updatedExisting: false }, fields);
    const { document } = service.catalogue.ensure(database, name).insert(upserted(change));
    const last = { n: 1, updatedExisting: false, upserted: document['_id'] as unknown };
    return answer(body['new'] === true ? document : null, last, fields);
  },
};
