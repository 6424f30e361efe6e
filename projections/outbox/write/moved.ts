/** The messages that a batch touches, read back and folded on by the domain: as they were, and as they are now. */
import { classRules } from '../../../domain/message/kinds.js';
import type { Accepted, Message } from '../../../domain/message/message.js';
import type { Db } from '../../projection.js';
import { type Folded, fold, needsRequest } from '../place.js';
import type { Told } from '../project.js';
import { idOf } from '../request.js';

interface Stored {
  readonly lane: number;
  /** Under which its place is filed. */
  readonly channel: string;
  /** Whose caps it counts for; null: it counts for none. */
  readonly subject: string | null;
  readonly before: Folded | null;
}

/** A message with what it is after the batch. */
export interface Moved extends Stored {
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

/** The rows of the messages that were accepted before this batch, by tenant and id. */
export const load = async (
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

/** On which channel it goes next; empty where no step is left. */
export const channelOf = ({ steps, step }: Message): string => steps[step]?.channel ?? '';

const begun = (told: Told): Stored | null => {
  const data = told.accepted?.data;
  if (!data) return null;
  const subject = classRules[data.class].isCapped ? data.recipient.subject : null;
  return { lane: data.lane, channel: data.steps[0]?.channel ?? '', subject, before: null };
};

/** Every message of the batch as it is after it. */
export const moved = (told: readonly Told[], stored: ReadonlyMap<string, Stored>): Moved[] => {
  const all: Moved[] = [];
  for (const one of told) {
    const { tenant, messageId } = one;
    const known = begun(one) ?? stored.get(`${tenant}.${messageId}`);
    const after = known && fold(one, known.before);
    if (!known || !after) continue;
    all.push({
      lane: known.lane,
      channel: known.channel,
      subject: known.subject,
      before: known.before,
      tenant,
      messageId,
      after,
      told: one,
      request: one.accepted && needsRequest(after.message) ? one.accepted.data : null,
    });
  }
  return all;
};
