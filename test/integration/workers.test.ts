/** What the workers ask PostgreSQL: who is due, and how far they have come. */
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { type EmbeddedPostgres, startPostgres } from '../../embedded/postgres/startPostgres.js';
import { migrate } from '../../platform/postgres/migrate.js';
import { createPool } from '../../platform/postgres/pool.js';
import { createWorkerCheckpoints } from '../../platform/postgres/workerCheckpoints.js';
import { dueAccounts } from '../../projections/balances/dueAccounts.js';
import { indexes, tables, views } from '../../projections/balances/tables.js';

const quiet = () => {};
const logger = { info: quiet, warn: quiet, error: quiet };
const hour = 3_600_000;
const noon = Date.UTC(2011, 0, 1, 12);

describe('workers on PostgreSQL', function () {
  this.timeout(60_000);
  let folder: string;
  let server: EmbeddedPostgres;
  let pool: pg.Pool;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kopilka-workers-'));
    server = await startPostgres({
      dataDir: join(folder, 'data'),
      logger,
      settings: { shared_buffers: '16MB' },
    });
    await server.ensureDatabase('workers');
    await migrate(server.connection('workers'), { logger });
    pool = createPool(server.connection('workers'), {
      applicationName: 'test',
      onIdleError: quiet,
    });
    const inSchema = (sql: string) => sql.replaceAll('{schema}', 'balances_spec');
    await pool.query('create schema if not exists read');
    await pool.query('create schema balances_spec');
    await pool.query(inSchema(tables + indexes));
    await pool.query(inSchema(`create view read.lots as ${views.lots}`));
  });
  after(async () => {
    await pool.end();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const lot = (
    userId: string,
    lotId: string,
    state: {
      activated: boolean;
      activatesAt: number;
      expiresAt: number | null;
      remaining?: number;
    },
  ) =>
    pool.query(
      `insert into balances_spec.lots values ('demo', $1, $2, 1, null, 100, $3, $4, now(), $5, $6, 1)`,
      [
        userId,
        lotId,
        state.remaining ?? 100,
        state.activated,
        new Date(state.activatesAt),
        state.expiresAt === null ? null : new Date(state.expiresAt),
      ],
    );

  it('find accounts whose lots are to activate or to expire, the longest due first, each once', async () => {
    await lot('ann', 'a', { activated: false, activatesAt: noon - hour, expiresAt: null });
    await lot('ann', 'b', { activated: false, activatesAt: noon, expiresAt: null });
    await lot('bob', 'a', { activated: true, activatesAt: 0, expiresAt: noon - 2 * hour });
    await lot('cid', 'a', { activated: false, activatesAt: noon + 1, expiresAt: null });
    await lot('dan', 'a', { activated: true, activatesAt: 0, expiresAt: noon + 1 });
    await lot('eve', 'a', { activated: true, activatesAt: 0, expiresAt: 1, remaining: 0 });
    const due = (asOf: number, limit: number) => dueAccounts(pool, asOf, limit);
    const [ann, bob] = ['ann', 'bob'].map((userId) => ({ tenant: 'demo', userId }));
    expect(await due(noon, 10)).to.deep.equal([bob, ann]);
    expect(await due(noon, 1)).to.deep.equal([bob]);
    expect(await due(noon - 3 * hour, 10)).to.deep.equal([]);
    expect(await due(noon + 1, 10)).to.have.lengthOf(4);
  });

  it('keep positions that only move forward, exact beyond 2^53', async () => {
    const { load, save } = createWorkerCheckpoints(pool);
    expect(await load('reservations')).to.equal(null);
    await save('reservations', 9_007_199_254_740_993n);
    await save('reservations', 5n);
    expect(await load('reservations')).to.equal(9_007_199_254_740_993n);
    expect(await load('another')).to.equal(null);
  });
});
