/** Pools, transactions and migrations on a real PostgreSQL. */
import { expect } from 'chai';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { startPostgres, type EmbeddedPostgres } from '../../embedded/postgres/startPostgres.js';
import { migrate, migrationsDirectory } from '../../platform/postgres/migrate.js';
import { createPool, type PoolOptions } from '../../platform/postgres/pool.js';
import { inTransaction } from '../../platform/postgres/transaction.js';

const quiet = () => {};
const logger = { info: quiet, warn: quiet, error: quiet };

describe('PostgreSQL access', function () {
  this.timeout(120_000);
  let folder: string;
  let server: EmbeddedPostgres;
  let pools: pg.Pool[];
  let database = 0;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kopilka-pg-'));
    chmodSync(folder, 0o755); // the server's user must reach it when root runs the tests
    server = await startPostgres({
      dataDir: join(folder, 'data'),
      logger,
      settings: { shared_buffers: '16MB' },
    });
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    pools = [];
    database += 1;
    await server.ensureDatabase(`t${database}`);
  });
  afterEach(() => Promise.all(pools.map((pool) => pool.end())));

  const config = () => server.connection(`t${database}`);
  const open = (options: Partial<PoolOptions> = {}): pg.Pool => {
    const pool = createPool(config(), { applicationName: 'test', onIdleError: quiet, ...options });
    pools.push(pool);
    return pool;
  };
  const failure = async (work: Promise<unknown>): Promise<{ code?: string; message: string }> =>
    work.then(
      () => ({ message: 'no failure' }),
      (error: Error) => error,
    );

  const growingTable = `
    create table jobs (lane integer, place bigint, id integer, primary key (lane, place));
    create table told (id integer primary key, words text) with (autovacuum_enabled = off);
    alter table jobs set (autovacuum_enabled = off)`;
  const next = `select t.words from jobs as j join told as t on t.id = j.id
    where j.lane = $1 and j.place > $2 order by j.place limit 500`;

  /** How a statement that was prepared while its tables held a row is carried out once they have grown. */
  const planOf = async (options: Partial<PoolOptions>): Promise<string> => {
    const client = await open(options).connect();
    try {
      await client.query(growingTable);
      await client.query(`insert into jobs values (0, 0, 0); insert into told values (0, 'words')`);
      await client.query('analyze jobs, told');
      await client.query(`prepare next (integer, bigint) as ${next}`);
      for (let i = 0; i < 10; i += 1) await client.query('execute next (0, -1)');
      await client.query(`insert into jobs select 0, n, n from generate_series(1, 20000) as n;
        insert into told select n, 'words' from generate_series(1, 20000) as n`);
      const { rows } = await client.query<Record<'QUERY PLAN', string>>(
        'explain (costs off) execute next (0, 19000)',
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    } finally {
      client.release();
    }
  };

  it('walks indexes of tables that have grown since a statement was prepared', async () => {
    const plan = await planOf({ byIndex: true });
    expect(plan)
      .to.contain('Index')
      .and.not.to.match(/Seq Scan|Hash|Merge/);
  });

  it('keeps eight-byte integers exact and decimals and dates as written', async () => {
    const { rows } = await open().query(
      `select 9007199254740993::int8 big, array[1, 9007199254740993]::int8[] list, '{}'::int8[] none,
        0.10::numeric decimal, date '2026-01-31' as day, timestamptz '2026-01-31 12:00Z' as at`,
    );
    expect(rows[0]).to.deep.equal({
      big: 9007199254740993n,
      list: [1n, 9007199254740993n],
      none: [],
      decimal: '0.10',
      day: '2026-01-31',
      at: new Date('2026-01-31T12:00:00Z'),
    });
  });

  it('closes connections that nobody needs, but not those of whoever is in a hurry', async () => {
    expect(open().options.idleTimeoutMillis).to.equal(30_000);
    const pool = open({ keepsIdle: true });
    expect(pool.options.idleTimeoutMillis).to.equal(0);
    await pool.query('select 1');
    expect(pool.idleCount).to.equal(1);
  });

  it('ends a statement that takes too long', async () => {
    const pool = open({ statementTimeoutMs: 50 });
    expect((await failure(pool.query('select pg_sleep(5)'))).code).to.equal('57014');
  });

  it('rolls everything back when the work fails', async () => {
    const pool = open();
    await pool.query('create table t (n int)');
    const work = inTransaction(pool, async (client) => {
      await client.query('insert into t values (1)');
      throw new Error('changed my mind');
    });
    expect((await failure(work)).message).to.equal('changed my mind');
    expect((await pool.query('select * from t')).rowCount).to.equal(0);
  });

  it('runs transactions that collide again until all are done', async () => {
    const pool = open();
    await pool.query('create table t (n int); insert into t values (0)');
    const writers = 6;
    let runs = 0;
    let readings = 0;
    let letOn = () => {};
    const allHaveRead = new Promise<void>((resolve) => (letOn = resolve));
    const increment = () =>
      inTransaction(
        pool,
        async (client) => {
          runs += 1;
          const { rows } = await client.query<{ n: number }>('select n from t');
          // Nobody writes before everybody has read: otherwise they may happen not to meet at all.
          readings += 1;
          if (readings === writers) letOn();
          await allHaveRead;
          await client.query('update t set n = $1', [(rows[0]?.n ?? 0) + 1]);
        },
        { isolation: 'serializable', attempts: 30 },
      );
    await Promise.all(Array.from({ length: writers }, increment));
    expect((await pool.query('select n from t')).rows).to.deep.equal([{ n: writers }]);
    expect(runs).to.be.greaterThan(writers);
  });

  it('gives up after the attempts it was given', async () => {
    let runs = 0;
    const work = inTransaction(
      open(),
      async (client) => {
        runs += 1;
        await client.query("do $$ begin raise exception using errcode = '40001'; end $$");
      },
      { attempts: 3 },
    );
    expect((await failure(work)).code).to.equal('40001');
    expect(runs).to.equal(3);
  });

  it('hands no connection on that was cut off in the middle of a transaction', async () => {
    const pool = open({ max: 1 });
    const work = inTransaction(pool, async (client) => {
      await client.query('select pg_terminate_backend(pg_backend_pid())');
    });
    expect((await failure(work)).code).to.equal('57P01');
    expect((await pool.query('select 1 as one')).rows).to.deep.equal([{ one: 1 }]);
  });

  it('migrates an empty database, once, also when two begin at the same moment', async () => {
    const files = readdirSync(migrationsDirectory).map((name) => name.replace(/\.sql$/, ''));
    const both = await Promise.all([migrate(config(), { logger }), migrate(config(), { logger })]);
    expect(both.flat()).to.deep.equal(files.sort());
    expect(await migrate(config(), { logger })).to.deep.equal([]);
  });

  it('says of every table and column of the foundation what it is', async () => {
    await migrate(config(), { logger });
    const { rows } = await open().query(
      `select c.relname, a.attname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
        where n.nspname = 'kopilka' and c.relkind = 'r' and c.relname = any($1)
          and (col_description(c.oid, a.attnum) is null or obj_description(c.oid) is null)
          and not a.attisdropped`,
      [['checkpoints', 'personal_keys', 'tenant_keys', 'signing_keys']],
    );
    expect(rows).to.deep.equal([]);
  });

  it('holds a personal key or the time of its destruction, never both or neither', async () => {
    await migrate(config(), { logger });
    const pool = open();
    await pool.query("insert into kopilka.personal_keys values ('t', 's', '\\x00')");
    const half = pool.query('update kopilka.personal_keys set key = null');
    expect((await failure(half)).code).to.equal('23514');
    await pool.query('update kopilka.personal_keys set key = null, destroyed_at = now()');
  });

  it('keeps the files before a faulty one and takes the faulty one back whole', async () => {
    const directory = join(folder, `migrations-${database}`);
    mkdirSync(directory);
    writeFileSync(join(directory, '0001_good.sql'), 'create table good ();');
    writeFileSync(join(directory, '0002_bad.sql'), 'create table half (); select nonsense;');
    const run = migrate(config(), { logger, directory });
    expect((await failure(run)).message).to.contain('nonsense');
    const { rows } = await open().query(
      "select to_regclass('good') is not null good, to_regclass('half') is not null half",
    );
    expect(rows).to.deep.equal([{ good: true, half: false }]);
  });
});
