/**
 * Tables of the queue. A message has one row for its life, folded from the log; a narrow row beside it says that it is ready to be sent, or
 * when it is due. Ready rows are ordered by the place in the log of what made them ready, so whoever reads on from the last one it saw
 * neither passes the dead rows before it nor misses one; what lies in the future is apart and slows no look at what is ready.
 *
 * Who may be written to is in the same transaction as the messages: consents, suppressions and what was sent are known up to the same place.
 * Leases are not here: these tables follow from the log alone, and can be lost at any moment.
 */
import { sendKindsText } from './place.js';

export const tables = `
create table {schema}.messages (
  tenant text not null,
  message_id uuid not null,
  lane integer not null,
  class text not null,
  channel text not null,
  status text not null,
  state text not null,
  request text,
  revision bigint not null,
  position bigint not null,
  ready_at bigint,
  due_at bigint,
  primary key (tenant, message_id)
) with (fillfactor = 75);

create table {schema}.ready (
  tenant text not null,
  lane integer not null,
  class text not null,
  channel text not null,
  position bigint not null,
  message_id uuid not null,
  since bigint not null,
  until bigint not null,
  primary key (tenant, lane, class, channel, position, message_id)
);

create table {schema}.scheduled (
  tenant text not null,
  lane integer not null,
  class text not null,
  channel text not null,
  due_at bigint not null,
  message_id uuid not null,
  waits_for text not null,
  primary key (tenant, lane, class, channel, due_at, message_id)
);

create table {schema}.lanes (
  tenant text not null,
  lane integer not null,
  revision bigint not null,
  primary key (tenant, lane)
);

create table {schema}.provider_references (
  tenant text not null,
  provider_id text not null,
  reference text not null,
  message_id uuid not null,
  attempt integer not null,
  primary key (tenant, provider_id, reference)
);

create table {schema}.consents (
  tenant text not null,
  subject text not null,
  channel text not null,
  class text not null,
  state text not null,
  since bigint not null,
  primary key (tenant, subject, channel, class)
);

create table {schema}.suppressions (
  tenant text not null,
  channel text not null,
  address text not null,
  reason text not null,
  since bigint not null,
  primary key (tenant, channel, address)
);

create table {schema}.sent (
  tenant text not null,
  subject text not null,
  at bigint not null,
  message_id uuid not null,
  attempt integer not null,
  channel text not null,
  primary key (tenant, subject, at, message_id, attempt)
);
`;

/** What is to be looked after lies among what is to be sent, of which there may be hundreds of thousands that are due, too. */
export const indexes = `
create index if not exists scheduled_work on {schema}.scheduled (tenant, lane, class, channel, due_at, message_id)
  where waits_for not in (${sendKindsText});
`;

const names = [
  'messages',
  'ready',
  'scheduled',
  'lanes',
  'provider_references',
  'consents',
  'suppressions',
  'sent',
] as const;

/** In schema `read`, where names are shared by all read models. */
export const views: Readonly<Record<string, string>> = Object.fromEntries(
  names.map((name) => [`outbox_${name}`, `select * from {schema}.${name}`]),
);
