/** Read models kept up to date in a real PostgreSQL: batches, crashes, rivals, poison, rebuilds and replays. */
import { expect } from 'chai';
import type pg from 'pg';
import { balanceOf } from '../../../domain/account/points.js';
import type { Fact } from '../../../domain/fact.js';
import { allProjections } from '../../../projections/all.js';
import { balances } from '../../../projections/balances/balances.js';
import { commitBatch, prepareBatch } from '../../../projections/batch.js';
import { readCheckpoints } from '../../../projections/checkpoints.js';
import type { Feed } from '../../../projections/feed.js';
import { openProjection } from '../../../projections/open.js';
import type { Projection } from '../../../projections/projection.js';
import { cleanUp, rebuild } from '../../../projections/rebuild.js';
import { dropReplay, listReplays, replay } from '../../../projections/replay.js';
import {
  type RunningProjections,
  startProjections,
  type StartProjections,
} from '../../../projections/runner.js';
import { sales } from '../../../projections/sales/sales.js';
import { verify } from '../../../projections/verify.js';
import { createMemoryFeed, type MemoryFeed } from '../../unit/projections/memoryFeed.js';
import { simulate, type Simulation } from '../../unit/projections/simulation.js';
import { type Database, eventually, quiet, type Server, startServer } from './database.js';

const retry = { firstMs: 20, mostMs: 100, quietMs: 200 };

