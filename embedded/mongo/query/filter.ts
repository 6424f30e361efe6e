/** Filters: what a document has to be, and the words it has to hold. */
import type { Document } from 'bson';
import { Query } from 'mingo/query';
import { asFault, MongoFault } from '../errors.js';
import { isRecord } from '../store/paths.js';
import { type TextQuery, textQueryOf } from '../store/words.js';
import { language } from './language.js';

export interface Filter {
  /** Without `$text`, which an index answers, not a document. */
  readonly conditions: Document;
  readonly text: TextQuery | null;
  readonly matches: (document: Document) => boolean;
}

const textOf = (given: unknown): TextQuery => {
  if (isRecord(given) && typeof given['$search'] === 'string') return textQueryOf(given['$search']);
  throw new MongoFault('BadValue', '$text needs a $search that is a string');
};

/** `$text` stands at the top, or in a `$and` at the top. */
const withoutText = (given: Document): { conditions: Document; text: TextQuery | null } => {
  let text: TextQuery | null = null;
  const conditions: Document = {};
  for (const [key, value] of Object.entries(given)) {
    if (key === '$text') text = textOf(value);
    else if (key === '$and' && Array.isArray(value)) {
      const parts = value.map((part: unknown) => {
        if (!isRecord(part))
          throw new MongoFault('BadValue', '$and entries need to be full objects');
        const inner = withoutText(part);
        text = inner.text ?? text;
        return inner.conditions;
      });
      conditions[key] = parts;
    } else if (key !== '$comment') conditions[key] = value;
  }
  return { conditions, text };
};

const everything = (): boolean => true;

/** @throws MongoFault BadValue for an operator that is not known, or what it cannot take. */
export const filterOf = (given: unknown): Filter => {
  if (given === undefined) return { conditions: {}, text: null, matches: everything };
  if (!isRecord(given)) {
    throw new MongoFault('TypeMismatch', "Expected field 'filter' to be of type object");
  }
  const { conditions, text } = withoutText(given);
  if (Object.keys(conditions).length === 0) return { conditions, text, matches: everything };
  try {
    const query = new Query(conditions, language);
    return { conditions, text, matches: (document) => query.test(document) };
  } catch (error) {
    throw asFault(error);
  }
};
