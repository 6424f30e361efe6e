/**
 * The keys of personal data in PostgreSQL. A destroyed key leaves a row without a key, so that it is never made again.
 *
 * A key that was read stays in memory for half a minute, since a till reads the same few customers: that is how long another
 * process may still open what was erased here.
 */
import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import type { TenantId } from '../../domain/ids.js';
import {
  KeyDestroyed,
  type PersonalKeys,
  type PersonSubject,
} from '../../commands/personalData.js';

const keyBytes = 32;
const cachedMax = 5_000;
const cachedMs = 30_000;

interface KeyRow {
  readonly subject: PersonSubject;
  readonly key: Buffer | null;
}

export const createPostgresPersonalKeys = (pool: Pick<pg.Pool, 'query'>): PersonalKeys => {
  const cache = new LRUCache<string, Buffer>({ max: cachedMax, ttl: cachedMs });
  const indexKeys = new Map<string, Buffer>();

  const find: PersonalKeys['find'] = async (tenant, subject) => {
    const id = `${tenant}|${subject}`;
    const cached = cache.get(id);
    if (cached) return cached;
    const { rows } = await pool.query<{ key: Buffer | null }>(
      'select key from kopilka.personal_keys where tenant = $1 and subject = $2',
      [tenant, subject],
    );
    const key = rows[0]?.key ?? null;
    if (key) cache.set(id, key);
    return key;
  };

  const create: PersonalKeys['create'] = async (tenant, subject) => {
    const made = await pool.query<{ key: Buffer }>(
      `insert into kopilka.personal_keys (tenant, subject, key) values ($1, $2, $3)
       on conflict (tenant, subject) do nothing returning key`,
      [tenant, subject, randomBytes(keyBytes)],
    );
    const key = made.rows[0]?.key ?? (await find(tenant, subject));
    if (!key) throw new KeyDestroyed();
    cache.set(`${tenant}|${subject}`, key);
    return key;
  };

  const makeMany = async (tenant: TenantId, subjects: readonly PersonSubject[]) => {
    const made = await pool.query<KeyRow>(
      `with made as (
         insert into kopilka.personal_keys (tenant, subject, key)
         select $1, subject, key from unnest($2::text[], $3::bytea[]) as wanted (subject, key)
         on conflict (tenant, subject) do nothing returning subject, key)
       select subject, key from made
       union all
       select subject, key from kopilka.personal_keys where tenant = $1 and subject = any ($2)`,
      [tenant, subjects, subjects.map(() => randomBytes(keyBytes))],
    );
    const found = new Map(made.rows.map(({ subject, key }) => [subject, key]));
    // What somebody else made while this statement ran is seen by the next one only.
    const missed = subjects.filter((subject) => !found.has(subject));
    if (missed.length === 0) return found;
    const others = await pool.query<KeyRow>(
      'select subject, key from kopilka.personal_keys where tenant = $1 and subject = any ($2)',
      [tenant, missed],
    );
    for (const { subject, key } of others.rows) found.set(subject, key);
    return found;
  };

  const createMany: PersonalKeys['createMany'] = async (tenant, subjects) => {
    const idOf = (subject: PersonSubject): string => `${tenant}|${subject}`;
    const known = new Map<PersonSubject, Buffer | null>();
    for (const subject of subjects) known.set(subject, cache.get(idOf(subject)) ?? null);
    // In one order, so that two who make the same keys never wait for each other in a circle.
    const wanted = [...known].flatMap(([subject, key]) => (key ? [] : [subject])).sort();
    if (wanted.length > 0) {
      for (const [subject, key] of await makeMany(tenant, wanted)) {
        known.set(subject, key);
        if (key) cache.set(idOf(subject), key);
      }
    }
    return subjects.map((subject) => known.get(subject) ?? null);
  };

  const destroy: PersonalKeys['destroy'] = async (tenant, subject) => {
    cache.delete(`${tenant}|${subject}`);
    await pool.query(
      `insert into kopilka.personal_keys (tenant, subject, destroyed_at) values ($1, $2, now())
       on conflict (tenant, subject) do update
       set key = null, destroyed_at = coalesce(personal_keys.destroyed_at, now())`,
      [tenant, subject],
    );
    // A read that was under way may have brought it back.
    cache.delete(`${tenant}|${subject}`);
  };

  const indexKey: PersonalKeys['indexKey'] = async (tenant) => {
    const known = indexKeys.get(tenant);
    if (known) return known;
    await pool.query(
      `insert into kopilka.tenant_keys (tenant, index_key) values ($1, $2)
       on conflict (tenant) do nothing`,
      [tenant, randomBytes(keyBytes)],
    );
    const { rows } = await pool.query<{ index_key: Buffer }>(
      'select index_key from kopilka.tenant_keys where tenant = $1',
      [tenant],
    );
    const key = rows[0]?.index_key;
    if (!key) throw new Error(`The index key of ${tenant} was deleted while it was read.`);
    indexKeys.set(tenant, key);
    return key;
  };

  return { create, createMany, find, destroy, indexKey };
};
