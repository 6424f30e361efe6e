/** A filter as it stands in a query: the JSON of a CloudEvents filter. */
import { Type } from '@sinclair/typebox';
import { depthOf, EventFilter, filterDepthMax } from '../../domain/subscription/filter.js';
import { checkPart, faulty } from '../input.js';

export const filterLengthMax = 4_000;

const Query = Type.Object({ filter: EventFilter });

/** @throws InvalidInput with pointers below `/filter` of the query. */
export const filterOf = (text: string): EventFilter => {
  const filter = parsed(text);
  checkPart('query', Query, { filter });
  if (depthOf(filter as EventFilter) > filterDepthMax) {
    throw faulty('query', '/filter', `must not be deeper than ${filterDepthMax} levels`);
  }
  return filter as EventFilter;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw faulty('query', '/filter', 'must be JSON, such as {"exact":{"type":"car.chosen"}}');
  }
};
