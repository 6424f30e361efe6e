/**
 * What reading routes have in common: a list has a limit and a cursor, a query may wait for a position.
 */
import { type TSchema, Type } from '@sinclair/typebox';
import { BadCursor, type Page as Found, type PageRequest } from '../../projections/pages.js';
import { faulty } from '../input.js';
import { PositionText } from '../wire.js';
import type { PosQueries } from './queries.js';

export const minPosition = {
  minPosition: Type.Optional(
    Type.String({
      pattern: PositionText.pattern as string,
      description:
        'The `position` of a command: the answer includes it. Waits a moment where it must, then 503.',
    }),
  ),
} as const;

export const listQuery = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: 50, description: 'At most so many' }),
  ),
  after: Type.Optional(
    Type.String({ maxLength: 300, description: 'The `next` of the page before' }),
  ),
} as const;

export interface ListQuery {
  readonly limit?: number;
  readonly after?: string;
}
export const limitDefault = 50;
export const pageRequest = ({ limit = limitDefault, after }: ListQuery): PageRequest =>
  after === undefined ? { limit } : { limit, after };

export const Page = <Item extends TSchema>(title: string, item: Item) =>
  Type.Object(
    {
      items: Type.Array(item),
      next: Type.Union([Type.String(), Type.Null()], {
        description: 'Send it as `after` for what follows; null at the end',
      }),
    },
    { title },
  );

/** `found` holds one more than `limit` where there is more. */
export const pageOf = <Record, Item>(
  found: readonly Record[],
  limit: number,
  cursorOf: (record: Record) => string,
  show: (record: Record) => Item,
): { items: Item[]; next: string | null } => {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const next = found.length > limit && last !== undefined ? cursorOf(last) : null;
  return { items: items.map(show), next };
};

/** A page of a read model. @throws InvalidInput for a cursor that is none. */
export const pageShown = async <Row, Item>(
  found: Promise<Found<Row>>,
  show: (row: Row) => Item,
): Promise<{ items: Item[]; next: string | null }> => {
  try {
    const { rows, next } = await found;
    return { items: rows.map(show), next };
  } catch (error) {
    if (error instanceof BadCursor) throw faulty('query', '/after', 'is not the `next` of a page');
    throw error;
  }
};

export const reachPosition = async (
  queries: PosQueries,
  projection: Parameters<PosQueries['reach']>[0],
  query: { readonly minPosition?: string },
): Promise<void> => {
  if (query.minPosition !== undefined) await queries.reach(projection, BigInt(query.minPosition));
};
