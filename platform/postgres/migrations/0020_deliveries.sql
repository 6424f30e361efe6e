-- Who delivers which subscription, and shortcuts past the beginning of its deliveries stream. A cache: it may be emptied at any time;
-- what is to be delivered follows from the log, and nothing is sent twice for it.

create table kopilka.delivery_leases (
  key text primary key,
  owner text not null,
  held_until timestamptz not null,
  fence bigint not null default 1 check (fence > 0),
  revision bigint,
  ledger jsonb,
  saved_at timestamptz,
  check ((revision is null) = (ledger is null))
);
comment on table kopilka.delivery_leases is 'Which process delivers a subscription, and the last snapshot of its ledger.';
comment on column kopilka.delivery_leases.key is 'Name of the deliveries stream of the subscription.';
comment on column kopilka.delivery_leases.owner is 'The process that delivers it.';
comment on column kopilka.delivery_leases.held_until is 'When the lease ends unless it is prolonged; in the past: anybody may claim it.';
comment on column kopilka.delivery_leases.fence is 'Grows with every change of hands: a snapshot of an earlier holder is not kept.';
comment on column kopilka.delivery_leases.revision is 'Of the last event of the deliveries stream that is in the snapshot.';
comment on column kopilka.delivery_leases.ledger is 'The ledger as of that revision.';
comment on column kopilka.delivery_leases.saved_at is 'When the snapshot was saved.';

create table kopilka.delivery_owners (
  owner text primary key,
  seen_at timestamptz not null
);
comment on table kopilka.delivery_owners is 'Processes that deliver, so that each takes its fair share of the subscriptions.';
comment on column kopilka.delivery_owners.owner is 'The process, as in the leases.';
comment on column kopilka.delivery_owners.seen_at is 'When it was last there.';