describe('read models in PostgreSQL', function () {
  this.timeout(60_000);
  let server: Server;
  let database: Database;
  let pool: pg.Pool;
  let stopping: AbortController;
  let running: RunningProjections[];
  let told: Simulation;
  let facts: readonly Fact[];
  let head: bigint;

  before(async () => {
    server = await startServer();
    told = simulate({ seed: 7, customers: 12, steps: 900 });
    facts = told.facts;
    head = facts.at(-1)?.position ?? 0n;
  });
  after(() => server.stop());

  beforeEach(async () => {
    database = await server.database();
    pool = database.pool();
    stopping = new AbortController();
    running = [];
  });
  afterEach(async () => {
    stopping.abort();
    await Promise.all(running.map(({ stopped }) => stopped));
    await database.close();
  });

  const start = (feed: Feed, options: Partial<StartProjections> = {}): RunningProjections => {
    const signal = stopping.signal;
    const one = startProjections({ feed, pool, logger: quiet, signal, retry, ...options });
    running.push(one);
    return one;
  };

  const positions = async (): Promise<Record<string, bigint>> =>
    Object.fromEntries(
      (await readCheckpoints(pool)).map(({ projection, position }) => [projection, position]),
    );
  const reach = (to: bigint, names = allProjections.map(({ name }) => name), ms?: number) =>
    eventually(
      async () => {
        const now = await positions();
        return names.every((name) => (now[name] ?? 0n) >= to);
      },
      `position ${to}`,
      ms,
    );

  const provesRight = async (feed: Feed, projections = allProjections): Promise<void> => {
    for (const projection of projections) {
      const { differences, rows } = await verify({
        feed,
        pool,
        projection,
        signal: stopping.signal,
      });
      expect(differences, projection.name).to.deep.equal([]);
      const told = facts.some(({ type }) => projection.eventTypes.has(type));
      expect(
        Object.values(rows).some((count) => count > 0),
        projection.name,
      ).to.equal(told);
    }
  };

  const agreesWithTheDomain = async (schema = 'read', expected = told): Promise<void> => {
    const { rows } = await pool.query<Record<string, string>>(
      `select b.*, coalesce(l.lots, 0) as lots, coalesce(g.net, 0) as net from ${schema}.balances as b
        left join (select user_id, sum(remaining) as lots from ${schema}.lots group by 1) as l using (user_id)
        left join (select user_id, sum(points) as net from ${schema}.ledger group by 1) as g using (user_id)`,
    );
    expect(rows).to.have.length(expected.accounts.size);
    for (const row of rows) {
      const account = expected.accounts.get(row['user_id'] as never);
      const [active, pending, deficit] = ['active', 'pending', 'deficit'].map((n) =>
        Number(row[n]),
      );
      expect({ active, pending, deficit }).to.deep.equal(account && balanceOf(account.points));
      expect(Number(row['lots'])).to.equal(Number(active) + Number(pending));
      expect(Number(row['net'])).to.equal(Number(active) + Number(pending) - Number(deficit));
    }
  };

  it('follow the log, all at one position, and are what the domain says', async () => {
    const feed = createMemoryFeed(facts.slice(0, 500));
    const { caughtUp, states } = start(feed);
    await caughtUp;
    for (let from = 500; from < facts.length; from += 37) {
      feed.add(facts.slice(from, from + 37));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await reach(head);
    await agreesWithTheDomain();
    expect(new Set(states().map(({ state }) => state))).to.deep.equal(new Set(['following']));
    expect(feed.opened(), 'one subscription for all').to.equal(1);
    await provesRight(feed);
  });

  it('count the days of sale in the time zone of the merchant, and money adds up', async () => {
    start(createMemoryFeed(facts));
    await reach(head);
    const sum = (type: RegExp, figure: (data: { total: number; amount: number }) => number) =>
      facts
        .filter((fact) => type.test(fact.type))
        .reduce((total, { data }) => total + figure(data as never), 0);
    const { rows } = await pool.query<Record<string, string>>(
      'select sum(gross_amount) as gross, sum(returned_amount) as returned, sum(receipts) as receipts, min(day) as first from read.daily_sales',
    );
    const gross = sum(/PurchaseConfirmed$/, ({ total }) => total);
    const returned = sum(/Purchase(Returned|Cancelled)$/, ({ amount }) => amount);
    expect(Number(rows[0]?.['gross'])).to.equal(gross);
    expect(Number(rows[0]?.['returned'])).to.equal(returned);
    expect(Number(rows[0]?.['receipts'])).to.equal(sum(/PurchaseConfirmed$/, () => 1));
    const { rows: byDay } = await pool.query<{ day: string; receipts: string }>(
      'select day::text, receipts from read.daily_sales order by day',
    );
    const days = new Map<string, number>();
    for (const { type, metadata } of facts) {
      if (!type.endsWith('PurchaseConfirmed')) continue;
      const at = Date.parse(metadata.occurredAt) + 9 * 3_600_000; // Tokyo, no summer time
      const key = new Date(at).toISOString().slice(0, 10);
      days.set(key, (days.get(key) ?? 0) + 1);
    }
    const counted = byDay.filter(({ receipts }) => Number(receipts) > 0);
    expect(counted.map(({ day, receipts }) => [day, Number(receipts)])).to.deep.equal(
      [...days].sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  });

  it('go on where they were after a restart', async () => {
    const feed = createMemoryFeed(facts.slice(0, 800));
    start(feed);
    await reach(800n);
    stopping.abort();
    await Promise.all(running.map(({ stopped }) => stopped));
    stopping = new AbortController();
    feed.add(facts.slice(800));
    start(feed);
    await reach(head);
    await agreesWithTheDomain();
    const total = (await readCheckpoints(pool)).find((c) => c.projection === 'balances')?.events;
    expect(total).to.equal(facts.filter(({ type }) => balances.eventTypes.has(type)).length);
  });

  it('write nothing of a batch whose commit never came', async () => {
    const target = await openProjection(pool, balances);
    const broken: Projection = {
      ...balances,
      prepare: (batch) => {
        const write = balances.prepare(batch);
        return async (db, schema) => {
          await write(db, schema);
          await db.query('select pg_terminate_backend(pg_backend_pid())');
        };
      },
    };
    const dying = { ...target, projection: broken };
    const batch = prepareBatch([dying], facts.slice(0, 300));
    await commitBatch(pool, batch, 300n).then(
      () => expect.fail('the connection was cut'),
      () => undefined,
    );
    const { rows } = await pool.query('select count(*)::int as n from read.balances');
    expect(rows).to.deep.equal([{ n: 0 }]);
    expect((await positions())['balances']).to.equal(0n);
    start(createMemoryFeed(facts));
    await reach(head);
    await agreesWithTheDomain();
  });

  it('survive losing their connections at any moment', async () => {
    const feed = createMemoryFeed(facts.slice(0, 200));
    start(feed);
    const killer = database.pool();
    for (let from = 200; from < facts.length; from += 60) {
      feed.add(facts.slice(from, from + 60));
      await killer.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`,
      );
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    await reach(head);
    await agreesWithTheDomain();
    await provesRight(feed);
  });

  it('are never applied twice by two runners at once', async () => {
    const feed = createMemoryFeed(facts.slice(0, 100));
    const rival = database.pool();
    const states: unknown[] = [];
    const logger = { ...quiet, info: (fields: object) => void states.push(fields) };
    start(feed, { logger });
    start(feed, { pool: rival, logger });
    for (let from = 100; from < facts.length; from += 20) {
      feed.add(facts.slice(from, from + 20));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await reach(head);
    await agreesWithTheDomain();
    await provesRight(feed);
    expect(states).to.containSubset([{ state: 'standingBy' }]);
  });

  it('leave one behind that cannot take in a fact, name the fact, and take it back later', async () => {
    const poison = facts[400] as Fact;
    let poisonous = true;
    const touchy: Projection = {
      ...balances,
      prepare: (batch) => {
        if (poisonous && batch.includes(poison)) throw new Error('cannot digest');
        return balances.prepare(batch);
      },
      eventTypes: new Set([...balances.eventTypes, poison.type]),
    };
    const projections = allProjections.map((one) => (one.name === 'balances' ? touchy : one));
    const feed = createMemoryFeed(facts.slice(0, 300));
    const { states } = start(feed, { projections });
    await reach(300n);
    feed.add(facts.slice(300, 700));
    const others = ['purchases', 'customers', 'tills', 'sales'];
    await reach(700n, others);
    await eventually(async () => {
      const [stuck] = await readCheckpoints(pool);
      return stuck?.lastError?.includes(`position ${poison.position} (${poison.type}`) ?? false;
    }, 'the fact is named');
    expect((await positions())['balances']).to.equal(poison.position - 1n);
    expect(states().find(({ projection }) => projection === 'balances')?.state).to.equal('failed');
    poisonous = false;
    feed.add(facts.slice(700));
    await reach(head);
    await eventually(() => states().every(({ state }) => state === 'following'), 'all together');
    expect((await readCheckpoints(pool)).map(({ lastError }) => lastError)).to.deep.equal(
      allProjections.map(() => null),
    );
    await agreesWithTheDomain();
    await provesRight(feed);
  });

  it('let a read model that is new catch up and join', async () => {
    const feed = createMemoryFeed(facts.slice(0, 900));
    start(feed, { projections: allProjections.filter((one) => one !== sales) });
    await reach(900n, ['balances']);
    stopping.abort();
    await Promise.all(running.map(({ stopped }) => stopped));
    stopping = new AbortController();
    const { states } = start(feed);
    feed.add(facts.slice(900));
    await reach(head);
    await eventually(() => states().every(({ state }) => state === 'following'), 'joined');
    await provesRight(feed);
  });

  describe('a new version', () => {
    const second: Projection = {
      ...balances,
      version: 2,
      tables: balances.tables.replace('note text', 'remark text'),
      views: {
        ...balances.views,
        ledger: 'select *, remark as note from {schema}.ledger',
      },
      prepare: (batch) => {
        const write = balances.prepare(batch);
        return (db, schema) =>
          write(
            {
              query: ((config: string | { text: string }, values?: unknown[]) =>
                typeof config === 'string'
                  ? db.query(config, values)
                  : db.query({
                      ...config,
                      text: config.text.replace('merchant_id, note)', 'merchant_id, remark)'),
                    })) as typeof db.query,
            },
            schema,
          );
      },
    };

    it('is built beside the old one, which answers until the swap', async () => {
      const feed = createMemoryFeed(facts.slice(0, 600));
      start(feed);
      await reach(600n);
      stopping.abort();
      await Promise.all(running.map(({ stopped }) => stopped));
      stopping = new AbortController();

      const rows = async () =>
        (await pool.query<{ n: number }>('select count(*)::int as n from read.ledger')).rows[0]?.n;
      const before = await rows();
      const seen = new Set<number | undefined>();
      let watching = true;
      const watch = (async () => {
        while (watching) seen.add(await rows());
      })();
      feed.add(facts.slice(600));
      const projections = allProjections.map((one) => (one.name === 'balances' ? second : one));
      const { states } = start(feed, { projections });
      await eventually(
        () =>
          states().length === projections.length &&
          states().every(({ state }) => state === 'following'),
        'live',
      );
      watching = false;
      await watch;
      const after = await rows();
      expect(
        [...seen].filter((n) => n !== before && n !== after),
        'half-filled',
      ).to.deep.equal([]);
      const { rows: columns } = await pool.query('select remark, note from read.ledger limit 1');
      expect(columns).to.have.length(1);
      const statuses = (await readCheckpoints(pool)).filter((c) => c.projection === 'balances');
      expect(statuses.map(({ version, status }) => [version, status])).to.deep.equal([
        [1, 'retired'],
        [2, 'live'],
      ]);
      await agreesWithTheDomain();
      expect(await cleanUp(pool, projections)).to.deep.equal(['balances_v1']);
    });
  });

  describe('a rebuild', () => {
    it('takes the place of the live tables while facts arrive, and the runner goes on in them', async () => {
      const feed = createMemoryFeed(facts.slice(0, 700));
      const { states } = start(feed);
      await reach(700n);
      await pool.query('delete from read.ledger'); // damage
      let next = 700;
      const arriving = setInterval(() => {
        feed.add(facts.slice(next, next + 5));
        next += 5;
      }, 4);
      const progress: number[] = [];
      try {
        await rebuild({
          feed,
          pool: database.pool(),
          projection: balances,
          signal: stopping.signal,
          onProgress: ({ fraction }) => progress.push(fraction),
        });
        await eventually(() => next >= facts.length, 'all facts');
      } finally {
        clearInterval(arriving);
      }
      expect(progress.at(-1)).to.equal(1);
      await reach(head);
      await eventually(() => states().every(({ state }) => state === 'following'), 'all together');
      await agreesWithTheDomain();
      await provesRight(feed);
      expect(await cleanUp(pool, allProjections)).to.deep.equal(['balances_v1_replaced']);
    });

    it('can be cancelled and leaves the live one as it was', async () => {
      const feed = createMemoryFeed(facts);
      start(feed);
      await reach(head);
      const cancelled = new AbortController();
      await rebuild({
        feed,
        pool,
        projection: sales,
        signal: cancelled.signal,
        onProgress: () => cancelled.abort(),
      }).then(
        () => expect.fail('it was cancelled'),
        (error: Error) => expect(error.name).to.equal('AbortError'),
      );
      await provesRight(feed, [sales]);
    });
  });

  describe('a replay', () => {
    const prefix = (n: number): Map<string, number> => {
      const net = new Map<string, number>();
      for (const { type, data } of facts.slice(0, n)) {
        if (type === 'PurchaseConfirmed') net.set('receipts', (net.get('receipts') ?? 0) + 1);
        if (type === 'CustomerEnrolled') net.set('customers', (net.get('customers') ?? 0) + 1);
        void data;
      }
      return net;
    };
    const count = async (schema: string): Promise<number> =>
      (
        await pool.query<{ n: number }>(
          `select coalesce(sum(purchases), 0)::int as n from ${schema}.balances`,
        )
      ).rows[0]?.n ?? -1;
    const cancellations = (n: number) =>
      facts.slice(0, n).filter(({ type }) => type === 'PurchaseCancelled').length;

    it('stops at a position, in a schema of its own, and touches nothing live', async () => {
      const feed = createMemoryFeed(facts);
      start(feed);
      await reach(head);
      const { schema, tables } = await replay({
        feed,
        pool,
        projection: balances,
        until: { position: 450n },
        signal: stopping.signal,
      });
      expect(schema).to.equal('replay_balances_1');
      expect(tables).to.deep.equal(['balances', 'ledger', 'lots']);
      expect(await count(schema)).to.equal((prefix(450).get('receipts') ?? 0) - cancellations(450));
      const replays = await listReplays(pool);
      expect(
        replays.map(({ projection, position, status }) => [projection, position, status]),
      ).to.deep.equal([['replay_balances_1', 450n, 'replayed']]);
      await agreesWithTheDomain();
      await dropReplay(pool, schema);
      expect(await listReplays(pool)).to.deep.equal([]);
    });

    it('stops at a time', async () => {
      const at = facts[500]?.recordedAt ?? 0;
      const known = facts.filter(({ recordedAt }) => recordedAt <= at).length;
      const { schema } = await replay({
        feed: createMemoryFeed(facts),
        pool,
        projection: balances,
        until: { recordedAt: at },
        signal: stopping.signal,
      });
      expect(await count(schema)).to.equal(
        (prefix(known).get('receipts') ?? 0) - cancellations(known),
      );
    });

    it('is resumed by its name after it was cancelled', async () => {
      const many: MemoryFeed = createMemoryFeed(
        simulate({ seed: 3, customers: 30, steps: 6_000, calm: true }).facts,
      );
      const cancelled = new AbortController();
      const options = { feed: many, pool, projection: balances };
      await replay({
        ...options,
        signal: cancelled.signal,
        onProgress: () => cancelled.abort(),
      }).then(
        () => expect.fail('it was cancelled'),
        () => undefined,
      );
      const [stopped] = await listReplays(pool);
      expect(stopped?.status).to.equal('cancelled');
      expect((stopped?.position ?? 0n) > 0n).to.equal(true);
      expect((stopped?.position ?? 0n) < ((await many.head()) ?? 0n)).to.equal(true);
      const { schema } = await replay({
        ...options,
        signal: stopping.signal,
        resume: 'replay_balances_1',
      });
      const whole = await replay({ ...options, signal: stopping.signal });
      for (const table of ['balances', 'ledger', 'lots']) {
        const { rows } = await pool.query(
          `select * from ${schema}.${table} except select * from ${whole.schema}.${table}`,
        );
        expect(rows).to.deep.equal([]);
      }
      expect(await count(schema)).to.equal(await count(whole.schema));
    });
  });

  it('show a difference when a table was changed by hand', async () => {
    const feed = createMemoryFeed(facts);
    start(feed);
    await reach(head);
    await pool.query(
      `update read.balances set active = active + 1 where user_id = (select min(user_id) from read.balances)`,
    );
    const { differences } = await verify({
      feed,
      pool,
      projection: balances,
      signal: stopping.signal,
    });
    expect(
      differences.map(({ table, liveOnly, replayOnly }) => ({ table, liveOnly, replayOnly })),
    ).to.deep.equal([{ table: 'balances', liveOnly: 1, replayOnly: 1 }]);
  });
});
