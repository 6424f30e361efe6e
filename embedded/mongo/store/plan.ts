/**
 * Which documents have to be looked at for a filter and an order: those that the best index leaves, or all.
 *
 * An index is the better the more of its first fields the filter pins to values, then for a range on the next, then for giving the
 * order asked for, which spares a sort.
 */
import type { Document } from 'bson';
import { MongoFault } from '../errors.js';
import { type Constraint, constraintsOf } from './constraints.js';
import type { OrderedIndex } from './orderedIndex.js';
import type { Bound } from './orderedKeys.js';
import type { StoredDocument } from './storedDocument.js';

export type SortSpec = readonly (readonly [path: string, direction: 1 | -1])[];

interface Interval {
  readonly from: Bound | null;
  readonly to: Bound | null;
}

export interface Plan {
  /** Null: every document, in the order of insertion. */
  readonly index: OrderedIndex | null;
  readonly intervals: readonly Interval[];
  readonly backwards: boolean;
  /** The documents come in the order asked for. */
  readonly sorted: boolean;
}

/** Every combination of pinned values is a search of its own. */
const intervalsMax = 1_000;

const isPinned = (constraint: Constraint | undefined): constraint is Constraint =>
  constraint?.values != null;

const withoutNull = ({ values }: Constraint): boolean =>
  values === null || values.every((value) => value !== null);

const bound = (
  prefix: readonly unknown[],
  end: { readonly value: unknown; readonly inclusive: boolean } | null,
): Bound | null => {
  if (end) return { prefix: [...prefix, end.value], inclusive: end.inclusive };
  return prefix.length > 0 ? { prefix, inclusive: true } : null;
};

/** Of an interval of values on a field that goes down, the ends change places. */
const rangeWithin = (
  prefix: readonly unknown[],
  { low, high }: Constraint,
  direction: number,
  multikey: boolean,
): Interval => {
  // One element of an array may satisfy one end and another the other.
  const [first, second] = multikey && low && high ? [low, null] : [low, high];
  const [from, to] = direction > 0 ? [first, second] : [second, first];
  return { from: bound(prefix, from), to: bound(prefix, to) };
};

const combine = (prefixes: unknown[][], values: readonly unknown[]): unknown[][] =>
  prefixes.flatMap((prefix) => values.map((value) => [...prefix, value]));

interface Use {
  readonly plan: Plan;
  readonly pinned: number;
  readonly ranged: boolean;
}

const better = (a: Use, b: Use): boolean => {
  if (a.pinned !== b.pinned) return a.pinned > b.pinned;
  if (a.ranged !== b.ranged) return a.ranged;
  return a.plan.sorted && !b.plan.sorted;
};

/** Whether what follows the pinned fields is the order asked for, the same way round or all the other. */
const orderOf = (
  index: OrderedIndex,
  pinned: number,
  constraints: ReadonlyMap<string, Constraint>,
  sort: SortSpec,
): { sorted: boolean; backwards: boolean } => {
  const none = { sorted: false, backwards: false };
  if (sort.length === 0 || index.multikey || index.spec.kind !== 'ordered') return none;
  const { fields } = index.spec;
  const isFixed = (path: string) => constraints.get(path)?.values?.length === 1;
  if (!fields.slice(0, pinned).every(({ path }) => isFixed(path))) return none;
  const rest = sort.filter(([path]) => !isFixed(path));
  const following = fields.slice(pinned);
  if (rest.length > following.length) return none;
  const turns = rest.map(([path, direction], i) => {
    const field = following[i];
    return field?.path === path ? field.direction * direction : 0;
  });
  if (turns.includes(0) || new Set(turns).size > 1) return none;
  return { sorted: true, backwards: turns[0] === -1 };
};

