/** Projections of find and findAndModify. */
import type { Document } from 'bson';
import { Query } from 'mingo/query';
import { asFault, MongoFault } from '../errors.js';
import { isRecord } from '../store/paths.js';
import { language } from './language.js';

/** Of a document, and of its score where words were looked for. */
export type Project = (document: Document, score: number | null) => Document;

const isScore = (value: unknown): boolean => isRecord(value) && value['$meta'] === 'textScore';

const included = (value: unknown): boolean | null => {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  return null;
};

const checkMixture = (fields: Document): void => {
  const kinds = Object.entries(fields)
    .filter(([path]) => path !== '_id')
    .map(([, value]) => included(value))
    .filter((kind) => kind !== null);
  if (kinds.includes(true) && kinds.includes(false)) {
    throw new MongoFault('BadValue', 'Cannot do exclusion on a field in inclusion projection');
  }
};

/** The fields to be taken where that is all that is asked: whole fields of the document, by name. */
const plainFields = (fields: Document): string[] | null => {
  const names = Object.keys(fields);
  const isPlain = (name: string) =>
    !name.includes('.') && !name.startsWith('$') && included(fields[name]) === true;
  if (names.length === 0 || !names.every(isPlain)) return null;
  return names.includes('_id') ? names : ['_id', ...names];
};

const picked = (document: Document, names: readonly string[]): Document => {
  const taken: Document = {};
  for (const name in document) if (names.includes(name)) taken[name] = document[name];
  return taken;
};

/** @throws MongoFault BadValue. */
export const projectionOf = (given: unknown): Project => {
  if (given === undefined || given === null) return (document) => document;
  if (!isRecord(given)) {
    throw new MongoFault('TypeMismatch', "Expected field 'projection' to be of type object");
  }
  const scores = Object.keys(given).filter((path) => isScore(given[path]));
  const fields = Object.fromEntries(
    Object.entries(given).filter(([path]) => !scores.includes(path)),
  );
  checkMixture(fields);
  const plain = plainFields(fields);
  const query = new Query({}, language);
  const project = (document: Document): Document => {
    if (Object.keys(fields).length === 0) return document;
    if (plain) return picked(document, plain);
    try {
      return query.find([document], fields as never).all()[0] as Document;
    } catch (error) {
      throw asFault(error);
    }
  };
  if (scores.length === 0) return project;
  return (document, score) => ({
    ...project(document),
    ...Object.fromEntries(scores.map((path) => [path, score ?? 0])),
  });
};
