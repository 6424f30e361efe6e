/**
 * What a search asks of the payload: conditions on paths, combined by all, any and not. No patterns: a prefix is all that is looked for
 * within a text, since a pattern of a stranger could hold the server up; whole words are found by the text search.
 */

export type Value = string | number | boolean | null;

/** Every one that is given has to hold. */
export interface Comparison {
  readonly eq?: Value;
  readonly ne?: Value;
  readonly gt?: string | number;
  readonly gte?: string | number;
  readonly lt?: string | number;
  readonly lte?: string | number;
  readonly in?: readonly Value[];
  readonly nin?: readonly Value[];
  readonly exists?: boolean;
  readonly prefix?: string;
}

export type Where =
  | (Comparison & { readonly path: string })
  | { readonly all: readonly Where[] }
  | { readonly any: readonly Where[] }
  | { readonly not: Where };

type Filter = Record<string, unknown>;

const special = /[\\^$.*+?()[\]{}|]/g;

const operators: { readonly [Name in keyof Required<Comparison>]: string } = {
  eq: '$eq',
  ne: '$ne',
  gt: '$gt',
  gte: '$gte',
  lt: '$lt',
  lte: '$lte',
  in: '$in',
  nin: '$nin',
  exists: '$exists',
  prefix: '$regex',
};

const comparisonFilter = (path: string, comparison: Comparison): Filter => {
  const given = Object.entries(comparison) as [keyof Comparison, unknown][];
  return {
    [path]: Object.fromEntries(
      given.map(([name, value]) => [
        operators[name],
        name === 'prefix' ? `^${String(value).replace(special, '\\$&')}` : value,
      ]),
    ),
  };
};

/** @param root of the documents: the field that holds the payload. */
export const whereFilter = (where: Where, root: string): Filter => {
  if ('all' in where) return { $and: where.all.map((one) => whereFilter(one, root)) };
  if ('any' in where) return { $or: where.any.map((one) => whereFilter(one, root)) };
  if ('not' in where) return { $nor: [whereFilter(where.not, root)] };
  const { path, ...comparison } = where;
  return comparisonFilter(`${root}.${path}`, comparison);
};
