/** What the console's lists of read models have in common: a page of them, once they have come as far as is asked. */
import type { PageRequest } from '../../projections/pages.js';
import type { Waiting } from '../../projections/waiting.js';
import { minPosition } from '../pos/reading.js';
import { pageQuery, type PageQuery } from './paging.js';

export const readModelQuery = { ...pageQuery, ...minPosition } as const;

export const pageAsked = ({ limit = 100, after }: PageQuery): PageRequest =>
  after === undefined ? { limit } : { limit, after };

/** As for every query that names a position. */
const waitMs = 5_000;

/** Until the read model includes the position that is asked for. @throws ProjectionBehind */
export const upTo = async (
  waiting: Waiting,
  model: string,
  { minPosition: position }: { readonly minPosition?: string },
): Promise<void> => {
  if (position !== undefined) await waiting.waitFor(model, BigInt(position), waitMs);
};
