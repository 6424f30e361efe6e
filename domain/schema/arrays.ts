/** Whether every array that one schema takes is taken by what another says of arrays. */
import type { SchemaFault } from './check.js';
import { type Holding, holdingOf, isSame, objectsOf } from './facts.js';
import type { Comparison } from './comparison.js';
import type { Schema, SchemaObject } from './schema.js';

const firstOf = (schema: SchemaObject): readonly Schema[] =>
  (schema['prefixItems'] ?? []) as Schema[];

/** What a schema says of the item at a place; behind all places that it numbers, of the rest. */
const saidOf = (schema: SchemaObject, index: number): Schema[] => {
  const said = firstOf(schema)[index] ?? schema['items'];
  return said === undefined ? [] : [said as Schema];
};

const numbersOf = (narrow: Holding, keyword: string): number[] =>
  objectsOf(narrow)
    .map((schema) => schema[keyword])
    .filter((value) => typeof value === 'number');

/** How many items there are at most. */
const longestOf = (narrow: Holding): number =>
  Math.min(
    ...numbersOf(narrow, 'maxItems'),
    ...objectsOf(narrow).map((schema) =>
      schema['items'] === false ? firstOf(schema).length : Infinity,
    ),
    Infinity,
  );

const containsFollows = (
  { narrower, wider }: Comparison,
  narrow: Holding,
  schema: SchemaObject,
): boolean => {
  const { contains, minContains = 1, maxContains = Infinity } = schema;
  if (minContains === 0 && maxContains === Infinity) return true;
  return objectsOf(narrow).some((one) => {
    if (one['contains'] === undefined) return false;
    const least = (one['minContains'] ?? 1) as number;
    const most = (one['maxContains'] ?? Infinity) as number;
    return (
      least >= (minContains as number) &&
      most <= (maxContains as number) &&
      isSame(
        { document: narrower, schema: one['contains'] as Schema },
        { document: wider, schema: contains as Schema },
      )
    );
  });
};

export const arrayFaults = (
  comparison: Comparison,
  narrow: Holding,
  pointer: string,
  schema: SchemaObject,
): SchemaFault[] => {
  const { narrower } = comparison;
  const faults: SchemaFault[] = [];
  const tell = (at: string, reason: string) =>
    void faults.push({ pointer: `${pointer}/${at}`, reason });
  const longest = longestOf(narrow);

  const { minItems, maxItems, uniqueItems, contains, unevaluatedItems } = schema;
  const least = numbersOf(narrow, 'minItems');
  if (typeof minItems === 'number' && minItems > 0 && !least.some((one) => one >= minItems)) {
    tell('minItems', 'asks for more');
  }
  if (typeof maxItems === 'number' && longest > maxItems) tell('maxItems', 'asks for fewer');
  const isUnique = objectsOf(narrow).some((one) => one['uniqueItems'] === true);
  if (uniqueItems === true && !isUnique && longest > 1) {
    tell('uniqueItems', 'refuses the same item twice');
  }
  if (contains !== undefined && !containsFollows(comparison, narrow, schema)) {
    tell('contains', 'may miss what it asks for');
  }
  if (unevaluatedItems !== undefined && unevaluatedItems !== true) {
    tell('unevaluatedItems', 'is compared only where nothing beside it changed');
  }

  const numbered = Math.max(
    firstOf(schema).length,
    ...objectsOf(narrow).map((one) => firstOf(one).length),
  );
  for (let index = 0; index <= numbered && index < longest; index += 1) {
    const own = firstOf(schema)[index];
    const wide = own ?? (schema['items'] as Schema | undefined);
    if (wide === undefined) continue;
    const said = objectsOf(narrow).flatMap((one) => saidOf(one, index));
    const holding = said.flatMap((one) => holdingOf(narrower, one));
    const at = own === undefined ? 'items' : `prefixItems/${index}`;
    faults.push(...comparison.faults(holding, { schema: wide, pointer: `${pointer}/${at}` }));
  }
  return faults;
};
