/**
 * Which documents have to be looked at for a filter and an order: those that the best index leaves, or all.
 *
 * The best is the one with the least to look at. How many entries lie in an interval is known at once; how many of them a page in order
 * needs is reckoned from how few the narrowest index leaves. So a rare value is looked up and its few documents sorted, while of a
 * frequent one the first page is found by going along the order.
 */
import type { Document } from 'bson';
import { MongoFault } from '../errors.js';
import { type Constraint, constraintsOf } from './constraints.js';
import { compareValues } from './order.js';
import type { OrderedIndex } from './orderedIndex.js';
import type { Bound } from './orderedKeys.js';
import { isRecord } from './paths.js';
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
/** Of so many the entries are counted, of more reckoned from these. */
const countedMax = 50;
/** Of several lists of values on a path each is tried, up to so many. */
const choicesMax = 8;
/** Sorting a document costs this part of looking at it. */
const sortShare = 0.3;

type Constraints = ReadonlyMap<string, readonly Constraint[]>;

const valuesOf = (constraints: Constraints, path: string): Constraint | undefined =>
  constraints.get(path)?.find(({ values }) => values !== null);

const withoutNull = ({ values }: Constraint): boolean =>
  values === null || values.every((value) => value !== null);

const bound = (prefix: readonly unknown[], end: Constraint['low']): Bound | null => {
  if (end) return { prefix: [...prefix, end.value], inclusive: end.inclusive };
  return prefix.length > 0 ? { prefix, inclusive: true } : null;
};

/** The end that leaves less; of two that are the same the one that leaves itself out. */
const tighter = (ends: readonly Constraint['low'][], turn: 1 | -1): Constraint['low'] =>
  ends.reduce((best, end) => {
    if (!best || !end) return best ?? end;
    const order = compareValues(end.value, best.value) * turn;
    return order > 0 || (order === 0 && !end.inclusive) ? end : best;
  }, null);

const isRange = ({ values }: Constraint): boolean => values === null;

/** One range of all that are asked for; where arrays are, one end alone, since the other may be met by another element. */
const rangeOf = (
  constraints: readonly Constraint[] | undefined,
  hasArrays: boolean,
): Pick<Constraint, 'low' | 'high'> | null => {
  const ranges = constraints?.filter(isRange) ?? [];
  const [first] = ranges;
  if (!first) return null;
  if (hasArrays) return first.low ? { low: first.low, high: null } : first;
  return {
    low: tighter(
      ranges.map(({ low }) => low),
      1,
    ),
    high: tighter(
      ranges.map(({ high }) => high),
      -1,
    ),
  };
};

/** Of an interval of values on a field that goes down, the ends change places. */
const rangeWithin = (
  prefix: readonly unknown[],
  { low, high }: Pick<Constraint, 'low' | 'high'>,
  direction: number,
): Interval => {
  const [from, to] = direction > 0 ? [low, high] : [high, low];
  return { from: bound(prefix, from), to: bound(prefix, to) };
};

const combine = (prefixes: unknown[][], values: readonly unknown[]): unknown[][] =>
  prefixes.flatMap((prefix) => values.map((value) => [...prefix, value]));

interface Use {
  readonly plan: Plan;
  readonly pinned: number;
  readonly ranged: boolean;
  /** In the intervals. */
  readonly entries: number;
}

const entriesOf = (index: OrderedIndex, intervals: readonly Interval[]): number => {
  const counted = intervals.slice(0, countedMax);
  const sum = counted.reduce((total, { from, to }) => total + index.keys.count(from, to), 0);
  return counted.length === 0 ? 0 : (sum * intervals.length) / counted.length;
};

const useOf = (
  plan: Plan & { readonly index: OrderedIndex },
  pinned: number,
  ranged: boolean,
): Use => ({ plan, pinned, ranged, entries: entriesOf(plan.index, plan.intervals) });

/** Whether what follows the pinned fields is the order asked for, the same way round or all the other. */
const orderOf = (
  index: OrderedIndex,
  pinned: number,
  constraints: Constraints,
  sort: SortSpec,
): { sorted: boolean; backwards: boolean } => {
  const none = { sorted: false, backwards: false };
  if (sort.length === 0 || index.spec.kind !== 'ordered') return none;
  const { fields } = index.spec;
  const fixed = fields.slice(0, pinned).map(({ path }) => path);
  if (!fixed.every((path) => valuesOf(constraints, path)?.values?.length === 1)) return none;
  const rest = sort.filter(([path]) => !fixed.includes(path) || index.hasArrays(path));
  const following = fields.slice(pinned);
  if (rest.length > following.length) return none;
  const turns = rest.map(([path, direction], i) => {
    const field = following[i];
    return field?.path === path && !index.hasArrays(path) ? field.direction * direction : 0;
  });
  if (turns.includes(0) || new Set(turns).size > 1) return none;
  return { sorted: true, backwards: turns[0] === -1 };
};

