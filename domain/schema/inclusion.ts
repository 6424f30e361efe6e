/**
 * Whether one schema takes every value that another takes. What it says yes to is so: a property test holds it against ajv. What it
 * cannot prove it names, as a place in the wider schema, though a cleverer look might prove it: two schemas that say the same in other
 * words are not always recognised.
 *
 * A value is taken by type, and by each keyword of the wider in turn. Schemas that refer to themselves are compared under the
 * assumption that the comparison which is under way holds: each turn goes deeper into a value, and values are finite.
 */
import { arrayFaults } from './arrays.js';
import type { Comparison, Placed } from './comparison.js';
import type { SchemaFault } from './check.js';
import { isDisjoint } from './disjoint.js';
import { type Holding, holdingOf, isSame, objectsOf, typesOf, type ValueType } from './facts.js';
import { objectFaults } from './objects.js';
import { valueFaults } from './scalars.js';
import type { Schema, SchemaDocument, SchemaObject } from './schema.js';

interface Budget {
  /** Comparisons of one type with one schema. */
  steps: number;
  /** Comparisons within each other. */
  depth: number;
  /** How often a comparison that is under way was taken for granted. */
  assumed: number;
}

const stepsMax = 10_000;
const depthMax = 150;
const splitsMax = 4;
const tooMuch = 'is too entangled to be compared: say it more simply, or ask for no compatibility';

const newComparison = (
  narrower: SchemaDocument,
  wider: SchemaDocument,
  budget: Budget,
  opposite?: Comparison,
): Comparison => {
  const underWay = new Map<Schema, Set<string>>();
  const found = new Map<Schema, Map<string, readonly SchemaFault[]>>();
  const numbers = new Map<Schema, number>();
  const keyOf = (narrow: Holding): string =>
    narrow
      .map((schema) => {
        if (!numbers.has(schema)) numbers.set(schema, numbers.size);
        return numbers.get(schema);
      })
      .join();

  const comparison: Comparison = {
    narrower,
    wider,
    faults: (given, wide) => {
      if (wide.schema === true) return [];
      const narrow = [...new Set(given)];
      const key = keyOf(narrow);
      const open = underWay.get(wide.schema) ?? new Set();
      if (open.has(key)) {
        budget.assumed += 1;
        return [];
      }
      const known = found.get(wide.schema)?.get(key);
      if (known) return known;
      if (budget.steps > stepsMax || budget.depth > depthMax) {
        return [{ pointer: wide.pointer, reason: tooMuch }];
      }
      const { assumed } = budget;
      budget.depth += 1;
      underWay.set(wide.schema, open.add(key));
      const types = [...typesOf(narrower, narrow)];
      const faults = types.flatMap((type) =>
        faultsOfType(comparison, type, narrow, wide, new Set()),
      );
      open.delete(key);
      budget.depth -= 1;
      // What was found under an assumption holds no longer than that.
      const isSure = budget.assumed === assumed && typeof wide.schema !== 'boolean';
      if (isSure) found.set(wide.schema, (found.get(wide.schema) ?? new Map()).set(key, faults));
      return faults;
    },
    spend: () => void (budget.steps += 1),
    reversed: () => (opposite ??= newComparison(wider, narrower, budget, comparison)),
  };
  return comparison;
};

const withParts = ({ narrower }: Comparison, narrow: Holding, schema: Schema): Holding => [
  ...narrow,
  ...holdingOf(narrower, schema),
];

/** A list of alternatives of the narrower that was not looked into yet. */
const alternativesOf = (
  narrow: Holding,
  split: ReadonlySet<unknown>,
): readonly Schema[] | undefined =>
  objectsOf(narrow)
    .flatMap(({ anyOf, oneOf }) => [anyOf, oneOf])
    .find((list) => Array.isArray(list) && !split.has(list)) as readonly Schema[] | undefined;

const faultsOfType = (
  comparison: Comparison,
  type: ValueType,
  narrow: Holding,
  wide: Placed,
  split: ReadonlySet<unknown>,
): readonly SchemaFault[] => {
  const { narrower, wider } = comparison;
  comparison.spend();
  if (wide.schema === true) return [];
  if (wide.schema === false)
    return [{ pointer: wide.pointer, reason: `takes no ${type} any more` }];
  const { schema } = wide;
  const isTheSame = narrow.some((one) =>
    isSame({ document: narrower, schema: one }, { document: wider, schema }),
  );
  if (isTheSame || !typesOf(narrower, narrow).has(type)) return [];
  const faults = [
    ...valueFaults(type, narrow, wide.pointer, schema),
    ...combinedFaults(comparison, type, narrow, wide.pointer, schema),
    ...(type === 'object' ? objectFaults(comparison, narrow, wide.pointer, schema) : []),
    ...(type === 'array' ? arrayFaults(comparison, narrow, wide.pointer, schema) : []),
  ];
  const alternatives = alternativesOf(narrow, split);
  if (faults.length === 0 || !alternatives || split.size >= splitsMax) return faults;
  // What does not hold of all may hold of each by itself.
  const looked = new Set(split).add(alternatives);
  const unmet = alternatives.some(
    (one) =>
      faultsOfType(comparison, type, withParts(comparison, narrow, one), wide, looked).length > 0,
  );
  return unmet ? faults : [];
};

