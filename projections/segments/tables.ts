/** Tables of the segments. Days of the sizes are UTC's: a segment is the whole programme's, which has no time zone. */

export const tables = `
create table {schema}.segments (
  tenant text not null,
  segment_id text not null,
  name text not null,
  kind text not null,
  definition jsonb not null,
  version integer not null,
  status text not null,
  members bigint not null,
  defined_at timestamptz not null,
  refreshed_at timestamptz,
  retired_at timestamptz,
  retired_because text,
  position bigint not null,
  primary key (tenant, segment_id)
);

create table {schema}.segment_members (
  tenant text not null,
  segment_id text not null,
  user_id text not null,
  cell text,
  since timestamptz not null,
  position bigint not null,
  primary key (tenant, segment_id, user_id)
);

create table {schema}.segment_sizes (
  tenant text not null,
  segment_id text not null,
  day date not null,
  members bigint not null,
  added bigint not null,
  moved bigint not null,
  removed bigint not null,
  primary key (tenant, segment_id, day)
);
`;

export const indexes = `
create index if not exists segment_members_by_user on {schema}.segment_members (tenant, user_id);
`;

export const views = {
  segments: 'select * from {schema}.segments',
  segment_members: 'select * from {schema}.segment_members',
  segment_sizes: 'select * from {schema}.segment_sizes',
};