const useOrdered = (
  index: OrderedIndex,
  constraints: ReadonlyMap<string, Constraint>,
  sort: SortSpec,
): Use | null => {
  const { fields, sparse } = index.spec;
  let prefixes: unknown[][] = [[]];
  let pinned = 0;
  for (const { path } of fields) {
    const constraint = constraints.get(path);
    if (!isPinned(constraint)) break;
    if (prefixes.length * (constraint.values?.length ?? 0) > intervalsMax) break;
    prefixes = combine(prefixes, constraint.values ?? []);
    pinned += 1;
  }
  const next = fields[pinned];
  const range = next ? constraints.get(next.path) : undefined;
  const ranged = range !== undefined && range.values === null;
  // What a sparse index leaves out has none of its fields.
  const asked = fields.map(({ path }) => constraints.get(path)).filter((one) => one !== undefined);
  if (sparse && !asked.some(withoutNull)) return null;
  const intervals = prefixes.map((prefix): Interval => {
    if (ranged && next) return rangeWithin(prefix, range, next.direction, index.multikey);
    const whole = bound(prefix, null);
    return { from: whole, to: whole };
  });
  const { sorted, backwards } = orderOf(index, pinned, constraints, sort);
  if (pinned === 0 && !ranged && !sorted) return null;
  return { plan: { index, intervals, backwards, sorted }, pinned, ranged };
};

const numberPart = /(^|\.)\d+(\.|$)/;
const depthMax = 20;

const useWildcard = (
  index: OrderedIndex,
  constraints: ReadonlyMap<string, Constraint>,
): Use | null => {
  const root = index.spec.fields[0]?.path ?? '';
  let best: Use | null = null;
  for (const [path, constraint] of constraints) {
    const below = root === '' ? path !== '_id' : path === root || path.startsWith(`${root}.`);
    if (!below || numberPart.test(path) || path.split('.').length > depthMax) continue;
    if (!withoutNull(constraint)) continue;
    const { values } = constraint;
    const intervals = values
      ? values.map((value): Interval => {
          const exact = { prefix: [path, value], inclusive: true };
          return { from: exact, to: exact };
        })
      : [rangeWithin([path], constraint, 1, true)];
    const plan: Plan = { index, intervals, backwards: false, sorted: false };
    const use: Use = { plan, pinned: values ? 1 : 0, ranged: values === null };
    if (!best || better(use, best)) best = use;
  }
  return best;
};

const everything: Plan = { index: null, intervals: [], backwards: false, sorted: false };

/** @throws MongoFault BadValue for a hint at an index that there is not. */
export const planFor = (
  indexes: readonly OrderedIndex[],
  filter: Document,
  sort: SortSpec,
  hint: string | null,
): Plan => {
  if (hint === '$natural') return everything;
  const named = hint === null ? indexes : indexes.filter(({ spec }) => spec.name === hint);
  if (hint !== null && named.length === 0) {
    throw new MongoFault(
      'BadValue',
      `hint provided does not correspond to an existing index: ${hint}`,
    );
  }
  const constraints = constraintsOf(filter);
  let best: Use | null = null;
  for (const index of named) {
    if (index.spec.partialFilter) continue;
    const use =
      index.spec.kind === 'wildcard'
        ? useWildcard(index, constraints)
        : useOrdered(index, constraints, sort);
    if (use && (!best || better(use, best))) best = use;
  }
  return best?.plan ?? everything;
};

/** Each document once, as the plan says; `keys` counts the entries that were passed. */
export const candidates = function* (
  plan: Plan,
  all: Iterable<StoredDocument>,
  keys: { examined: number },
): Generator<StoredDocument> {
  const { index, intervals, backwards } = plan;
  if (!index) {
    yield* all;
    return;
  }
  const repeats = index.multikey || index.spec.kind === 'wildcard' || intervals.length > 1;
  const seen = repeats ? new Set<StoredDocument>() : null;
  for (const { from, to } of intervals) {
    const entries = backwards ? index.keys.rangeBackwards(from, to) : index.keys.range(from, to);
    for (const { of } of entries) {
      keys.examined += 1;
      if (seen?.has(of)) continue;
      seen?.add(of);
      yield of;
    }
  }
};
