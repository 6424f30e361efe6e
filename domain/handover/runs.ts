/**
 * When each place was first and last handed over, as runs of places that share both times: a page that was pulled once is one run,
 * however long it is. Invariant: runs are in order and do not overlap, and neighbours that touch differ in a time.
 *
 * Merging is exact: taken apart again, the runs are the places that were handed over with the first and the last time of each.
 */
export interface Run {
  /** Both included. */
  readonly first: number;
  readonly last: number;
  /** Milliseconds since the epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
}

const joined = (runs: readonly Run[]): Run[] => {
  const result: Run[] = [];
  for (const run of runs) {
    const before = result.at(-1);
    const isMore =
      before?.last === run.first - 1 &&
      before.firstAt === run.firstAt &&
      before.lastAt === run.lastAt;
    if (isMore) result[result.length - 1] = { ...before, last: run.last };
    else result.push(run);
  }
  return result;
};

/** The runs once the places from `first` to `last` were handed over at a time, too; times may come in any order. */
export const withHandover = (
  runs: readonly Run[],
  first: number,
  last: number,
  at: number,
): Run[] => {
  const result: Run[] = [];
  let next = first;
  const fill = (until: number): void => {
    if (next <= until) result.push({ first: next, last: until, firstAt: at, lastAt: at });
    next = Math.max(next, until + 1);
  };
  for (const run of runs) {
    if (run.first > last) fill(last);
    const low = Math.max(run.first, first);
    const high = Math.min(run.last, last);
    if (low > high) {
      result.push(run);
      continue;
    }
    if (run.first < low) result.push({ ...run, last: low - 1 });
    fill(low - 1);
    const [firstAt, lastAt] = [Math.min(run.firstAt, at), Math.max(run.lastAt, at)];
    result.push({ first: low, last: high, firstAt, lastAt });
    next = high + 1;
    if (run.last > high) result.push({ ...run, first: high + 1 });
  }
  fill(last);
  return joined(result);
};
