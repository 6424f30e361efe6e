/**
 * JSON pointers (RFC 6901) into the data of a publication: reading what they point at, taking it out, and putting it back.
 */
import { Type } from '@sinclair/typebox';

export const JsonPointer = Type.String({
  maxLength: 200,
  pattern: '^(/([^~/]|~[01])*)*$',
  description: 'A JSON pointer (RFC 6901)',
  examples: ['/customer/name'],
});

type Container = Record<string, unknown> | unknown[];

const isContainer = (value: unknown): value is Container =>
  typeof value === 'object' && value !== null;

export const isPointer = (text: string): boolean =>
  text.length <= 200 && /^(\/([^~/]|~[01])*)*$/.test(text);

const segmentsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replace(/~1/g, '/').replace(/~0/g, '~'));

export const escapeSegment = (segment: string): string =>
  segment.replace(/~/g, '~0').replace(/\//g, '~1');

const child = (value: Container, segment: string): unknown => {
  if (Array.isArray(value)) return /^(0|[1-9]\d{0,8})$/.test(segment) ? value[+segment] : undefined;
  return Object.hasOwn(value, segment) ? value[segment] : undefined;
};

/** What it points at; undefined where there is nothing. */
export const valueAt = (data: unknown, pointer: string): unknown => {
  let value = data;
  for (const segment of segmentsOf(pointer)) {
    value = isContainer(value) ? child(value, segment) : undefined;
    if (value === undefined) return undefined;
  }
  return value;
};

/** A copy with another value at a place that is there; what lies beside the way to it is shared. */
const replaced = (data: unknown, segments: readonly string[], value: unknown): unknown => {
  const [segment, ...rest] = segments;
  if (segment === undefined) return value;
  if (Array.isArray(data)) {
    return data.map((item, i) => (String(i) === segment ? replaced(item, rest, value) : item));
  }
  return Object.fromEntries(
    Object.entries(data as object).map(([name, item]) => [
      name,
      name === segment ? replaced(item, rest, value) : item,
    ]),
  );
};

export type TakenOut = readonly (readonly [pointer: string, value: unknown])[];

/** Puts null where the pointers point, and hands out what was there. Pointers at nothing, or into what was taken, take nothing. */
export const takeOut = (
  data: unknown,
  pointers: readonly string[],
): { readonly data: unknown; readonly taken: TakenOut } => {
  let rest = data;
  const taken: [string, unknown][] = [];
  for (const pointer of pointers) {
    const value = valueAt(rest, pointer);
    if (value === undefined || value === null) continue;
    taken.push([pointer, value]);
    rest = replaced(rest, segmentsOf(pointer), null);
  }
  return { data: rest, taken };
};

/** The data as it was before `takeOut`. */
export const putBack = (data: unknown, taken: TakenOut): unknown =>
  [...taken]
    .reverse()
    .reduce((whole, [pointer, value]) => replaced(whole, segmentsOf(pointer), value), data);
