/**
 * The parts of a request that are text by nature, path and query, as values of their schemas; and the checks that the framework
 * makes for routes whose input no command looks at.
 */
import type { TObject, TSchema } from '@sinclair/typebox';
import { assertValid, InvalidInput } from '../commands/validation.js';
import type { RequestFault } from './problem.js';
import type { Route } from './route.js';

type Part = RequestFault['in'];

export const faulty = (part: Part, pointer: string, reason: string): InvalidInput =>
  new InvalidInput([{ in: part, pointer, reason } as RequestFault]);

/** Says in which part of the request the faults are. */
export const checkPart = (part: Part, schema: TSchema, value: unknown): void => {
  try {
    assertValid(schema, value);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    throw new InvalidInput(error.faults.map((fault) => ({ in: part, ...fault })));
  }
};

/** Text as the type that the schema wants; what does not look like it stays text and fails the schema. */
const coerced = (text: string, schema: TSchema): unknown => {
  const type: unknown = schema['type'];
  if (type === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (type === 'number') return /^-?\d{1,15}(\.\d{1,6})?$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
};

const decoded = (text: string, name: string): string => {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw faulty('path', `/${name}`, 'is not properly percent-encoded');
  }
};

/** No name of ours holds one, and PostgreSQL takes none. @throws InvalidInput */
const withoutNul = (part: Part, pointer: string, text: string): string => {
  if (text.includes('\0')) throw faulty(part, pointer, 'holds the character U+0000');
  return text;
};

/** Not yet checked against the schemas. @throws InvalidInput where percent-encoding is broken. */
export const paramsOf = (route: Route, values: readonly string[]): Record<string, unknown> => {
  const params: Record<string, unknown> = {};
  for (let i = 0; i < values.length; i += 1) {
    const name = route.paramNames[i] as string;
    const schema = route.params.properties[name] as TSchema;
    const text = withoutNul('path', `/${name}`, decoded(values[i] as string, name));
    params[name] = coerced(text, schema);
  }
  return params;
};

/** @throws InvalidInput also for unknown names and for names given twice. */
export const queryOf = (schema: TObject, search: string): Record<string, unknown> => {
  const query: Record<string, unknown> = {};
  for (const [name, text] of new URLSearchParams(search)) {
    const property = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    const pointer = `/${name.replace(/~/g, '~0').replace(/\//g, '~1')}`;
    if (!property) throw faulty('query', pointer, 'is not a known parameter');
    withoutNul('query', pointer, text);
    if (property['type'] === 'array') {
      const items = text.split(',').map((item) => coerced(item, property['items'] as TSchema));
      query[name] = [...((query[name] as unknown[] | undefined) ?? []), ...items];
    } else if (Object.hasOwn(query, name))
      throw faulty('query', pointer, 'is given more than once');
    else query[name] = coerced(text, property);
  }
  checkPart('query', schema, query);
  return query;
};

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What a command is given: the body and the parts of the path in one object. The command checks it and refuses unknown fields.
 * @throws InvalidInput where the body is no object, or says again what the path says.
 */
export const commandInput = <Params extends object>(
  params: Params,
  body: unknown,
): Record<string, unknown> & Params => {
  if (!isRecord(body)) throw faulty('body', '', 'must be object');
  for (const name in params) {
    if (Object.hasOwn(body, name)) {
      throw faulty('body', `/${name}`, 'is part of the path: leave it out of the body');
    }
  }
  return { ...params, ...body };
};

/** The faults that a command found, said as faults of the request: which are of the path, which of the body. */
export const inRequestTerms = (route: Route, error: InvalidInput): InvalidInput =>
  new InvalidInput(
    error.faults.map((fault) => {
      if ('in' in fault) return fault;
      const name = fault.pointer.split('/')[1] ?? '';
      return { in: route.paramNames.includes(name) ? 'path' : 'body', ...fault };
    }),
  );
