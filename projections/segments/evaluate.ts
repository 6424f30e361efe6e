/**
 * What a refresh asks, a page of accounts at a time: who is to come, to go, or to another cell; and what a preview asks: how many
 * there would be. One statement a page, so each page is of one moment.
 */
import type pg from 'pg';
import type { UserId } from '../../domain/ids.js';
import type { SegmentDefinition } from '../../domain/segment/definition.js';
import { groupOf } from '../../domain/segment/rfm.js';
import { numberOf, parameters, type Reader } from '../pages.js';
import { inTransaction } from '../transaction.js';
import type { CellSize } from './queries.js';
import { inRange, type Question, type Range, scalesFor, wantedQuery } from './wanted.js';

/** Accounts in a page unless told. */
export const pageDefault = 10_000;

/** Open or closed: a closed one has to go. */
export const countAccounts = async (db: Reader, tenant: string): Promise<number> => {
  const { rows } = await db.query<{ count: string }>(
    'select count(*) from read.balances where tenant = $1',
    [tenant],
  );
  return numberOf(rows[0]?.count ?? 0);
};

/** The page of accounts after `after`; its end is open where no more follow. */
export const nextRange = async (
  db: Reader,
  tenant: string,
  after: string | null,
  size: number,
): Promise<Range> => {
  const { rows } = await db.query<{ user_id: string }>(
    `select user_id from read.balances where tenant = $1 and user_id > $2
      order by user_id offset $3 limit 1`,
    [tenant, after ?? '', size - 1],
  );
  return { after, upTo: rows[0]?.user_id ?? null };
};

export interface Differences {
  readonly add: readonly { readonly userId: UserId; readonly cell?: string }[];
  readonly remove: readonly UserId[];
}

/** Of a list only who has no open account any more is to go. */
const staysOnList = (tenant: string, range: Range, { add }: ReturnType<typeof parameters>) =>
  `select user_id, null::text as cell from read.segment_members as m
    join read.balances as a using (tenant, user_id)
    where m.tenant = ${add(tenant)} and a.status = 'active' ${inRange(add, 'm.user_id', range)}`;

/** Between who is to be in the segment and who is, as the read models have it. */
export const differencesIn = async (
  db: Reader,
  question: Question & { readonly segmentId: string },
  range: Range,
): Promise<Differences> => {
  const into = parameters();
  const { tenant, segmentId, definition } = question;
  const wanted =
    definition.kind === 'static'
      ? `${staysOnList(tenant, range, into)} and m.segment_id = ${into.add(segmentId)}`
      : wantedQuery(question, range, into);
  const { rows } = await db.query<{ user_id: UserId; wanted: boolean; cell: string | null }>(
    `select user_id, w.user_id is not null as wanted, w.cell
      from (${wanted}) as w
      full join (select user_id, cell from read.segment_members
        where tenant = ${into.add(tenant)} and segment_id = ${into.add(segmentId)}
          ${inRange(into.add, 'user_id', range)}) as held using (user_id)
      where w.user_id is null or held.user_id is null or w.cell is distinct from held.cell
      order by user_id`,
    into.values,
  );
  return {
    add: rows
      .filter((row) => row.wanted)
      .map(({ user_id: userId, cell }) => (cell === null ? { userId } : { userId, cell })),
    remove: rows.filter((row) => !row.wanted).map((row) => row.user_id),
  };
};

export interface Preview {
  /** Who would be in it. */
  readonly members: number;
  /** Of how many open accounts. */
  readonly accounts: number;
  /** Of an analysis, both by name; empty otherwise. */
  readonly cells: CellSize[];
  readonly groups: { group: string; members: number }[];
}

/** A definition tried on all accounts; nothing is kept of it. @throws what the database says where it takes over a minute */
export const previewOf = (
  pool: pg.Pool,
  asked: {
    readonly tenant: string;
    readonly definition: Exclude<SegmentDefinition, { kind: 'static' }>;
    readonly asOf: number;
    /** After this the database gives up. */
    readonly withinMs: number;
  },
): Promise<Preview> =>
  inTransaction(pool, async (db) => {
    await db.query(`set local statement_timeout = ${Math.trunc(asked.withinMs)}`);
    const question = { ...asked, scales: await scalesFor(db as Reader, asked) };
    const into = parameters();
    const wanted = wantedQuery(question, { after: null, upTo: null }, into);
    const { rows } = await db.query<{ cell: string | null; members: string }>(
      `select cell, count(*) as members from (${wanted}) as w group by cell order by cell`,
      into.values,
    );
    const { rows: open } = await db.query<{ count: string }>(
      `select count(*) from read.balances where tenant = $1 and status = 'active'`,
      [asked.tenant],
    );
    const cells = rows.flatMap(({ cell, members }) =>
      cell === null ? [] : [{ cell, members: numberOf(members) }],
    );
    return {
      members: rows.reduce((sum, { members }) => sum + numberOf(members), 0),
      accounts: numberOf(open[0]?.count ?? 0),
      cells,
      groups: groupsOf(asked.definition, cells),
    };
  });

/** In the order of the names. */
export const groupsOf = (
  definition: SegmentDefinition,
  cells: readonly CellSize[],
): { group: string; members: number }[] => {
  if (definition.kind !== 'analytic') return [];
  const sums = new Map<string, number>();
  for (const { cell, members } of cells) {
    const group = groupOf(cell, definition.groups);
    if (group !== null) sums.set(group, (sums.get(group) ?? 0) + members);
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, members]) => ({ group, members }));
};

/** Which of these customers have an open account. */
export const openAccounts = async (
  db: Reader,
  tenant: string,
  userIds: readonly UserId[],
): Promise<ReadonlySet<UserId>> => {
  const { rows } = await db.query<{ user_id: UserId }>(
    `select user_id from read.balances where tenant = $1 and user_id = any($2::text[])
      and status = 'active'`,
    [tenant, userIds],
  );
  return new Set(rows.map((row) => row.user_id));
};
