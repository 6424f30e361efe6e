/**
 * Brings a batch into the tables: the messages that it touches are read, folded on by the domain, and written back, a statement for each
 * table. A message that was begun, sent and ended within one batch is one update of its row, whatever was told of it in between.
 */
import { classRules } from '../../domain/message/kinds.js';
import type { Accepted, Message } from '../../domain/message/message.js';
import { bigint, inOrder, integer, jsonText, rowsInsert, rowsStatement, text } from '../columns.js';
import type { Db, Write } from '../projection.js';
import { type Folded, fold, needsRequest, readyUntil } from './place.js';
import type { OutboxChanges, Told, ToldConsent, ToldLane, ToldSuppression } from './project.js';
import { idOf, requestOf } from './request.js';

interface Stored {
  readonly lane: number;
  /** Under which its place is filed. */
  readonly channel: string;
  /** Whose caps it counts for; null: it counts for none. */
  readonly subject: string | null;
  readonly before: Folded | null;
}

/** A message with what it is after the batch. */
interface Moved extends Stored {
  readonly tenant: string;
  readonly messageId: string;
  readonly request: Accepted | null;
  readonly told: Told;
  readonly after: Folded;
}

interface Row {
  readonly tenant: string;
  readonly message_id: string;
  readonly lane: number;
  readonly channel: string;
  readonly state: string;
  readonly subject: string | null;
  readonly revision: bigint;
  readonly position: bigint;
  readonly ready_at: bigint | null;
  readonly due_at: bigint | null;
}

const capped = Object.entries(classRules)
  .filter(([, { isCapped }]) => isCapped)
  .map(([name]) => `'${name}'`)
  .join(', ');

const loadText = (schema: string): string => `
  select m.tenant, m.message_id, m.lane, m.channel, m.state, m.revision, m.position, m.ready_at, m.due_at,
    case when m.class in (${capped}) then m.request::json #>> '{recipient,subject}' end as subject
  from unnest($1::text[], $2::uuid[]) as touched(tenant, message_id)
  join ${schema}.messages as m using (tenant, message_id)`;

const storedOf = (row: Row): Stored => ({
  lane: row.lane,
  channel: row.channel,
  subject: row.subject,
  before: {
    message: JSON.parse(row.state) as Message,
    place: {
      readyAt: row.ready_at,
      since: 0,
      dueAt: row.due_at === null ? null : Number(row.due_at),
      waitsFor: null,
    },
    position: row.position,
    revision: Number(row.revision),
  },
});

const load = async (
  db: Db,
  schema: string,
  told: readonly Told[],
): Promise<ReadonlyMap<string, Stored>> => {
  const touched = told.filter(({ accepted }) => accepted === null);
  if (touched.length === 0) return new Map();
  const { rows } = await db.query<Row>({
    name: `${schema}.messages.load`,
    text: loadText(schema),
    values: [touched.map(({ tenant }) => tenant), touched.map(({ messageId }) => messageId)],
  });
  return new Map(rows.map((row) => [`${row.tenant}.${idOf(row.message_id)}`, storedOf(row)]));
};

const channelOf = ({ steps, step }: Message): string => steps[step]?.channel ?? '';

const begun = (told: Told): Stored | null => {
  const data = told.accepted?.data;
  if (!data) return null;
  const subject = classRules[data.class].isCapped ? data.recipient.subject : null;
  return { lane: data.lane, channel: data.steps[0]?.channel ?? '', subject, before: null };
};

const moved = (told: readonly Told[], stored: ReadonlyMap<string, Stored>): Moved[] => {
  const all: Moved[] = [];
  for (const one of told) {
    const { tenant, messageId } = one;
    const known = begun(one) ?? stored.get(`${tenant}.${messageId}`);
    const after = known && fold(one, known.before);
    if (!known || !after) continue;
    all.push({
      ...known,
      ...{ tenant, messageId, after, told: one },
      request: one.accepted && needsRequest(after.message) ? one.accepted.data : null,
    });
  }
  return all;
};

