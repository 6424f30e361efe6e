-- How far the requesters of messages were told how these stand. Kept with the place in the log, so that what is told again after a crash is
-- told under the same ids. A message that is over is followed for two weeks more: receipts come late.

create table kopilka.message_callbacks (
  tenant text not null,
  message_id text not null,
  topic_id text not null,
  told text not null,
  ended_at timestamptz,
  primary key (tenant, message_id)
);
create index message_callbacks_ended on kopilka.message_callbacks (ended_at) where ended_at is not null;
comment on table kopilka.message_callbacks is 'Messages whose requesters are told how they stand, as far as they were told.';
comment on column kopilka.message_callbacks.tenant is 'The programme.';
comment on column kopilka.message_callbacks.message_id is 'The message.';
comment on column kopilka.message_callbacks.topic_id is 'Where its statuses are published.';
comment on column kopilka.message_callbacks.told is 'The number of the last event and the state that it told, as JSON; nothing personal.';
comment on column kopilka.message_callbacks.ended_at is 'When the message was over; null: it is on its way.';