/** $ref, allOf, anyOf, oneOf, not, if. */
const combinedFaults = (
  comparison: Comparison,
  type: ValueType,
  narrow: Holding,
  pointer: string,
  schema: SchemaObject,
): SchemaFault[] => {
  const { wider } = comparison;
  const typed: Holding = [...narrow, ofType(type)];
  const included = (part: Schema, at: string) =>
    comparison.faults(typed, { schema: part, pointer: `${pointer}${at}` });
  const partsOf = (keyword: string) => (schema[keyword] ?? []) as readonly Schema[];
  const faults: SchemaFault[] = [];
  const tell = (keyword: string, reason: string) =>
    void faults.push({ pointer: `${pointer}/${keyword}`, reason });

  if (typeof schema['$ref'] === 'string') {
    const target = wider.resolve(schema['$ref']);
    if (target !== undefined) {
      faults.push(
        ...comparison.faults(typed, { schema: target, pointer: schema['$ref'].slice(1) }),
      );
    }
  }
  partsOf('allOf').forEach((part, i) => faults.push(...included(part, `/allOf/${i}`)));
  const isTaken = (list: string) => (part: Schema, i: number) =>
    included(part, `/${list}/${i}`).length === 0;
  if (schema['anyOf'] !== undefined && !partsOf('anyOf').some(isTaken('anyOf'))) {
    tell('anyOf', 'has no part that takes all that was taken');
  }
  if (schema['oneOf'] !== undefined) {
    const parts = partsOf('oneOf');
    const isAlone = (chosen: number): boolean =>
      parts.every(
        (part, i) => i === chosen || isDisjoint(comparison, type, typed, holdingOf(wider, part)),
      );
    const isMet = parts.some((part, i) => isAlone(i) && isTaken('oneOf')(part, i));
    if (!isMet && !sameKeywords(comparison, narrow, schema, ['oneOf'])) {
      tell('oneOf', 'may take by none, or by several, what was taken');
    }
  }
  if (
    schema['not'] !== undefined &&
    !isExcluded(comparison, type, typed, schema['not'] as Schema)
  ) {
    tell('not', 'may refuse what was taken');
  }
  if (
    schema['if'] !== undefined &&
    !sameKeywords(comparison, narrow, schema, ['if', 'then', 'else'])
  ) {
    const both = [schema['then'], schema['else']].every(
      (part) =>
        part === undefined ||
        comparison.faults(typed, { schema: part as Schema, pointer }).length === 0,
    );
    if (!both) tell('if', 'may refuse what was taken');
  }
  return faults;
};

const typeSchemas = new Map<ValueType, SchemaObject>(
  (['null', 'boolean', 'string', 'array', 'object', 'integer'] as const).map((type) => [
    type,
    { type },
  ]),
);
/** What is said of a type by itself; of fractions, all numbers. */
const ofType = (type: ValueType): SchemaObject => typeSchemas.get(type) ?? anyNumber;
const anyNumber: SchemaObject = { type: 'number' };

const sameKeywords = (
  { narrower, wider }: Comparison,
  narrow: Holding,
  schema: SchemaObject,
  keywords: readonly string[],
): boolean => {
  const only = (of: SchemaObject): SchemaObject =>
    Object.fromEntries(keywords.flatMap((word) => (word in of ? [[word, of[word]]] : [])));
  return objectsOf(narrow).some((one) =>
    isSame({ document: narrower, schema: only(one) }, { document: wider, schema: only(schema) }),
  );
};

/** What `excluded` of the wider takes is not taken by the narrower. */
const isExcluded = (
  comparison: Comparison,
  type: ValueType,
  narrow: Holding,
  excluded: Schema,
): boolean => {
  const { wider } = comparison;
  const holding = holdingOf(wider, excluded);
  if (isDisjoint(comparison, type, narrow, holding)) return true;
  return objectsOf(narrow).some(
    ({ not }) =>
      not !== undefined &&
      comparison.reversed().faults(holding, { schema: not as Schema, pointer: '' }).length === 0,
  );
};

/** Why `wider` may refuse what `narrower` takes, with pointers into `wider`; empty: it refuses none of it. */
export const inclusionFaults = (
  narrower: SchemaDocument,
  wider: SchemaDocument,
): readonly SchemaFault[] => {
  const comparison = newComparison(narrower, wider, { steps: 0, depth: 0, assumed: 0 });
  const faults = comparison.faults(holdingOf(narrower, narrower.root), {
    schema: wider.root,
    pointer: '',
  });
  const seen = new Set<string>();
  return faults.filter(({ pointer, reason }) => {
    const key = `${pointer} ${reason}`;
    return !seen.has(key) && seen.add(key);
  });
};
