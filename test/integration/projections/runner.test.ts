/** Read models kept up to date in a real PostgreSQL: batches, crashes, rivals and poison. */
import { expect } from 'chai';
import type { Fact } from '../../../domain/fact.js';
import { allProjections } from '../../../projections/all.js';
import { balances } from '../../../projections/balances/balances.js';
import { commitBatch, prepareBatch } from '../../../projections/batch.js';
import { readCheckpoints } from '../../../projections/checkpoints.js';
import { openProjection } from '../../../projections/open.js';
import type { Feed } from '../../../projections/feed.js';
import type { Projection } from '../../../projections/projection.js';
import { sales } from '../../../projections/sales/sales.js';
import { verify } from '../../../projections/verify.js';
import { createMemoryFeed } from '../../unit/projections/memoryFeed.js';
import { eventually, quiet } from './database.js';
import { readModels } from './readModels.js';

describe('read models in PostgreSQL', function () {
  this.timeout(120_000);
  const { house, start, stopAll, reach, positions, provesRight, agreesWithTheDomain } =
    readModels();

  it('follow the log, all at one position, and are what the domain says', async () => {
    const feed = createMemoryFeed(house.facts.slice(0, 500));
    const { caughtUp, states } = start(feed);
    await caughtUp;
    for (let from = 500; from < house.facts.length; from += 37) {
      feed.add(house.facts.slice(from, from + 37));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await reach(house.head);
    await agreesWithTheDomain();
    expect(new Set(states().map(({ state }) => state))).to.deep.equal(new Set(['following']));
    expect(feed.opened(), 'one subscription for all').to.equal(1);
    await provesRight(feed);
  });

  it('count the days of sale in the time zone of the merchant, and money adds up', async () => {
    start(createMemoryFeed(house.facts));
    await reach(house.head);
    const sum = (type: RegExp, figure: (data: { total: number; amount: number }) => number) =>
      house.facts
        .filter((fact) => type.test(fact.type))
        .reduce((total, { data }) => total + figure(data as never), 0);
    const { rows } = await house.pool.query<Record<string, string>>(
      'select sum(gross_amount) as gross, sum(returned_amount) as returned, sum(receipts) as receipts, min(day) as first from read.daily_sales',
    );
    const gross = sum(/PurchaseConfirmed$/, ({ total }) => total);
    const returned = sum(/Purchase(Returned|Cancelled)$/, ({ amount }) => amount);
    expect(Number(rows[0]?.['gross'])).to.equal(gross);
    expect(Number(rows[0]?.['returned'])).to.equal(returned);
    expect(Number(rows[0]?.['receipts'])).to.equal(sum(/PurchaseConfirmed$/, () => 1));
    const { rows: byDay } = await house.pool.query<{ day: string; receipts: string }>(
      'select day::text, receipts from read.daily_sales order by day',
    );
    const days = new Map<string, number>();
    for (const { type, metadata } of house.facts) {
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
    const feed = createMemoryFeed(house.facts.slice(0, 800));
    start(feed);
    await reach(800n);
    await stopAll();
    feed.add(house.facts.slice(800));
    start(feed);
    await reach(house.head);
    await agreesWithTheDomain();
    const total = (await readCheckpoints(house.pool)).find(
      (c) => c.projection === 'balances',
    )?.events;
    expect(total).to.equal(house.facts.filter(({ type }) => balances.eventTypes.has(type)).length);
  });

  it('write nothing of a batch whose commit never came', async () => {
    const target = await openProjection(house.pool, balances);
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
    const batch = prepareBatch([dying], house.facts.slice(0, 300));
    await commitBatch(house.pool, batch, 300n).then(
      () => expect.fail('the connection was cut'),
      () => undefined,
    );
    const { rows } = await house.pool.query('select count(*)::int as n from read.balances');
    expect(rows).to.deep.equal([{ n: 0 }]);
    expect((await positions())['balances']).to.equal(0n);
    start(createMemoryFeed(house.facts));
    await reach(house.head);
    await agreesWithTheDomain();
  });

  it('survive losing their connections at any moment', async () => {
    const feed = createMemoryFeed(house.facts.slice(0, 200));
    start(feed);
    const killer = house.database.pool();
    for (let from = 200; from < house.facts.length; from += 60) {
      feed.add(house.facts.slice(from, from + 60));
      await killer.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`,
      );
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    await reach(house.head);
    await agreesWithTheDomain();
    await provesRight(feed);
  });

  it('are never applied twice by two runners at once', async () => {
    const feed = createMemoryFeed(house.facts.slice(0, 100));
    const rival = house.database.pool();
    const states: unknown[] = [];
    const logger = { ...quiet, info: (fields: object) => void states.push(fields) };
    const both = [start(feed, { logger }), start(feed, { pool: rival, logger })];
    // Both are there: one that came when all is done would meet nobody.
    await Promise.all(both.map(({ caughtUp }) => caughtUp));
    for (let from = 100; from < house.facts.length; from += 20) {
      feed.add(house.facts.slice(from, from + 20));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await reach(house.head);
    await agreesWithTheDomain();
    await provesRight(feed);
    expect(states).to.containSubset([{ state: 'standingBy' }]);
  });

  it('leave one behind that cannot take in a fact, name the fact, and take it back later', async () => {
    const poison = house.facts[400] as Fact;
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
    const feed = createMemoryFeed(house.facts.slice(0, 300));
    const { states } = start(feed, { projections });
    await reach(300n);
    feed.add(house.facts.slice(300, 700));
    const others = ['purchases', 'customers', 'tills', 'sales'];
    await reach(700n, others);
    await eventually(async () => {
      const [stuck] = await readCheckpoints(house.pool);
      return stuck?.lastError?.includes(`position ${poison.position} (${poison.type}`) ?? false;
    }, 'the fact is named');
    expect((await positions())['balances']).to.equal(poison.position - 1n);
    expect(states().find(({ projection }) => projection === 'balances')?.state).to.equal('failed');
    poisonous = false;
    feed.add(house.facts.slice(700));
    await reach(house.head);
    await eventually(() => states().every(({ state }) => state === 'following'), 'all together');
    expect((await readCheckpoints(house.pool)).map(({ lastError }) => lastError)).to.deep.equal(
      allProjections.map(() => null),
    );
    await agreesWithTheDomain();
    await provesRight(feed);
  });

  it('let a read model that is new catch up and join', async () => {
    const feed = createMemoryFeed(house.facts.slice(0, 900));
    start(feed, { projections: allProjections.filter((one) => one !== sales) });
    await reach(900n, ['balances']);
    await stopAll();
    const { states } = start(feed);
    feed.add(house.facts.slice(900));
    await reach(house.head);
    await eventually(() => states().every(({ state }) => state === 'following'), 'joined');
    await provesRight(feed);
  });

  it('let one join that is ahead of them by events that none of them wants', async () => {
    const last = house.facts[899] as Fact;
    const recorded = [901n, 902n].map((position) => ({
      ...last,
      ...{ type: 'DeliveriesAttempted', stream: 'deliveries-demo.sub_1', position },
    }));
    const memory = createMemoryFeed([...house.facts.slice(0, 900), ...recorded]);
    // A log tells of what it leaves out now and then, not each time.
    const feed: Feed = {
      head: memory.head,
      async *subscribe(options) {
        for await (const item of memory.subscribe(options))
          if (item.kind !== 'checkpoint') yield item;
      },
    };
    start(feed, { projections: allProjections.filter((one) => one !== sales) });
    await reach(900n, ['balances']);
    await stopAll();
    const { states } = start(feed);
    const following = () => states().filter(({ state }) => state === 'following').length;
    await eventually(() => following() === allProjections.length, 'joined');
    expect(new Set(Object.values(await positions()))).to.deep.equal(new Set([902n]));
  });

  it('show a difference when a table was changed by hand', async () => {
    const feed = createMemoryFeed(house.facts);
    start(feed);
    await reach(house.head);
    await house.pool.query(
      `update read.balances set active = active + 1 where user_id = (select min(user_id) from read.balances)`,
    );
    const { differences } = await verify({
      feed,
      pool: house.pool,
      projection: balances,
      signal: house.stopping.signal,
    });
    expect(
      differences.map(({ table, liveOnly, replayOnly }) => ({ table, liveOnly, replayOnly })),
    ).to.deep.equal([{ table: 'balances', liveOnly: 1, replayOnly: 1 }]);
  });
});
