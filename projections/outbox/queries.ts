/**
 * What the dispatcher asks of the queue: which lanes there are, what is ready or due in some of their windows, and what is known of those
 * it goes to. A window is what one lane has of one class on one channel. Every question is a single statement over many windows or
 * messages, so that its answer is of one moment and its price does not grow with the number of tenants.
 */
import type { MessageId } from '../../domain/ids.js';
import type { Message } from '../../domain/message/message.js';
import { live, type Reader } from '../pages.js';
import { checkedSchema } from '../schema.js';
import { sendKindsText } from './place.js';
import { idOf, storedRequest, type StoredRequest } from './request.js';

export interface LaneRow {
  readonly tenant: string;
  readonly lane: number;
}

/** At most 10,000. */
export const lanesOf = async (db: Reader, schema = live): Promise<LaneRow[]> => {
  const { rows } = await db.query<LaneRow>(
    `select tenant, lane from ${viewOf('lanes', schema)} order by tenant, lane limit 10000`,
  );
  return rows;
};

/** How far the tables are: in the journal of the lane, and in the log. */
export interface Reach {
  readonly revision: number;
  readonly position: bigint;
}

/** Of the live version. */
const positionText = `(select c.position from kopilka.checkpoints as c
    where c.projection = 'outbox' and c.status = 'live')`;

export const laneReach = async (
  db: Reader,
  { tenant, lane }: LaneRow,
  schema = live,
): Promise<Reach> => {
  const { rows } = await db.query<{ revision: bigint; position: bigint | null }>(
    `select revision, ${positionText} as position
      from ${viewOf('lanes', schema)} where tenant = $1 and lane = $2`,
    [tenant, lane],
  );
  const [row] = rows;
  return { revision: Number(row?.revision ?? -1), position: BigInt(row?.position ?? 0) };
};

export interface WindowAsked extends LaneRow {
  readonly class: string;
  readonly channel: string;
  /** Reads on behind this row; null: from the first. */
  readonly after: { readonly position: string; readonly messageId: string } | null;
  readonly ready: number;
  /** Of what is due, at most so many to be sent and so many that need something else, each behind a row of its own. */
  readonly send: number;
  readonly sendAfter: DueCursor | null;
  readonly work: number;
  readonly workAfter: DueCursor | null;
  /** At most so many of those that are ready though their time is over, behind the last row that was read and not far from it. */
  readonly sweep: number;
}

/** A place among what is due. */
export interface DueCursor {
  readonly at: number;
  readonly messageId: string;
}
/** Behind everything that is due by then. */
export const dueBy = (at: number): DueCursor => ({ at, messageId: 'f'.repeat(32) });

export interface QueuedRow {
  /** Index of the window that was asked for. */
  readonly window: number;
  readonly kind: 'ready' | 'send' | 'work' | 'swept';
  readonly messageId: MessageId;
  readonly message: Message;
  readonly request: StoredRequest | null;
  /** In the journal, of the last event about it. */
  readonly revision: number;
  /** Of these tables, when it was read. */
  readonly reach: Reach;
  /** Of what is ready: the place of the row, and since when. Of what is due: since when. */
  readonly position: string;
  readonly since: number;
}

interface Row {
  readonly w: number;
  readonly kind: QueuedRow['kind'];
  readonly id: string;
  readonly state: string;
  readonly request: string | null;
  readonly revision: bigint;
  readonly lane_revision: bigint;
  readonly reached: bigint | null;
  readonly position: bigint;
  readonly since: bigint;
}

const viewOf = (name: string, schema: string): string =>
  schema === live ? `${live}.outbox_${name}` : `${checkedSchema(schema)}.${name}`;

/** Rows that one look at what may be over goes through. */
const sweptRows = 5_000;

/**
 * Each `limit 1` is there for the planner, as keys are unique: with a join, a plan made while there was one message went through all messages
 * of the tenant for each row, and was kept (6 s for 500 rows among 4,000).
 */
