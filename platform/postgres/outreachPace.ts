/**
 * The pace of providers in PostgreSQL, a row for each: what was left when it was last taken from, and when that was. The server's clock
 * alone fills it. Rows are locked in one order, so that two that claim the same never wait for each other.
 */
import type pg from 'pg';
import type { PaceAsked, PaceGranted, PaceGrants } from '../../workers/outreach/grants.js';

interface Row {
  readonly tenant: string;
  readonly provider_id: string;
  readonly granted: number;
  readonly wait_ms: number;
}

const keyOf = (tenant: string, providerId: string): string => `${tenant} ${providerId}`;

const columnsOf = (asked: readonly PaceAsked[]) => [
  asked.map(({ tenant }) => tenant),
  asked.map(({ providerId }) => providerId),
  asked.map(({ perSecond }) => perSecond),
  asked.map(({ burst }) => burst),
  asked.map(({ needed }) => needed),
  asked.map(({ wanted }) => wanted),
  asked.map(({ back }) => back),
];

export const createPaceGrants = (pool: Pick<pg.Pool, 'query'>): PaceGrants => {
  const take = async (asked: readonly PaceAsked[]): Promise<Map<string, PaceGranted>> => {
    const { rows } = await pool.query<Row>({
      name: 'take-outreach-pace',
      text: `with asked as (
          select * from unnest($1::text[], $2::text[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::float8[])
            as a(tenant, provider_id, per_second, burst, needed, wanted, back)
        ), locked as (
          select a.*, p.tokens, p.filled_at from kopilka.outreach_pace as p join asked as a using (tenant, provider_id)
          order by p.tenant, p.provider_id for update of p
        ), timed as (
          select *, clock_timestamp() as at from locked
        ), filled as (
          select tenant, provider_id, per_second, burst, needed, wanted, at,
            least(burst, tokens + back + per_second * greatest(0, extract(epoch from at - filled_at))) as tokens from timed
        ), counted as (
          select *, case when wanted = 0 or tokens < least(needed, burst) then 0
            else greatest(needed, least(wanted, floor(tokens))) end as granted from filled
        )
        update kopilka.outreach_pace as p set tokens = c.tokens - c.granted, filled_at = c.at
        from counted as c where p.tenant = c.tenant and p.provider_id = c.provider_id
        returning c.tenant, c.provider_id, c.granted,
          ceil(greatest(0, 1 - (c.tokens - c.granted)) * 1000 / c.per_second) as wait_ms`,
      values: columnsOf(asked),
    });
    return new Map(
      rows.map((row) => [
        keyOf(row.tenant, row.provider_id),
        { tokens: row.granted, waitMs: row.wait_ms },
      ]),
    );
  };

  /** Full: nobody was sent anything by them, or not for long. */
  const make = (asked: readonly PaceAsked[]) =>
    pool.query(
      `insert into kopilka.outreach_pace (tenant, provider_id, tokens, filled_at)
       select tenant, provider_id, burst, now() from unnest($1::text[], $2::text[], $3::float8[]) as a(tenant, provider_id, burst)
       order by tenant, provider_id on conflict (tenant, provider_id) do nothing`,
      [
        asked.map(({ tenant }) => tenant),
        asked.map(({ providerId }) => providerId),
        asked.map(({ burst }) => burst),
      ],
    );

  return {
    claim: async (asked) => {
      const granted = await take(asked);
      const isNew = ({ tenant, providerId }: PaceAsked) => !granted.has(keyOf(tenant, providerId));
      const missing = asked.filter(isNew);
      if (missing.length > 0) {
        await make(missing);
        for (const [key, one] of await take(missing)) granted.set(key, one);
      }
      return asked.map(
        ({ tenant, providerId }) =>
          granted.get(keyOf(tenant, providerId)) ?? { tokens: 0, waitMs: 1_000 },
      );
    },
  };
};
