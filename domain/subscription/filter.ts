/**
 * Which events a subscription wants: the filter dialects of CloudEvents Subscriptions 1.0 (exact, prefix, suffix, all, any, not).
 * They look at the attributes of an event, never at its data, and an attribute that is missing meets none of the first three.
 */
import { type Static, Type } from '@sinclair/typebox';
import { unreachable } from '../event.js';

/** Of the specification: lower-case letters and digits. */
const Attributes = Type.Record(
  Type.String({ pattern: '^[a-z0-9]{1,40}$' }),
  Type.String({ minLength: 1, maxLength: 500 }),
  { minProperties: 1, maxProperties: 20, additionalProperties: false },
);

const closed = { additionalProperties: false } as const;

/** As deep and as many as a person could still read. */
export const filterDepthMax = 5;
const listMax = 20;

export const EventFilter = Type.Recursive(
  (Self) =>
    Type.Union([
      Type.Object({ exact: Attributes }, closed),
      Type.Object({ prefix: Attributes }, closed),
      Type.Object({ suffix: Attributes }, closed),
      Type.Object({ all: Type.Array(Self, { minItems: 1, maxItems: listMax }) }, closed),
      Type.Object({ any: Type.Array(Self, { minItems: 1, maxItems: listMax }) }, closed),
      Type.Object({ not: Self }, closed),
    ]),
  { $id: 'EventFilter' },
);
export type EventFilter = Static<typeof EventFilter>;

/** Attributes by their names in lower case; of a number or a date its text. */
export type EventAttributes = Readonly<Record<string, string | undefined>>;

const every = (
  wanted: Readonly<Record<string, string>>,
  attributes: EventAttributes,
  holds: (value: string, wanted: string) => boolean,
): boolean =>
  Object.entries(wanted).every(([name, text]) => {
    const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    return value !== undefined && holds(value, text);
  });

export const wants = (filter: EventFilter, attributes: EventAttributes): boolean => {
  if ('exact' in filter) return every(filter.exact, attributes, (value, text) => value === text);
  if ('prefix' in filter) {
    return every(filter.prefix, attributes, (value, text) => value.startsWith(text));
  }
  if ('suffix' in filter) {
    return every(filter.suffix, attributes, (value, text) => value.endsWith(text));
  }
  if ('all' in filter) return filter.all.every((one) => wants(one, attributes));
  if ('any' in filter) return filter.any.some((one) => wants(one, attributes));
  if ('not' in filter) return !wants(filter.not, attributes);
  return unreachable(filter);
};

/** Levels of filters within each other, 1 for one alone. */
export const depthOf = (filter: EventFilter): number => {
  if ('all' in filter) return 1 + Math.max(...filter.all.map(depthOf));
  if ('any' in filter) return 1 + Math.max(...filter.any.map(depthOf));
  return 'not' in filter ? 1 + depthOf(filter.not) : 1;
};
