/**
 * The keys, which are the only primary data outside of the log, into a file of their own and back.
 *
 * Apart from the log's archive on purpose: whoever holds both can read personal data, so they are kept in two places.
 * The file is NDJSON, ends in the SHA-256 of all before, and is readable by its owner alone. A destroyed key stays
 * destroyed, whichever of file and database knows of it.
 */
import { createHash, type Hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import pg from 'pg';
import type { PostgresConfig } from './pool.js';

export interface KeyCounts {
  readonly personal: number;
  readonly tenants: number;
  readonly signing: number;
}

/** The file, or the keys that are there, do not fit; the message says what to do. */
export class KeysRefused extends Error {
  override readonly name = 'KeysRefused';
}

const HEADER = '{"kopilka":"keys","version":1}\n';
const PAGE_ROWS = 5_000;

/** Each kind of key: its table, its columns in the order of the primary key first, and how many columns that is. */
const kinds = {
  personal: {
    table: 'kopilka.personal_keys',
    columns: 'tenant, subject, key, created_at, destroyed_at',
    types: 'tenant text, subject text, key bytea, created_at timestamptz, destroyed_at timestamptz',
    key: 'tenant, subject',
  },
  tenants: {
    table: 'kopilka.tenant_keys',
    columns: 'tenant, index_key',
    types: 'tenant text, index_key bytea',
    key: 'tenant',
  },
  signing: {
    table: 'kopilka.signing_keys',
    columns: 'kid, private_jwk, public_jwk, created_at, retired_at',
    types:
      'kid text, private_jwk jsonb, public_jwk jsonb, created_at timestamptz, retired_at timestamptz',
    key: 'kid',
  },
} as const;

type Kind = keyof typeof kinds;
const kindNames = Object.keys(kinds) as Kind[];

const connected = async <T>(
  config: PostgresConfig,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> => {
  const client = new pg.Client({ ...config, application_name: 'kopilka-keys' });
  await client.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } finally {
    await client.end();
  }
};

/** Replaces the file when it is whole. */
export const exportKeys = async (config: PostgresConfig, path: string): Promise<KeyCounts> => {
  const draft = `${path}.part`;
  await rm(draft, { force: true });
  const file = await open(draft, 'ax', 0o600);
  try {
    const counts = await connected(config, (client) => writeKeys(client, file));
    await file.sync();
    await rename(draft, path);
    return counts;
  } finally {
    await file.close();
  }
};

const writeKeys = async (client: pg.Client, file: FileHandle): Promise<KeyCounts> => {
  await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await requireTables(client);
  const hash = createHash('sha256');
  const write = async (text: string): Promise<void> => {
    hash.update(text);
    await file.appendFile(text);
  };
  await write(HEADER);
  const counts = { personal: 0, tenants: 0, signing: 0 };
  for (const kind of kindNames) {
    const { table, columns, key } = kinds[kind];
    // row_to_json shows bytea as \x…, and times to the microsecond: both come back as they were.
    await client.query(
      `DECLARE ${kind} CURSOR FOR
       SELECT row_to_json(k)::text AS json FROM (SELECT ${columns} FROM ${table} ORDER BY ${key}) k`,
    );
    for (;;) {
      const { rows } = await client.query<{ json: string }>(`FETCH ${PAGE_ROWS} FROM ${kind}`);
      if (rows.length === 0) break;
      counts[kind] += rows.length;
      await write(rows.map(({ json }) => `{"${kind}":${json}}\n`).join(''));
    }
  }
  await file.appendFile(endLine(hash));
  return counts;
};

const endLine = (hash: Hash): string => `{"end":true,"sha256":"${hash.digest('hex')}"}\n`;

const requireTables = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT to_regclass('kopilka.signing_keys') IS NOT NULL AS found`,
  );
  if (!rows[0]!.found) throw new KeysRefused('There are no keys in this database yet.');
};

/**
 * Adds the keys of the file to those that are there; all of them or none. The tables must exist.
 * @throws KeysRefused for a file that is not what was written, or where another key is there already
 */
export const importKeys = async (config: PostgresConfig, path: string): Promise<KeyCounts> => {
  const lines = verifiedLines(path);
  return connected(config, async (client) => {
    const counts = { personal: 0, tenants: 0, signing: 0 };
    for (const kind of kindNames) {
      const start = `{"${kind}":`;
      const rows = lines
        .filter((line) => line.startsWith(start))
        .map((line) => line.slice(start.length, -1));
      counts[kind] = rows.length;
      for (let at = 0; at < rows.length; at += PAGE_ROWS) {
        await insert(client, kind, `[${rows.slice(at, at + PAGE_ROWS).join(',')}]`);
      }
    }
    return counts;
  });
};

const verifiedLines = (path: string): readonly string[] => {
  const text = readFileSync(path, 'utf8');
  if (!text.startsWith(HEADER)) throw new KeysRefused(`${path} is not a file of keys.`);
  const end = text.lastIndexOf('{"end":');
  const body = text.slice(0, end);
  if (end < 0 || text.slice(end) !== endLine(createHash('sha256').update(body))) {
    throw new KeysRefused(`${path} was altered or cut off: its checksum does not fit.`);
  }
  return body.split('\n').slice(1, -1);
};

const insert = async (client: pg.Client, kind: Kind, json: string): Promise<void> => {
  const { table, columns, types, key } = kinds[kind];
  const file = `json_to_recordset($1::json) AS f (${types})`;
  const secret = columns.split(', ')[key.split(', ').length];
  const { rowCount } = await client.query(
    `SELECT FROM ${file} JOIN ${table} s USING (${key}) WHERE f.${secret} <> s.${secret} LIMIT 1`,
    [json],
  );
  if (rowCount) {
    throw new KeysRefused(
      `${table} holds another key already: import keys before Kopilka is first started on the restored log.`,
    );
  }
  const onConflict =
    kind === 'personal'
      ? `DO UPDATE SET key = NULL, destroyed_at = coalesce(s.destroyed_at, excluded.destroyed_at)
         WHERE excluded.key IS NULL`
      : 'DO NOTHING';
  await client.query(
    `INSERT INTO ${table} AS s (${columns}) SELECT ${columns} FROM ${file}
     ON CONFLICT (${key}) ${onConflict}`,
    [json],
  );
};
