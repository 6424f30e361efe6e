/**
 * The types of events that a search may name. A type that there is not would find nothing in the whole log and look like an answer,
 * so it is refused, with the names it may have been meant for.
 */
import { InvalidInput } from '../../commands/validation.js';
import { eventDefinitions } from '../../domain/registry.js';
import type { RequestFault } from '../problem.js';
import { nearestNames } from './nearest.js';

/** @throws InvalidInput that names every unknown one by its place in the list. */
export const assertEventTypes = (types: readonly string[]): void => {
  const faults = types.flatMap((type, i): RequestFault[] =>
    eventDefinitions.has(type)
      ? []
      : [{ in: 'query', pointer: `/type/${i}`, reason: unknownType(type) }],
  );
  if (faults.length > 0) throw new InvalidInput(faults);
};

const unknownType = (type: string): string => {
  const near = nearestNames(type, [...eventDefinitions.keys()]);
  const meant = near.length > 0 ? `; did you mean ${near.join(' or ')}?` : '';
  return `is ${JSON.stringify(type)}, and there is no such type of event${meant}`;
};
