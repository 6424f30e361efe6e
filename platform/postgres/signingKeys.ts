/** The keys that sign access tokens, in PostgreSQL, so that all processes sign and verify with the same. */
import type { JsonWebKey } from 'node:crypto';
import type pg from 'pg';
import type { SigningKeys } from '../../commands/signingKeys.js';

interface Row {
  readonly kid: string;
  readonly private_jwk: JsonWebKey;
  readonly public_jwk: JsonWebKey;
  readonly created_at: Date;
  readonly retired_at: Date | null;
}

/** Many more than there ever are: one a month. */
const listedMax = 100;

export const createPostgresSigningKeys = (pool: Pick<pg.Pool, 'query'>): SigningKeys => ({
  list: async () => {
    const { rows } = await pool.query<Row>(
      `select kid, private_jwk, public_jwk, created_at, retired_at
       from kopilka.signing_keys order by created_at desc, kid limit $1`,
      [listedMax],
    );
    return rows.map((row) => ({
      kid: row.kid,
      privateJwk: row.private_jwk,
      publicJwk: row.public_jwk,
      createdAt: row.created_at.getTime(),
      retiredAt: row.retired_at?.getTime() ?? null,
    }));
  },
  add: async (key) => {
    await pool.query(
      `insert into kopilka.signing_keys (kid, private_jwk, public_jwk, created_at, retired_at)
       values ($1, $2, $3, $4, $5) on conflict (kid) do nothing`,
      [
        key.kid,
        key.privateJwk,
        key.publicJwk,
        new Date(key.createdAt),
        key.retiredAt === null ? null : new Date(key.retiredAt),
      ],
    );
  },
  retire: async (madeBefore, at) => {
    await pool.query(
      'update kopilka.signing_keys set retired_at = $2 where created_at < $1 and retired_at is null',
      [new Date(madeBefore), new Date(at)],
    );
  },
  forget: async (retiredBefore) => {
    await pool.query('delete from kopilka.signing_keys where retired_at < $1', [
      new Date(retiredBefore),
    ]);
  },
  remove: async (kid) => {
    await pool.query('delete from kopilka.signing_keys where kid = $1', [kid]);
  },
});
