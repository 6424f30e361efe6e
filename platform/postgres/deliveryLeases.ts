/**
 * Leases of subscriptions in PostgreSQL, and the snapshots of their ledgers beside them. The server's clock alone says when a lease ends;
 * who claims passes over rows that somebody else is claiming at the same moment.
 */
import type pg from 'pg';
import type { LedgerSnapshot } from '../../commands/delivery/ledgers.js';
import type { Leases } from '../../workers/webhook/leases.js';

interface Row {
  readonly key: string;
  readonly fence: bigint;
  readonly revision: bigint | null;
  readonly ledger: unknown;
}

const snapshotOf = ({
  revision,
  ledger,
}: Pick<Row, 'revision' | 'ledger'>): LedgerSnapshot | null =>
  revision === null ? null : { revision: Number(revision), ledger };

export const createDeliveryLeases = (pool: Pick<pg.Pool, 'query'>): Leases => ({
  claim: async (owner, keys, most, forMs) => {
    await pool.query({
      name: 'make-delivery-leases',
      text: `insert into kopilka.delivery_leases (key, owner, held_until)
             select key, '', '-infinity' from unnest($1::text[]) as key on conflict (key) do nothing`,
      values: [keys],
    });
    const { rows } = await pool.query<Row>({
      name: 'claim-deliveries',
      text: `with free as (
               select key from kopilka.delivery_leases
               where key = any ($2) and held_until < now()
               order by key limit $3 for update skip locked
             )
             update kopilka.delivery_leases as lease
             set owner = $1, held_until = now() + make_interval(secs => $4), fence = lease.fence + 1
             from free where lease.key = free.key
             returning lease.key, lease.fence, lease.revision, lease.ledger`,
      values: [owner, keys, most, forMs / 1_000],
    });
    return rows.map((row) => ({
      key: row.key,
      fence: Number(row.fence),
      snapshot: snapshotOf(row),
    }));
  },
  renew: async (owner, keys, forMs) => {
    const { rows } = await pool.query<{ key: string }>({
      name: 'renew-deliveries',
      text: `update kopilka.delivery_leases set held_until = now() + make_interval(secs => $3)
             where key = any ($2) and owner = $1 returning key`,
      values: [owner, keys, forMs / 1_000],
    });
    // Who was not seen for as long as a lease lasts holds none any more, and has no share to be left alone.
    const owners = await pool.query<{ owners: number }>({
      name: 'count-delivery-owners',
      text: `with seen as (
               insert into kopilka.delivery_owners (owner, seen_at) values ($1, now())
               on conflict (owner) do update set seen_at = now()
             )
             select 1 + count(*)::int as owners from kopilka.delivery_owners
             where owner <> $1 and seen_at > now() - make_interval(secs => $2)`,
      values: [owner, forMs / 1_000],
    });
    const held = new Set(rows.map(({ key }) => key));
    return { held, owners: owners.rows[0]?.owners ?? 1 };
  },
  release: async (owner, keys) => {
    await pool.query(
      `update kopilka.delivery_leases set held_until = '-infinity' where owner = $1 and key = any ($2)`,
      [owner, keys],
    );
  },
  leave: async (owner) => {
    await pool.query(
      `delete from kopilka.delivery_owners where owner = $1 or seen_at < now() - interval '1 hour'`,
      [owner],
    );
  },
  save: async (key, fence, revision, ledger) => {
    await pool.query({
      name: 'save-ledger',
      text: `update kopilka.delivery_leases set revision = $3, ledger = $4, saved_at = now()
             where key = $1 and fence = $2 and coalesce(revision, -1) < $3`,
      values: [key, fence, revision, ledger],
    });
  },
  load: async (key) => {
    const { rows } = await pool.query<Row>({
      name: 'load-ledger',
      text: 'select revision, ledger from kopilka.delivery_leases where key = $1',
      values: [key],
    });
    return rows[0] ? snapshotOf(rows[0]) : null;
  },
});
