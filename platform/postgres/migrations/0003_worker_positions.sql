-- Workers that follow the log remember their place here. What they do is safe to repeat, so losing a row costs time only.

create table kopilka.worker_positions (
  worker text primary key,
  position bigint not null check (position >= 0),
  updated_at timestamptz not null default now()
);
comment on table kopilka.worker_positions is
  'How far each worker has followed the log. A row may be deleted: the worker then begins at the beginning and repeats nothing.';
comment on column kopilka.worker_positions.worker is 'Name of the worker, such as reservations.';
comment on column kopilka.worker_positions.position is 'Position in the log from which a restart goes on (exclusive).';
comment on column kopilka.worker_positions.updated_at is 'When it last moved.';