const rowsText = (schema: string): string => `
  with w as (
    select (ordinality - 1)::integer as w, *
    from unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::bigint[], $6::uuid[], $7::integer[],
        $9::integer[], $10::bigint[], $11::uuid[], $12::integer[], $13::bigint[], $14::uuid[], $15::integer[])
      with ordinality as asked(tenant, lane, class, channel, position, id, ready,
        send, send_at, send_id, work, work_at, work_id, sweep, ordinality)
  )
  select w.w, q.kind, q.id, q.position, q.since, m.state, m.request, m.revision, l.revision as lane_revision,
    ${positionText} as reached
  from w cross join lateral (
    (select 'ready' as kind, r.message_id as id, r.position, r.since from ${viewOf('ready', schema)} as r
      where r.tenant = w.tenant and r.lane = w.lane and r.class = w.class and r.channel = w.channel
        and (r.position, r.message_id) > (w.position, w.id)
      order by r.position, r.message_id limit w.ready)
    union all
    (select 'send', s.message_id, 0, s.due_at from ${viewOf('scheduled', schema)} as s
      where s.tenant = w.tenant and s.lane = w.lane and s.class = w.class and s.channel = w.channel
        and s.due_at <= $8 and (s.due_at, s.message_id) > (w.send_at, w.send_id)
        and s.waits_for in (${sendKindsText})
      order by s.due_at, s.message_id limit w.send)
    union all
    (select 'work', s.message_id, 0, s.due_at from ${viewOf('scheduled', schema)} as s
      where s.tenant = w.tenant and s.lane = w.lane and s.class = w.class and s.channel = w.channel
        and s.due_at <= $8 and (s.due_at, s.message_id) > (w.work_at, w.work_id)
        and s.waits_for not in (${sendKindsText})
      order by s.due_at, s.message_id limit w.work)
    union all
    (select 'swept', r.message_id, r.position, r.until from (
        select * from ${viewOf('ready', schema)} as r
        where r.tenant = w.tenant and r.lane = w.lane and r.class = w.class and r.channel = w.channel
          and (r.position, r.message_id) > (w.position, w.id)
        order by r.position, r.message_id limit case when w.sweep > 0 then ${sweptRows} else 0 end
      ) as r where r.until <= $8 limit w.sweep)
  ) as q
  cross join lateral (select * from ${viewOf('messages', schema)} as m
    where m.tenant = w.tenant and m.message_id = q.id limit 1) as m
  cross join lateral (select * from ${viewOf('lanes', schema)} as l
    where l.tenant = w.tenant and l.lane = w.lane limit 1) as l
  order by w.w, q.kind, q.position, case when q.kind in ('send', 'work') then q.since end, q.id`;

const none = '00000000-0000-0000-0000-000000000000';

const dueValues = (
  asked: readonly { readonly most: number; readonly after: DueCursor | null }[],
): readonly unknown[] => [
  asked.map(({ most }) => most),
  asked.map(({ after }) => Math.floor(after?.at ?? -1)),
  asked.map(({ after }) => after?.messageId ?? none),
];

/** Of each window what is ready behind the row named, in order, and what is due by `now`. */
export const queuedRows = async (
  db: Reader,
  windows: readonly WindowAsked[],
  now: number,
  schema = live,
): Promise<QueuedRow[]> => {
  if (windows.length === 0) return [];
  const { rows } = await db.query<Row>({
    name: `${schema}.outbox.queued`,
    text: rowsText(schema),
    values: [
      windows.map((w) => w.tenant),
      windows.map((w) => w.lane),
      windows.map((w) => w.class),
      windows.map((w) => w.channel),
      windows.map((w) => w.after?.position ?? '-1'),
      windows.map((w) => w.after?.messageId ?? none),
      windows.map((w) => w.ready),
      Math.floor(now),
      ...dueValues(windows.map((w) => ({ most: w.send, after: w.sendAfter }))),
      ...dueValues(windows.map((w) => ({ most: w.work, after: w.workAfter }))),
      windows.map((w) => w.sweep),
    ],
  });
  return rows.map((row) => ({
    window: row.w,
    kind: row.kind,
    messageId: idOf(row.id),
    message: JSON.parse(row.state) as Message,
    request: row.request === null ? null : storedRequest(row.request),
    revision: Number(row.revision),
    reach: { revision: Number(row.lane_revision), position: BigInt(row.reached ?? 0) },
    position: String(row.position),
    since: Number(row.since),
  }));
};

/** When the next message of each window is due that is not due by `after`; null: there is none. */
export const nextDue = async (
  db: Reader,
  windows: readonly Pick<WindowAsked, 'tenant' | 'lane' | 'class' | 'channel'>[],
  after: number,
  schema = live,
): Promise<(number | null)[]> => {
  if (windows.length === 0) return [];
  const { rows } = await db.query<{ due_at: bigint | null }>({
    name: `${schema}.outbox.next_due`,
    text: `select (select min(s.due_at) from ${viewOf('scheduled', schema)} as s
        where s.tenant = w.tenant and s.lane = w.lane and s.class = w.class and s.channel = w.channel
          and s.due_at > $5) as due_at
      from unnest($1::text[], $2::integer[], $3::text[], $4::text[]) with ordinality
        as w(tenant, lane, class, channel, ordinality) order by w.ordinality`,
    values: [
      windows.map((w) => w.tenant),
      windows.map((w) => w.lane),
      windows.map((w) => w.class),
      windows.map((w) => w.channel),
      Math.floor(after),
    ],
  });
  return rows.map(({ due_at: at }) => (at === null ? null : Number(at)));
};
