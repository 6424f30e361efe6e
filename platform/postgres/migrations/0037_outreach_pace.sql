-- What providers take in a second, counted for all processes that send. Not logged: a bucket that is lost is a full one, and what was taken of it
-- is some seconds old by the time a server that crashed is back.

create unlogged table kopilka.outreach_pace (
  tenant text not null,
  provider_id text not null,
  tokens double precision not null,
  filled_at timestamptz not null,
  primary key (tenant, provider_id)
) with (fillfactor = 50);
comment on table kopilka.outreach_pace is 'What each provider may be sent at this moment, for all processes that send.';
comment on column kopilka.outreach_pace.tenant is 'The programme.';
comment on column kopilka.outreach_pace.provider_id is 'The provider.';
comment on column kopilka.outreach_pace.tokens is 'Messages, of SMS segments, that could go then; less than none: what was sent in advance.';
comment on column kopilka.outreach_pace.filled_at is 'Then; since then it filled at its pace.';
