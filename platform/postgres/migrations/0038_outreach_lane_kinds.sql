-- One-time passwords have lanes and senders of their own: whoever sends one kind of lanes takes no share of the other.

alter table kopilka.outreach_owners add column lanes text not null default 'all';
comment on table kopilka.outreach_owners is 'Who sends messages, so that each takes its fair share of the lanes: a process is there once for each kind.';
comment on column kopilka.outreach_owners.owner is 'The process and one start of a thread in it, as in the leases.';
comment on column kopilka.outreach_owners.lanes is 'Those it sends: usual, urgent or all.';
