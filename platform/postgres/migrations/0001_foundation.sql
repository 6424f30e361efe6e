-- What read models and security share. Tables of single read models come from their own projections.

create table kopilka.checkpoints (
  projection text not null,
  version integer not null check (version > 0),
  position bigint not null check (position >= 0),
  status text not null,
  events bigint not null default 0 check (events >= 0),
  updated_at timestamptz not null default now(),
  last_error text,
  primary key (projection, version)
);
comment on table kopilka.checkpoints is
  'How far each version of a read model has applied the log. Moves by compare-and-swap in the transaction of the batch.';
comment on column kopilka.checkpoints.projection is 'Name of the read model, such as balances.';
comment on column kopilka.checkpoints.version is 'Version of its code and tables; a rebuild fills the next one beside the old.';
comment on column kopilka.checkpoints.position is 'Commit position in the log of the last event applied; 0 before the first.';
comment on column kopilka.checkpoints.status is 'building: catching up beside the live one; live: answers queries; retired: replaced; failed: stopped by last_error.';
comment on column kopilka.checkpoints.events is 'Events applied since this version began, for progress and rates.';
comment on column kopilka.checkpoints.updated_at is 'When the position last moved.';
comment on column kopilka.checkpoints.last_error is 'Why the last batch failed; null once one succeeded.';

create table kopilka.personal_keys (
  tenant text not null,
  subject text not null,
  key bytea,
  created_at timestamptz not null default now(),
  destroyed_at timestamptz,
  primary key (tenant, subject),
  check ((key is null) = (destroyed_at is not null))
);
comment on table kopilka.personal_keys is
  'One encryption key per customer. Primary data outside of the log: back it up apart. Destroying a key erases the person.';
comment on column kopilka.personal_keys.tenant is 'The loyalty programme.';
comment on column kopilka.personal_keys.subject is 'Whose personal data the key encrypts: the account id.';
comment on column kopilka.personal_keys.key is 'AES-256 key; null once destroyed, for ever.';
comment on column kopilka.personal_keys.created_at is 'When the customer was enrolled.';
comment on column kopilka.personal_keys.destroyed_at is 'When the person was erased.';

create table kopilka.tenant_keys (
  tenant text primary key,
  index_key bytea not null
);
comment on table kopilka.tenant_keys is
  'One secret per tenant for keyed hashes of phones, e-mails and cards, by which they are found without being stored.';
comment on column kopilka.tenant_keys.tenant is 'The loyalty programme.';
comment on column kopilka.tenant_keys.index_key is 'HMAC key. Losing it makes customers unfindable by phone or e-mail: back it up apart.';

create table kopilka.signing_keys (
  kid text primary key,
  private_jwk jsonb not null,
  public_jwk jsonb not null,
  created_at timestamptz not null default now(),
  retired_at timestamptz
);
comment on table kopilka.signing_keys is 'Keys that sign access tokens. The newest that is not retired signs; all listed ones verify.';
comment on column kopilka.signing_keys.kid is 'Key id, as in the header of a token and in the published key set.';
comment on column kopilka.signing_keys.private_jwk is 'Private key as JWK. Secret.';
comment on column kopilka.signing_keys.public_jwk is 'Public key as JWK, as published.';
comment on column kopilka.signing_keys.created_at is 'When the key was made.';
comment on column kopilka.signing_keys.retired_at is 'When it stopped signing; it verifies until its last token has expired.';
