/** What a command is: what it may be told, and what it does with it. */
import type { Document } from 'bson';
import { MongoFault } from '../errors.js';
import type { Cursors } from '../store/cursors.js';
import type { Catalogue } from '../store/catalogue.js';

export interface Service {
  readonly catalogue: Catalogue;
  readonly cursors: Cursors;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly startedAt: number;
}

export interface Call {
  readonly service: Service;
  readonly database: string;
  readonly body: Document;
  readonly connectionId: number;
}

export interface Command {
  readonly name: string;
  /** Fields besides the command's own and those that every command may have; null: whatever they are, they are not looked at. */
  readonly fields: readonly string[] | null;
  /** The answer without `ok`. @throws MongoFault. */
  readonly run: (call: Call) => Document;
}

/** Read or write concerns and sessions mean nothing where there is one server that holds all in memory. */
const everywhere = new Set([
  '$db',
  '$clusterTime',
  '$readPreference',
  'lsid',
  'comment',
  'maxTimeMS',
  'readConcern',
  'writeConcern',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
  'let',
]);

/** @throws MongoFault UnknownField, IllegalOperation for transactions, CommandNotSupported for collations. */
export const checkFields = ({ name, fields }: Command, body: Document): void => {
  if ('txnNumber' in body || 'startTransaction' in body) {
    const message = 'Transaction numbers are only allowed on a replica set member or mongos';
    throw new MongoFault('IllegalOperation', message);
  }
  if (fields === null) return;
  for (const field of Object.keys(body)) {
    if (field === 'collation' && fields.includes('collation')) {
      throw new MongoFault('CommandNotSupported', 'collations are not kept here: leave them out');
    }
    if (field === name || everywhere.has(field) || fields.includes(field)) continue;
    throw new MongoFault('UnknownField', `BSON field '${name}.${field}' is an unknown field.`);
  }
};

/** The collection that a command is about. @throws MongoFault InvalidNamespace. */
export const collectionName = (body: Document, field: string): string => {
  const name: unknown = body[field];
  if (typeof name === 'string') return name;
  throw new MongoFault('InvalidNamespace', `collection name has invalid type: ${typeof name}`);
};

/** A whole number from 0. @throws MongoFault. */
export const countOf = (body: Document, field: string, otherwise: number): number => {
  const given: unknown = body[field];
  if (given === undefined || given === null) return otherwise;
  const number = Number(given);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new MongoFault(
    'BadValue',
    `Field '${field}' must be a whole number from 0, not ${String(given)}`,
  );
};

/** @throws MongoFault MissingField, TypeMismatch. */
export const documentsOf = (body: Document, field: string, max: number): Document[] => {
  const given: unknown = body[field];
  if (given === undefined)
    throw new MongoFault('MissingField', `BSON field '${field}' is missing but a required field`);
  if (!Array.isArray(given))
    throw new MongoFault('TypeMismatch', `BSON field '${field}' is the wrong type, expected array`);
  if (given.length === 0 || given.length > max) {
    throw new MongoFault(
      'InvalidLength',
      `Write batch sizes must be between 1 and ${max}. Got ${given.length} operations.`,
    );
  }
  return given as Document[];
};