/** Of JSON as text. */
const orNull = (name: string): string => `nullif(${name}, 'null')`;

const insertMessages = rowsInsert<Moved>('messages', {
  tenant: text((m) => m.tenant),
  message_id: { ...text((m) => m.messageId), convert: (name) => `${name}::uuid` },
  lane: integer((m) => m.lane),
  class: text((m) => m.after.message.class),
  channel: text((m) => channelOf(m.after.message)),
  status: text((m) => m.after.message.status),
  state: jsonText((m) => m.after.message),
  request: { ...jsonText((m) => m.request && requestOf(m.request)), convert: orNull },
  revision: bigint((m) => m.after.revision),
  position: bigint((m) => m.after.position),
  ready_at: bigint((m) => m.after.place.readyAt),
  due_at: bigint((m) => m.after.place.dueAt),
});

const updateMessages = rowsStatement<Moved>(
  'messages.update',
  {
    tenant: text((m) => m.tenant),
    message_id: { ...text((m) => m.messageId), convert: (name) => `${name}::uuid` },
    channel: text((m) => channelOf(m.after.message)),
    status: text((m) => m.after.message.status),
    state: jsonText((m) => m.after.message),
    kept: integer((m) => (needsRequest(m.after.message) ? 1 : 0)),
    revision: bigint((m) => m.after.revision),
    position: bigint((m) => m.after.position),
    ready_at: bigint((m) => m.after.place.readyAt),
    due_at: bigint((m) => m.after.place.dueAt),
  },
  `update {schema}.messages as stored set channel = m.channel, status = m.status, state = m.state,
      request = case when m.kept = 1 then stored.request end, revision = m.revision,
      position = m.position, ready_at = m.ready_at, due_at = m.due_at
    from ({rows}) as m where stored.tenant = m.tenant and stored.message_id = m.message_id`,
);

interface ReadyRow {
  readonly one: Moved;
  readonly channel: string;
  readonly position: bigint;
}

const place = {
  tenant: text<{ readonly one: Moved }>(({ one }) => one.tenant),
  lane: integer<{ readonly one: Moved }>(({ one }) => one.lane),
  class: text<{ readonly one: Moved }>(({ one }) => one.after.message.class),
  message_id: {
    ...text<{ readonly one: Moved }>(({ one }) => one.messageId),
    convert: (name: string) => `${name}::uuid`,
  },
} as const;

const insertReady = rowsInsert<ReadyRow>('ready', {
  ...place,
  channel: text((r) => r.channel),
  position: bigint((r) => r.position),
  since: bigint((r) => r.one.after.place.since),
  until: bigint((r) => Math.ceil(readyUntil(r.one.after.message))),
});

const deleteReady = rowsStatement<ReadyRow>(
  'ready.delete',
  { ...place, channel: text((r) => r.channel), position: bigint((r) => r.position) },
  `delete from {schema}.ready as stored using ({rows}) as r
    where stored.tenant = r.tenant and stored.lane = r.lane and stored.class = r.class
      and stored.channel = r.channel and stored.position = r.position and stored.message_id = r.message_id`,
);

interface DueRow {
  readonly one: Moved;
  readonly channel: string;
  readonly dueAt: number;
}

const insertScheduled = rowsInsert<DueRow>(
  'scheduled',
  {
    ...place,
    channel: text((r) => r.channel),
    due_at: bigint((r) => r.dueAt),
    waits_for: text((r) => r.one.after.place.waitsFor),
  },
  '(tenant, lane, class, channel, due_at, message_id) do update set waits_for = excluded.waits_for',
);

const deleteScheduled = rowsStatement<DueRow>(
  'scheduled.delete',
  { ...place, channel: text((r) => r.channel), due_at: bigint((r) => r.dueAt) },
  `delete from {schema}.scheduled as stored using ({rows}) as r
    where stored.tenant = r.tenant and stored.lane = r.lane and stored.class = r.class
      and stored.channel = r.channel and stored.due_at = r.due_at and stored.message_id = r.message_id`,
);

