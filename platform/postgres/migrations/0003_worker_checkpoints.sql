-- How far each worker has come in the log. What it did is in the log itself, under ids that a repeat arrives at again, so a
-- checkpoint that is a little old costs some work and no harm.

create table kopilka.worker_checkpoints (
  worker text primary key,
  position bigint not null check (position >= 0),
  updated_at timestamptz not null default now()
);
comment on table kopilka.worker_checkpoints is 'How far each worker has come in the log.';
comment on column kopilka.worker_checkpoints.worker is 'Name of the worker, such as reservations.';
comment on column kopilka.worker_checkpoints.position is 'Commit position in the log of the last event it is done with.';
comment on column kopilka.worker_checkpoints.updated_at is 'When the position last moved.';
