/** Questions to the segments: members a page at a time, sizes day by day, cells of an analysis. */
import type { UserId } from '../../domain/ids.js';
import { live, numberOf, type Page, type PageRequest, type Reader, timeOf } from '../pages.js';
import { readPage } from '../readPage.js';
import { checkedSchema } from '../schema.js';

interface SegmentKey {
  readonly tenant: string;
  readonly segmentId: string;
}

export interface MemberView {
  readonly userId: UserId;
  /** Null where the segment has no cells. */
  readonly cell: string | null;
  readonly since: number;
}

type Row = Readonly<Record<string, unknown>>;

/** By user id; of one cell where it is given. @throws BadCursor */
export const membersOf = async (
  db: Reader,
  {
    tenant,
    segmentId,
    cell,
    ...page
  }: SegmentKey & PageRequest & { readonly cell?: string | undefined },
  schema = live,
): Promise<Page<MemberView>> => {
  return readPage(db, page, {
    key: { user_id: 'text' },
    values: [tenant, segmentId, cell ?? null],
    sql: (after, limit) =>
      `select user_id, cell, since from ${checkedSchema(schema)}.segment_members
        where tenant = $1 and segment_id = $2 and ($3::text is null or cell = $3) and ${after}
        order by user_id limit ${limit}`,
    toView: (row) => ({
      userId: row['user_id'] as UserId,
      cell: row['cell'] as string | null,
      since: timeOf(row['since']),
    }),
  });
};

export interface MembershipView {
  readonly segmentId: string;
  readonly cell: string | null;
  readonly since: number;
}

/** Of one customer, by segment. @throws BadCursor */
export const membershipsOf = async (
  db: Reader,
  { tenant, userId, ...page }: { readonly tenant: string; readonly userId: UserId } & PageRequest,
  schema = live,
): Promise<Page<MembershipView>> => {
  return readPage(db, page, {
    key: { segment_id: 'text' },
    values: [tenant, userId],
    sql: (after, limit) =>
      `select segment_id, cell, since from ${checkedSchema(schema)}.segment_members
        where tenant = $1 and user_id = $2 and ${after}
        order by segment_id limit ${limit}`,
    toView: (row) => ({
      segmentId: row['segment_id'] as string,
      cell: row['cell'] as string | null,
      since: timeOf(row['since']),
    }),
  });
};

export interface SizeView {
  /** YYYY-MM-DD, UTC. */
  readonly day: string;
  /** At the end of the day. */
  readonly members: number;
  readonly added: number;
  readonly moved: number;
  readonly removed: number;
}

/** Days on which something changed, the latest first; between two of them the size is that of the earlier. @throws BadCursor */
export const sizesOf = async (
  db: Reader,
  { tenant, segmentId, ...page }: SegmentKey & PageRequest,
  schema = live,
): Promise<Page<SizeView>> => {
  return readPage(db, page, {
    key: { day: 'date' },
    descending: true,
    values: [tenant, segmentId],
    sql: (after, limit) =>
      `select to_char(day, 'YYYY-MM-DD') as day, members, added, moved, removed
        from ${checkedSchema(schema)}.segment_sizes
        where tenant = $1 and segment_id = $2 and ${after}
        order by day desc limit ${limit}`,
    toView: (row) => ({
      day: row['day'] as string,
      members: numberOf(row['members']),
      added: numberOf(row['added']),
      moved: numberOf(row['moved']),
      removed: numberOf(row['removed']),
    }),
  });
};

export interface CellSize {
  readonly cell: string;
  readonly members: number;
}

/** Of an analysis, by name; RFM has at most 125. */
export const cellsOf = async (
  db: Reader,
  { tenant, segmentId }: SegmentKey,
  schema = live,
): Promise<CellSize[]> => {
  const { rows } = await db.query<Row>(
    `select cell, count(*) as members from ${checkedSchema(schema)}.segment_members
      where tenant = $1 and segment_id = $2 and cell is not null
      group by cell order by cell limit 1000`,
    [tenant, segmentId],
  );
  return rows.map((row) => ({ cell: String(row['cell']), members: numberOf(row['members']) }));
};
