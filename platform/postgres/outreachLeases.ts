/**
 * Leases of lanes in PostgreSQL. The server's clock alone says when a lease ends; who claims passes over rows that somebody else is claiming
 * at the same moment.
 */
import type pg from 'pg';
import type { LaneKind } from '../../domain/message/lanes.js';
import type { LaneRow } from '../../projections/outbox/queries.js';
import type { LaneLeases } from '../../workers/outreach/leases.js';

const columnsOf = (lanes: readonly LaneRow[]): [string[], number[]] => [
  lanes.map(({ tenant }) => tenant),
  lanes.map(({ lane }) => lane),
];

/** @param lanes that are sent here: only who sends the same has a share of them */
export const createOutreachLeases = (
  pool: Pick<pg.Pool, 'query'>,
  lanes: LaneKind | 'all',
): LaneLeases => ({
  claim: async (owner, free, most, forMs) => {
    await pool.query({
      name: 'make-outreach-leases',
      text: `insert into kopilka.outreach_leases (tenant, lane, owner, held_until)
             select tenant, lane, '', '-infinity' from unnest($1::text[], $2::integer[]) as l(tenant, lane)
             on conflict (tenant, lane) do nothing`,
      values: columnsOf(free),
    });
    const { rows } = await pool.query<LaneRow>({
      name: 'claim-outreach-lanes',
      text: `with free as (
               select tenant, lane from kopilka.outreach_leases
               where held_until < now()
                 and (tenant, lane) in (select * from unnest($2::text[], $3::integer[]))
               order by lane, tenant limit $4 for update skip locked
             )
             update kopilka.outreach_leases as lease
             set owner = $1, held_until = now() + make_interval(secs => $5)
             from free where lease.tenant = free.tenant and lease.lane = free.lane
             returning lease.tenant, lease.lane`,
      values: [owner, ...columnsOf(free), most, forMs / 1_000],
    });
    return rows;
  },
  renew: async (owner, forMs) => {
    const { rows } = await pool.query<LaneRow>({
      name: 'renew-outreach-lanes',
      text: `update kopilka.outreach_leases set held_until = now() + make_interval(secs => $2)
             where owner = $1 and held_until > '-infinity' returning tenant, lane`,
      values: [owner, forMs / 1_000],
    });
    // Who was not seen for as long as a lease lasts holds none any more, and has no share to be left alone.
    const counted = await pool.query<{ owners: number }>({
      name: 'count-outreach-owners',
      text: `with seen as (
               insert into kopilka.outreach_owners (owner, seen_at, lanes) values ($1, now(), $3)
               on conflict (owner) do update set seen_at = now()
             )
             select 1 + count(*)::int as owners from kopilka.outreach_owners
             where owner <> $1 and seen_at > now() - make_interval(secs => $2)
               and (lanes = $3 or 'all' in (lanes, $3))`,
      values: [owner, forMs / 1_000, lanes],
    });
    return { held: rows, owners: counted.rows[0]?.owners ?? 1 };
  },
  release: async (owner, held) => {
    await pool.query(
      `update kopilka.outreach_leases set held_until = '-infinity'
       where owner = $1 and (tenant, lane) in (select * from unnest($2::text[], $3::integer[]))`,
      [owner, ...columnsOf(held)],
    );
  },
  leave: async (owner) => {
    await pool.query(
      `update kopilka.outreach_leases set held_until = '-infinity' where owner = $1`,
      [owner],
    );
    await pool.query(
      `delete from kopilka.outreach_owners where owner = $1 or seen_at < now() - interval '1 hour'`,
      [owner],
    );
  },
});
