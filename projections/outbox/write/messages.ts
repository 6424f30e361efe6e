/** The row that each message has for its life, inserted once and updated once a batch. */
import {
  bigint,
  inOrder,
  integer,
  jsonText,
  rowsInsert,
  rowsStatement,
  text,
} from '../../columns.js';
import type { Write } from '../../projection.js';
import { needsRequest } from '../place.js';
import { requestOf } from '../request.js';
import { channelOf, type Moved } from './moved.js';

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

export const writeMessages = (all: readonly Moved[]): Write =>
  inOrder(
    insertMessages(all.filter(({ before }) => before === null)),
    updateMessages(all.filter(({ before }) => before !== null)),
  );
