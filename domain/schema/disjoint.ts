/** Whether two schemas have no value in common: what one of several kinds and what is excluded are told apart by. */
import {
  type Holding,
  holdingOf,
  objectsOf,
  textOf,
  typesOf,
  type ValueType,
  valuesOf,
} from './facts.js';
import type { Schema, SchemaDocument } from './schema.js';

export interface Documents {
  readonly narrower: SchemaDocument;
  readonly wider: SchemaDocument;
}

/** Whether no value of the type is taken by both. `one` is of the narrower, `other` of the wider. */
export const isDisjoint = (
  { narrower, wider }: Documents,
  type: ValueType,
  one: Holding,
  other: Holding,
  depth = 0,
): boolean => {
  if (!typesOf(narrower, one).has(type) || !typesOf(wider, other).has(type)) return true;
  const [left, right] = [valuesOf(type, one), valuesOf(type, other)];
  if (left && right) {
    const texts = new Set(right.map(textOf));
    return left.every((value) => !texts.has(textOf(value)));
  }
  if (type !== 'object' || depth > 2) return false;
  const partOf = (document: SchemaDocument, holding: Holding, name: string): Holding =>
    objectsOf(holding).flatMap(({ properties }) => {
      const map = (properties ?? {}) as Record<string, Schema>;
      const part = Object.hasOwn(map, name) ? map[name] : undefined;
      return part === undefined ? [] : holdingOf(document, part);
    });
  const required = [...objectsOf(one), ...objectsOf(other)].flatMap(
    (schema) => (schema['required'] ?? []) as string[],
  );
  return required.some((name) => {
    const [a, b] = [partOf(narrower, one, name), partOf(wider, other, name)];
    return [...typesOf(narrower, a)].every((inner) =>
      isDisjoint({ narrower, wider }, inner, a, b, depth + 1),
    );
  });
};
