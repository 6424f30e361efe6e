/**
 * What is wrong with a definition, told by place: each condition is checked against the schema of its own kind, since "matches none of
 * 12 alternatives" helps nobody, and then what no schema can say. The schema checker comes from outside (ajv lives in the command layer).
 */
import type { TSchema } from '@sinclair/typebox';
import type { CheckSchema, Fault } from '../pricing/faults.js';
import { accountConditionKinds } from './conditions.js';
import { StaticDefinition } from './definition.js';
import { Rfm } from './rfm.js';

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const kinds = new Map(accountConditionKinds.map((kind) => [kind.kind as string, kind]));
const depthMax = 20;
const conditionsMax = 200;

/** Pointers are relative to the definition. At most a few dozen are of use to anyone; the caller may cut them off. */
export const definitionFaults = (given: unknown, check: CheckSchema): Fault[] => {
  if (!isObject(given)) return [{ pointer: '', reason: 'must be an object' }];
  switch (given['kind']) {
    case 'static':
      return [...check(StaticDefinition, given)];
    case 'analytic':
      return [...check(Rfm, given), ...boundFaults(given)];
    case 'dynamic':
      return dynamicFaults(given, check);
    default:
      return [{ pointer: '/kind', reason: 'must be static, dynamic or analytic' }];
  }
};

const dynamicFaults = (given: Json, check: CheckSchema): Fault[] => {
  const strange = Object.keys(given).filter((name) => name !== 'kind' && name !== 'when');
  const faults = strange.map((name) => ({ pointer: `/${name}`, reason: 'is not a known field' }));
  let conditions = 0;

  const inTree = (tree: unknown, pointer: string, depth: number): Fault[] => {
    conditions += 1;
    if (conditions > conditionsMax) {
      return conditions === conditionsMax + 1
        ? [{ pointer, reason: `is beyond the ${conditionsMax} conditions of a definition` }]
        : [];
    }
    if (depth > depthMax) return [{ pointer, reason: `is nested deeper than ${depthMax}` }];
    if (!isObject(tree)) return [{ pointer, reason: 'must be a condition' }];
    for (const word of ['and', 'or', 'not'] as const) {
      if (!(word in tree)) continue;
      if (Object.keys(tree).length > 1) return [{ pointer, reason: `has more than "${word}"` }];
      const part = tree[word];
      const inside = `${pointer}/${word}`;
      if (word === 'not') return inTree(part, inside, depth + 1);
      if (!Array.isArray(part) || part.length === 0 || part.length > 50) {
        return [{ pointer: inside, reason: 'must list 1 to 50 conditions' }];
      }
      return part.flatMap((each, index) => inTree(each, `${inside}/${index}`, depth + 1));
    }
    return inCondition(tree, pointer, check);
  };
  return [...faults, ...inTree(given['when'], '/when', 0)];
};

const inCondition = (tree: Json, pointer: string, check: CheckSchema): Fault[] => {
  const kind = kinds.get(String(tree['kind']));
  if (!kind) {
    const known = [...kinds.keys(), 'and', 'or', 'not'].join(', ');
    return [{ pointer: `${pointer}/kind`, reason: `must be one of ${known}` }];
  }
  const faults = check(kind.schema as TSchema, tree).map((fault) => ({
    ...fault,
    pointer: pointer + fault.pointer,
  }));
  const { needsOneOf } = kind;
  if (needsOneOf.length > 0 && !needsOneOf.some((name) => name in tree)) {
    faults.push({ pointer, reason: `must have ${needsOneOf.join(' or ')}` });
  }
  if (Number(tree['min']) > Number(tree['max'])) {
    faults.push({ pointer: `${pointer}/min`, reason: 'must not exceed max' });
  }
  for (const name of ['from', 'until'] as const) {
    if (name in tree && Number.isNaN(Date.parse(String(tree[name])))) {
      faults.push({ pointer: `${pointer}/${name}`, reason: 'must be a time that there is' });
    }
  }
  if (Date.parse(String(tree['from'])) >= Date.parse(String(tree['until']))) {
    faults.push({ pointer: `${pointer}/until`, reason: 'must be after from' });
  }
  return faults;
};

const boundFaults = ({ bounds, groups }: Json): Fault[] => {
  const rising = (value: unknown): boolean =>
    !Array.isArray(value) || value.every((each, i) => i === 0 || each > value[i - 1]);
  const unsorted = isObject(bounds)
    ? Object.entries(bounds)
        .filter(([, value]) => !rising(value))
        .map(([name]) => ({ pointer: `/bounds/${name}`, reason: 'must rise' }))
    : [];
  const names = Array.isArray(groups) ? groups.map((group: Json) => group?.['name']) : [];
  const repeated = names.flatMap((name, index) =>
    names.indexOf(name) < index
      ? [{ pointer: `/groups/${index}/name`, reason: 'is the name of another group' }]
      : [],
  );
  return [...unsorted, ...repeated];
};
