-- Which process sends the messages of which lane, and receipts that nothing is known of yet. Neither is needed to know what is to be sent:
-- that follows from the log, and nothing is sent twice for a lost lease.

create table kopilka.outreach_leases (
  tenant text not null,
  lane integer not null,
  owner text not null,
  held_until timestamptz not null,
  primary key (tenant, lane)
);
comment on table kopilka.outreach_leases is 'Which process sends the messages of a lane.';
comment on column kopilka.outreach_leases.tenant is 'The programme.';
comment on column kopilka.outreach_leases.lane is 'Number of the lane, as in the name of its journal.';
comment on column kopilka.outreach_leases.owner is 'The process that sends them.';
comment on column kopilka.outreach_leases.held_until is 'When the lease ends unless it is prolonged; in the past: anybody may claim it.';

create table kopilka.outreach_owners (
  owner text primary key,
  seen_at timestamptz not null
);
comment on table kopilka.outreach_owners is 'Processes that send messages, so that each takes its fair share of the lanes.';
comment on column kopilka.outreach_owners.owner is 'The process, as in the leases.';
comment on column kopilka.outreach_owners.seen_at is 'When it was last there.';

create table kopilka.outreach_receipts (
  id bigint generated always as identity primary key,
  tenant text not null,
  provider_id text not null,
  receipt jsonb not null,
  received_at timestamptz not null default now(),
  next_at timestamptz not null default now(),
  given_up_at timestamptz
);
create index outreach_receipts_next on kopilka.outreach_receipts (next_at) where given_up_at is null;
comment on table kopilka.outreach_receipts is 'Receipts that came before what they are about, looked at again, and those that were never joined.';
comment on column kopilka.outreach_receipts.id is 'In the order in which they came.';
comment on column kopilka.outreach_receipts.tenant is 'The programme.';
comment on column kopilka.outreach_receipts.provider_id is 'Who sent it.';
comment on column kopilka.outreach_receipts.receipt is 'References, status, code and time; nothing personal.';
comment on column kopilka.outreach_receipts.received_at is 'When it came.';
comment on column kopilka.outreach_receipts.next_at is 'When it is looked at again.';
comment on column kopilka.outreach_receipts.given_up_at is 'When it was given up: nobody sent what it is about. Null: it is looked at again.';