const writePlaces = (all: readonly Moved[]): Write => {
  const left: ReadyRow[] = [];
  const ready: ReadyRow[] = [];
  const past: DueRow[] = [];
  const due: DueRow[] = [];
  for (const one of all) {
    const was = one.before?.place;
    const is = one.after.place;
    const from = one.channel;
    const channel = channelOf(one.after.message);
    const wasReady = was?.readyAt ?? null;
    if (wasReady !== is.readyAt || from !== channel) {
      if (wasReady !== null) left.push({ one, channel: from, position: wasReady });
      if (is.readyAt !== null) ready.push({ one, channel, position: is.readyAt });
    }
    const wasDue = was?.dueAt ?? null;
    if (wasDue !== is.dueAt || from !== channel) {
      if (wasDue !== null) past.push({ one, channel: from, dueAt: wasDue });
    }
    // Also where the time is the same: what it waits for may be another.
    if (is.dueAt !== null) due.push({ one, channel, dueAt: is.dueAt });
  }
  return inOrder(
    deleteReady(left),
    insertReady(ready),
    deleteScheduled(past),
    insertScheduled(due),
  );
};

interface Reference {
  readonly one: Moved;
  readonly attempt: number;
  readonly providerId: string;
  readonly reference: string;
}

const insertReferences = rowsInsert<Reference>(
  'provider_references',
  {
    tenant: text((r) => r.one.tenant),
    provider_id: text((r) => r.providerId),
    reference: text((r) => r.reference),
    message_id: place.message_id,
    attempt: integer((r) => r.attempt),
  },
  // A provider that counts from one again after a year means its latest.
  '(tenant, provider_id, reference) do update set message_id = excluded.message_id, attempt = excluded.attempt',
);

/** By which receipts will name the attempts; none where none will come. */
const referencesOf = (all: readonly Moved[]): Reference[] => {
  const found = new Map<string, Reference>();
  for (const one of all) {
    for (const { change } of one.told.changes) {
      if (change.type !== 'AttemptsAnswered') continue;
      const { attempt, providerReference: reference } = change.item;
      if (reference === undefined) continue;
      const tried = one.after.message.attempts.find((each) => each.attempt === attempt);
      if (!tried || tried.tellsNoMore) continue;
      const { providerId } = tried;
      found.set(`${one.tenant} ${providerId} ${reference}`, {
        ...{ one, attempt, providerId, reference },
      });
    }
  }
  return [...found.values()];
};

interface SentRow {
  readonly one: Moved;
  readonly attempt: number;
  readonly at: number;
  readonly channel: string;
}

const sentKey = {
  tenant: place.tenant,
  subject: text<SentRow>((s) => s.one.subject),
  at: bigint<SentRow>((s) => s.at),
  message_id: place.message_id,
  attempt: integer<SentRow>((s) => s.attempt),
} as const;

const insertSent = rowsInsert<SentRow>(
  'sent',
  { ...sentKey, channel: text((s) => s.channel) },
  '(tenant, subject, at, message_id, attempt) do nothing',
);

const deleteSent = rowsStatement<SentRow>(
  'sent.delete',
  sentKey,
  `delete from {schema}.sent as stored using ({rows}) as s
    where stored.tenant = s.tenant and stored.subject = s.subject and stored.at = s.at
      and stored.message_id = s.message_id and stored.attempt = s.attempt`,
);

/** What the recipient was not reached by does not count. */
const refused = new Set<string | null>(['throttled', 'retryable', 'permanent']);

const writeSent = (all: readonly Moved[]): Write => {
  const counted: SentRow[] = [];
  const taken: SentRow[] = [];
  for (const one of all) {
    if (one.subject === null) continue;
    const told = new Set(
      one.told.changes.flatMap(({ change }) =>
        change.type === 'AttemptsStarted' || change.type === 'AttemptsAnswered'
          ? [change.item.attempt]
          : [],
      ),
    );
    for (const { attempt, startedAt: at, channel, outcome } of one.after.message.attempts) {
      if (!told.has(attempt)) continue;
      (refused.has(outcome) ? taken : counted).push({ one, attempt, at, channel });
    }
  }
  return inOrder(insertSent(counted), deleteSent(taken));
};

