/** What the workers ask PostgreSQL: who is due, and how far they have come. */
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { type EmbeddedPostgres, startPostgres } from '../../embedded/postgres/startPostgres.js';
import type { TenantId } from '../../domain/ids.js';
import { migrate } from '../../platform/postgres/migrate.js';
import { createPool } from '../../platform/postgres/pool.js';
import { createWorkerCheckpoints } from '../../platform/postgres/workerCheckpoints.js';
import { createKafkaStates } from '../../platform/postgres/kafkaStates.js';
import { createSoleRunner } from '../../platform/postgres/soleRunner.js';
import { dueAccounts } from '../../projections/balances/dueAccounts.js';
import { indexes, tables, views } from '../../projections/balances/tables.js';
import { eventually } from '../unit/workers/eventually.js';

const quiet = () => {};
const logger = { info: quiet, warn: quiet, error: quiet };
const hour = 3_600_000;
const noon = Date.UTC(2011, 0, 1, 12);

describe('workers on PostgreSQL', function () {
  this.timeout(120_000);
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

  it('take turns: one works at a time, another once its connection is gone', async () => {
    const stop = new AbortController();
    const work: string[] = [];
    const runner = (name: string) =>
      createSoleRunner(pool, quiet).run('turns', stop.signal, async (signal) => {
        work.push(name);
        if (signal.aborted) return;
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        work.push(`${name} ended`);
      });
    const first = runner('first');
    const seen = (count: number) => eventually(() => expect(work).to.have.lengthOf(count), 10_000);
    await seen(1);
    const second = runner('second');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(work).to.deep.equal(['first']);
    await pool.query(
      `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted`,
    );
    await seen(3);
    expect(work[1]).to.equal('first ended');
    stop.abort();
    await Promise.all([first, second]);
    const { rows } = await pool.query(`select 1 from pg_locks where locktype = 'advisory'`);
    expect(rows).to.be.empty;
  });

  it('say how links to Kafka are doing, each process of a binding for itself', async () => {
    const tenant = 'demo' as TenantId;
    const [one, other] = [createKafkaStates(pool), createKafkaStates(pool)];
    const state = { behind: 4, lagMs: 0, error: null };
    await one.save('binding', tenant, 'in', { ...state, behind: 9 });
    await one.save('binding', tenant, 'in', state);
    await other.save('binding', tenant, 'in', { ...state, behind: 2 });
    const binding = await one.load(tenant);
    expect(binding.map((each) => each.state.behind)).to.deep.equal([2, 4]);
    expect(binding[0]).to.include({ kind: 'binding', id: 'in' });
    expect(binding[0]?.updatedAt).to.be.closeTo(Date.now(), 60_000);
    await one.save('relay', tenant, 'out', state);
    await other.save('relay', tenant, 'out', { ...state, behind: 1 });
    const relay = (await one.load(tenant)).filter(({ kind }) => kind === 'relay');
    expect(relay.map((each) => each.state.behind)).to.deep.equal([1]);
    expect(await one.load('another' as TenantId)).to.be.empty;
  });
});
