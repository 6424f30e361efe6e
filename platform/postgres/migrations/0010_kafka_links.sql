-- How relays to Kafka and bindings from it are doing, as the process that works on them last said: for the console, and for nothing
-- that anything is decided by. What was handed on and taken in is kept by checkpoints and by Kafka's own offsets.

create table kopilka.kafka_links (
  kind text not null check (kind in ('relay', 'binding')),
  tenant text not null,
  id text not null,
  member text not null,
  state jsonb not null,
  updated_at timestamptz not null default now(),
  primary key (tenant, kind, id, member)
);
comment on table kopilka.kafka_links is 'How relays and bindings are doing.';
comment on column kopilka.kafka_links.kind is 'relay or binding.';
comment on column kopilka.kafka_links.tenant is 'The programme.';
comment on column kopilka.kafka_links.id is 'Of the relay or the binding.';
comment on column kopilka.kafka_links.member is 'The process that says so: several share the partitions of a binding.';
comment on column kopilka.kafka_links.state is 'What is behind, how far it is, and the last error.';
comment on column kopilka.kafka_links.updated_at is 'When it last changed.';
