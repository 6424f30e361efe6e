/**
 * A value that a schema allows, as small as may be, with ids of our choice wherever one is asked for by its name: what makes a
 * request out of the definition of any route, also of those that are not written yet.
 */
import type { TSchema } from '@sinclair/typebox';
import type { Route } from '../../../../api/route.js';

export type Ids = Readonly<Record<string, string | number>>;

interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly minLength?: number;
  readonly format?: string;
}

const formats: Readonly<Record<string, string>> = {
  'date-time': '2026-03-01T00:00:00Z',
  date: '2026-03-01',
  password: 'seven quiet otters',
};

const textOf = ({ format, minLength = 1 }: Schema): string =>
  formats[format ?? ''] ?? 'x'.repeat(Math.max(1, minLength));

export const sampleOf = (of: TSchema | Schema, ids: Ids, name = ''): unknown => {
  const schema = of as Schema;
  if (name in ids) return ids[name];
  if (schema.const !== undefined) return schema.const;
  if (schema.examples?.[0] !== undefined) return replaced(schema.examples[0], ids, name);
  if (schema.default !== undefined) return schema.default;
  const [first] = schema.anyOf ?? schema.allOf ?? [];
  if (first) return sampleOf(first, ids, name);
  if (schema.type === 'object') {
    const required = (schema.required ?? []).map((key): [string, unknown] => [
      key,
      sampleOf(schema.properties?.[key] ?? {}, ids, key),
    ]);
    return Object.fromEntries(required);
  }
  if (schema.type === 'array') {
    return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items ?? {}, ids));
  }
  if (schema.type === 'integer' || schema.type === 'number')
    return Math.max(1, schema.minimum ?? 1);
  return schema.type === 'boolean' ? false : textOf(schema);
};

/** An example with our ids in the place of its own. */
const replaced = (value: unknown, ids: Ids, name = ''): unknown => {
  if (name in ids && typeof value !== 'object') return ids[name];
  if (Array.isArray(value)) return value.map((item) => replaced(item, ids));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, replaced(inner, ids, key)]),
  );
};

export interface Sample {
  readonly path: string;
  readonly body: string | null;
  readonly contentType: string;
}

/** A request to the route that names these ids wherever it names one. */
export const requestOf = (route: Route, ids: Ids): Sample => {
  const path = route.path.replace(/\{(\w+)\}/g, (_all, name: string) =>
    encodeURIComponent(String(sampleOf(route.params.properties[name] ?? {}, ids, name))),
  );
  const asked = Object.entries(route.query.properties).flatMap(([name, schema]) =>
    name in ids || (route.query.required ?? []).includes(name)
      ? [`${name}=${encodeURIComponent(String(sampleOf(schema, ids, name)))}`]
      : [],
  );
  const query = asked.length === 0 ? '' : `?${asked.join('&')}`;
  const contentType = route.upload?.contentTypes[0] ?? 'application/json';
  if (route.body === null) return { path: path + query, body: null, contentType };
  const [example] = route.examples.body;
  const value = example ? replaced(example.value, ids) : sampleOf(route.body, ids);
  const body = route.upload ? 'x' : JSON.stringify(value);
  return { path: path + query, body, contentType };
};

/** Whether the route can name one of these at all. */
export const namesAny = (route: Route, ids: Ids): boolean => {
  const { path, body } = requestOf(route, ids);
  const named = Object.values(ids).map((id) => encodeURIComponent(String(id)));
  return named.some((id) => path.includes(id) || (body ?? '').includes(String(id)));
};
