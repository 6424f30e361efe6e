/** The statements that bring a batch of facts of segments into the tables. */
import {
  bigint,
  inOrder,
  instant,
  integer,
  jsonb,
  constant,
  rowsInsert,
  rowsStatement,
  type Shape,
  text,
  utcDay,
} from '../columns.js';
import type { Write } from '../projection.js';
import type { Member, NewSegment, SegmentChange, SegmentChanges, Size } from './project.js';

const insertSegments = rowsInsert<NewSegment>('segments', {
  tenant: text((s) => s.tenant),
  segment_id: text((s) => s.segmentId),
  name: text((s) => s.name),
  kind: text((s) => s.definition.kind),
  definition: jsonb((s) => s.definition),
  version: constant('1'),
  status: constant(`'defined'`),
  members: constant('0'),
  defined_at: instant((s) => s.definedAt),
  position: bigint((s) => s.position),
});

const updateSegments = rowsStatement<SegmentChange>(
  'segments.update',
  {
    tenant: text((s) => s.tenant),
    segment_id: text((s) => s.segmentId),
    name: text((s) => s.name),
    definition: text((s) => s.definition && JSON.stringify(s.definition)),
    version: integer((s) => s.version),
    members: bigint((s) => s.members),
    refreshed_at: instant((s) => s.refreshedAt),
    retired_at: instant((s) => s.retiredAt),
    retired_because: text((s) => s.retiredBecause),
    position: bigint((s) => s.position),
  },
  `update {schema}.segments as stored
    set name = coalesce(c.name, stored.name),
      definition = coalesce(c.definition::jsonb, stored.definition),
      version = coalesce(c.version, stored.version),
      status = case when c.retired_at is null then stored.status else 'retired' end,
      members = coalesce(c.members, stored.members),
      refreshed_at = coalesce(c.refreshed_at, stored.refreshed_at),
      retired_at = coalesce(c.retired_at, stored.retired_at),
      retired_because = coalesce(c.retired_because, stored.retired_because),
      position = c.position
    from ({rows}) as c where stored.tenant = c.tenant and stored.segment_id = c.segment_id`,
);

const memberKey: Shape<Member> = {
  tenant: text((m) => m.tenant),
  segment_id: text((m) => m.segmentId),
  user_id: text((m) => m.userId),
};

const putMembers = rowsInsert<Member>(
  'segment_members',
  {
    ...memberKey,
    cell: text((m) => m.cell),
    since: instant((m) => m.since),
    position: bigint((m) => m.position),
  },
  `(tenant, segment_id, user_id) do update
    set cell = excluded.cell, since = excluded.since, position = excluded.position`,
);

const moveMembers = rowsStatement<Member>(
  'segment_members.move',
  { ...memberKey, cell: text((m) => m.cell), position: bigint((m) => m.position) },
  `update {schema}.segment_members as stored set cell = c.cell, position = c.position
    from ({rows}) as c where stored.tenant = c.tenant and stored.segment_id = c.segment_id
      and stored.user_id = c.user_id`,
);

const removeMembers = rowsStatement<Member>(
  'segment_members.remove',
  memberKey,
  `delete from {schema}.segment_members as stored using ({rows}) as c
    where stored.tenant = c.tenant and stored.segment_id = c.segment_id
      and stored.user_id = c.user_id`,
);

/** Whoever was in it goes on that day, whose row is there by then. */
const emptySegments = rowsStatement<SegmentChange>(
  'segment_members.empty',
  {
    tenant: text((s) => s.tenant),
    segment_id: text((s) => s.segmentId),
    day: utcDay((s) => s.retiredAt),
  },
  `with gone as (
      delete from {schema}.segment_members as stored using ({rows}) as c
      where stored.tenant = c.tenant and stored.segment_id = c.segment_id
      returning stored.tenant, stored.segment_id, c.day),
    counted as (select tenant, segment_id, day, count(*) as removed from gone group by 1, 2, 3)
    update {schema}.segment_sizes as stored set removed = stored.removed + c.removed
    from counted as c where stored.tenant = c.tenant and stored.segment_id = c.segment_id
      and stored.day = c.day`,
);

const addSizes = rowsInsert<Size>(
  'segment_sizes',
  {
    tenant: text((s) => s.tenant),
    segment_id: text((s) => s.segmentId),
    day: utcDay((s) => s.day),
    members: bigint((s) => s.members),
    added: bigint((s) => s.added),
    moved: bigint((s) => s.moved),
    removed: bigint((s) => s.removed),
  },
  `(tenant, segment_id, day) do update set members = excluded.members,
    added = stored.added + excluded.added, moved = stored.moved + excluded.moved,
    removed = stored.removed + excluded.removed`,
);

export const writeSegments = ({ defined, changed, members, sizes }: SegmentChanges): Write => {
  const changes = [...changed.values()];
  const all = [...members.values()];
  return inOrder(
    insertSegments(defined),
    updateSegments(changes),
    removeMembers(all.filter(({ present }) => !present)),
    putMembers(all.filter(({ present, since }) => present && since !== null)),
    moveMembers(all.filter(({ present, since }) => present && since === null)),
    addSizes([...sizes.values()]),
    emptySegments(changes.filter(({ retiredAt }) => retiredAt !== null)),
  );
};