const upsertLanes = rowsInsert<ToldLane>(
  'lanes',
  {
    tenant: text((l) => l.tenant),
    lane: integer((l) => l.lane),
    revision: bigint((l) => l.revision),
  },
  `(tenant, lane) do update set revision = excluded.revision where stored.revision < excluded.revision`,
);

const upsertConsents = rowsInsert<ToldConsent>(
  'consents',
  {
    tenant: text((c) => c.tenant),
    subject: text((c) => c.subject),
    channel: text((c) => c.channel),
    class: text((c) => c.class),
    state: text((c) => c.state),
    since: bigint((c) => c.since),
  },
  '(tenant, subject, channel, class) do update set state = excluded.state, since = excluded.since',
);

const suppressionKey = {
  tenant: text<ToldSuppression>((s) => s.tenant),
  channel: text<ToldSuppression>((s) => s.channel),
  address: text<ToldSuppression>((s) => s.address),
} as const;

const upsertSuppressions = rowsInsert<ToldSuppression>(
  'suppressions',
  { ...suppressionKey, reason: text((s) => s.reason), since: bigint((s) => s.since) },
  '(tenant, channel, address) do update set reason = excluded.reason, since = excluded.since',
);

const deleteSuppressions = rowsStatement<ToldSuppression>(
  'suppressions.delete',
  suppressionKey,
  `delete from {schema}.suppressions as stored using ({rows}) as s
    where stored.tenant = s.tenant and stored.channel = s.channel and stored.address = s.address`,
);

/** What there is to do anew in a window: what one lane has of one class on one channel. */
export interface QueueNews {
  readonly tenant: string;
  readonly lane: number;
  readonly class: string;
  readonly channel: string;
  /** Something is ready. */
  readonly ready: boolean;
  /** When the first of what was scheduled is due; milliseconds since the epoch. */
  readonly dueAt: number | null;
}

const newsOf = (all: readonly Moved[]): QueueNews[] => {
  const news = new Map<string, QueueNews>();
  for (const { tenant, lane, before, after } of all) {
    const { readyAt, dueAt } = after.place;
    const isReady = readyAt !== null && readyAt !== before?.place.readyAt;
    if (!isReady && dueAt === null) continue;
    const window = { tenant, lane, class: after.message.class, channel: channelOf(after.message) };
    const key = `${tenant} ${lane} ${window.class} ${window.channel}`;
    const known = news.get(key);
    const first = Math.min(known?.dueAt ?? Infinity, dueAt ?? Infinity);
    news.set(key, {
      ...window,
      ready: isReady || (known?.ready ?? false),
      dueAt: first === Infinity ? null : first,
    });
  }
  return [...news.values()];
};

/** @param onNews told within the transaction: it may yet fail, and be tried again. */
export const writeOutbox = (
  changes: OutboxChanges,
  onNews?: (news: readonly QueueNews[]) => void,
): Write => {
  const beside = inOrder(
    upsertLanes(changes.lanes),
    upsertConsents(changes.consents),
    upsertSuppressions(changes.suppressions.filter(({ reason }) => reason !== null)),
    deleteSuppressions(changes.suppressions.filter(({ reason }) => reason === null)),
  );
  return async (db, schema) => {
    const stored = await load(db, schema, changes.messages);
    const all = moved(changes.messages, stored);
    const write = inOrder(
      insertMessages(all.filter(({ before }) => before === null)),
      updateMessages(all.filter(({ before }) => before !== null)),
      insertReferences(referencesOf(all)),
    );
    await write(db, schema);
    await writePlaces(all)(db, schema);
    await writeSent(all)(db, schema);
    await beside(db, schema);
    onNews?.(newsOf(all));
  };
};