const useOrdered = (index: OrderedIndex, constraints: Constraints, sort: SortSpec): Use | null => {
  const { fields, sparse } = index.spec;
  let prefixes: unknown[][] = [[]];
  let pinned = 0;
  for (const { path } of fields) {
    const values = valuesOf(constraints, path)?.values;
    if (!values || prefixes.length * values.length > intervalsMax) break;
    prefixes = combine(prefixes, values);
    pinned += 1;
  }
  const next = fields[pinned];
  const range = next ? rangeOf(constraints.get(next.path), index.hasArrays(next.path)) : null;
  // What a sparse index leaves out has none of its fields.
  const asked = fields.flatMap(({ path }) => constraints.get(path) ?? []);
  if (sparse && !asked.some(withoutNull)) return null;
  const intervals = prefixes.map((prefix): Interval => {
    if (range && next) return rangeWithin(prefix, range, next.direction);
    const whole = bound(prefix, null);
    return { from: whole, to: whole };
  });
  const { sorted, backwards } = orderOf(index, pinned, constraints, sort);
  if (pinned === 0 && !range && !sorted) return null;
  return useOf({ index, intervals, backwards, sorted }, pinned, range !== null);
};

/** Lists and records are not found as a whole by a wildcard index. */
const isSingle = (value: unknown): boolean => !Array.isArray(value) && !isRecord(value);

const numberPart = /(^|\.)\d+(\.|$)/;
const depthMax = 20;

const useWildcard = (index: OrderedIndex, constraints: Constraints): Use[] => {
  const root = index.spec.fields[0]?.path ?? '';
  return [...constraints].flatMap(([path, asked]): Use[] => {
    const below = root === '' ? path !== '_id' : path === root || path.startsWith(`${root}.`);
    if (!below || numberPart.test(path) || path.split('.').length > depthMax) return [];
    const found = valuesOf(constraints, path);
    if (found && !(withoutNull(found) && found.values?.every(isSingle))) return [];
    const range = rangeOf(asked, index.hasArrays(path));
    if (!found?.values && !range) return [];
    const intervals = found?.values
      ? found.values.map((value): Interval => {
          const exact = { prefix: [path, value], inclusive: true };
          return { from: exact, to: exact };
        })
      : [onPath(path, rangeWithin([path], range ?? { low: null, high: null }, 1))];
    const plan = { index, intervals, backwards: false, sorted: false };
    return [useOf(plan, found ? 1 : 0, !found)];
  });
};

/** Without an end it goes to that of the path. */
const onPath = (path: string, { from, to }: Interval): Interval => {
  const whole = { prefix: [path], inclusive: true };
  return { from: from ?? whole, to: to ?? whole };
};

/** The constraints, with another list of values first on a path that has several. */
const choicesOf = (constraints: Constraints): Constraints[] => {
  const choices: Constraints[] = [constraints];
  for (const [path, all] of constraints) {
    const lists = all.filter(({ values }) => values !== null);
    for (const list of lists.slice(1)) {
      const rest = all.filter((one) => one !== list);
      choices.push(new Map([...constraints, [path, [list, ...rest]]]));
    }
  }
  return choices.slice(0, choicesMax);
};

const everything: Plan = { index: null, intervals: [], backwards: false, sorted: false };

/** Entries to look at, a sort counted as some more. */
const costOf = ({ plan, entries }: Use, fewest: number, sort: SortSpec, limit: number): number => {
  if (sort.length > 0 && !plan.sorted) return entries * (1 + sortShare);
  return limit > 0 ? Math.min(entries, (limit * entries) / Math.max(fewest, 1)) : entries;
};

const best = (uses: readonly Use[], sort: SortSpec, limit: number): Plan => {
  const fewest = Math.min(...uses.map(({ entries }) => entries));
  const ranked = uses.map((use) => ({ ...use, cost: costOf(use, fewest, sort, limit) }));
  ranked.sort(
    (a, b) =>
      a.cost - b.cost ||
      b.pinned - a.pinned ||
      Number(b.ranged) - Number(a.ranged) ||
      Number(b.plan.sorted) - Number(a.plan.sorted),
  );
  return ranked[0]?.plan ?? everything;
};

/**
 * @param limit how many are wanted, 0: all.
 * @throws MongoFault BadValue for a hint at an index that there is not.
 */
export const planFor = (
  indexes: readonly OrderedIndex[],
  filter: Document,
  sort: SortSpec,
  hint: string | null,
  limit = 0,
): Plan => {
  if (hint === '$natural') return everything;
  const named = hint === null ? indexes : indexes.filter(({ spec }) => spec.name === hint);
  if (hint !== null && named.length === 0) {
    throw new MongoFault(
      'BadValue',
      `hint provided does not correspond to an existing index: ${hint}`,
    );
  }
  const usable = named.filter(({ spec }) => !spec.partialFilter);
  const uses = choicesOf(constraintsOf(filter)).flatMap((constraints) =>
    usable.flatMap((index) =>
      index.spec.kind === 'wildcard'
        ? useWildcard(index, constraints)
        : (useOrdered(index, constraints, sort) ?? []),
    ),
  );
  return best(uses, sort, limit);
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
