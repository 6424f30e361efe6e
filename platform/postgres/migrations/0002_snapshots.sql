-- Shortcuts past the beginning of long streams. A cache: it may be emptied at any time.

create table kopilka.snapshots (
  stream text primary key,
  schema_version integer not null,
  revision bigint not null,
  state jsonb not null,
  commands jsonb not null,
  saved_at timestamptz not null default now()
);
comment on table kopilka.snapshots is
  'The state of an aggregate at a revision of its stream, so that loading it need not read every event. Rebuilt as it is used.';
comment on column kopilka.snapshots.stream is 'Name of the stream in the log.';
comment on column kopilka.snapshots.schema_version is 'Of the state''s shape; a snapshot of another version is not read.';
comment on column kopilka.snapshots.revision is 'Of the last event in the state.';
comment on column kopilka.snapshots.state is 'As the aggregate takes and restores it.';
comment on column kopilka.snapshots.commands is 'Recent commands by id with where they left their events: repeats are told by them.';
comment on column kopilka.snapshots.saved_at is 'When it was saved.';
