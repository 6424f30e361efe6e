/**
 * Places as sorted spans that neither overlap nor touch: what arrives nearly in order takes one span, however much it is.
 */
import type { Span } from './events.js';

/** Index of the first span that ends at or after the place; the length where none does. */
export const indexOf = (spans: readonly Span[], place: number): number => {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((spans[middle] as Span).last < place) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const holds = (spans: readonly Span[], place: number): boolean => {
  const span = spans[indexOf(spans, place)];
  return span !== undefined && span.first <= place;
};

/** Adds in place; what is there already stays. */
export const add = (spans: Span[], first: number, last: number): void => {
  const from = indexOf(spans, first - 1);
  let to = from;
  let [low, high] = [first, last];
  for (let span = spans[to]; span && span.first <= last + 1; span = spans[++to]) {
    low = Math.min(low, span.first);
    high = Math.max(high, span.last);
  }
  spans.splice(from, to - from, { first: low, last: high });
};

/** Takes in place. */
export const take = (spans: Span[], first: number, last: number): void => {
  const from = indexOf(spans, first);
  let to = from;
  const rest: Span[] = [];
  for (let span = spans[to]; span && span.first <= last; span = spans[++to]) {
    if (span.first < first) rest.push({ first: span.first, last: first - 1 });
    if (span.last > last) rest.push({ first: last + 1, last: span.last });
  }
  spans.splice(from, to - from, ...rest);
};

export const sizeOf = (spans: readonly Span[]): number =>
  spans.reduce((sum, { first, last }) => sum + last - first + 1, 0);
