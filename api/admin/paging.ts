/** Lists of the registry: in the order of their ids, a page at a time, since every list has a limit. */
import { type Static, type TSchema, Type } from '@sinclair/typebox';

export const pageQuery = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1_000, default: 100, description: 'At most so many' }),
  ),
  after: Type.Optional(
    Type.String({ maxLength: 300, description: 'The `next` of the page before' }),
  ),
} as const;

export interface PageQuery {
  readonly limit?: number;
  readonly after?: string;
}

export const pageOf = <Item extends TSchema>(item: Item) =>
  Type.Object({
    items: Type.Array(item),
    next: Type.Union([Type.String(), Type.Null()], {
      description: 'Send it as `after` for what follows; null at the end',
    }),
  });

/** Numbers before text, numbers by size. */
const order = new Intl.Collator('en', { numeric: true });

export const page = <Record, Item>(
  records: Iterable<Record>,
  idOf: (record: Record) => string | number,
  query: PageQuery,
  show: (record: Record) => Item,
): Static<ReturnType<typeof pageOf>> & { items: Item[] } => {
  const { limit = 100, after } = query;
  const sorted = [...records]
    .filter((record) => after === undefined || order.compare(String(idOf(record)), after) > 0)
    .sort((a, b) => order.compare(String(idOf(a)), String(idOf(b))));
  const items = sorted.slice(0, limit);
  const last = items.at(-1);
  const next = sorted.length > limit && last !== undefined ? String(idOf(last)) : null;
  return { items: items.map(show), next };
};
