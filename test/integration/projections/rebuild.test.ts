/** Read models built anew from the log in a real PostgreSQL: new versions, rebuilds and replays, beside those that answer. */
import { expect } from 'chai';
import { allProjections } from '../../../projections/all.js';
import { balances } from '../../../projections/balances/balances.js';
import { readCheckpoints } from '../../../projections/checkpoints.js';
import type { Projection } from '../../../projections/projection.js';
import { cleanUp, rebuild } from '../../../projections/rebuild.js';
import { dropReplay, listReplays, replay } from '../../../projections/replay.js';
import { sales } from '../../../projections/sales/sales.js';
import { createMemoryFeed, type MemoryFeed } from '../../unit/projections/memoryFeed.js';
import { simulate } from '../../unit/projections/simulation.js';
import { eventually } from './database.js';
import { readModels } from './readModels.js';

describe('read models built anew in PostgreSQL', function () {
  this.timeout(120_000);
  const { house, start, stopAll, reach, provesRight, agreesWithTheDomain } = readModels();

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
      const feed = createMemoryFeed(house.facts.slice(0, 600));
      start(feed);
      await reach(600n);
      await stopAll();

      const rows = async () =>
        (await house.pool.query<{ n: number }>('select count(*)::int as n from read.ledger'))
          .rows[0]?.n;
      const before = await rows();
      const seen = new Set<number | undefined>();
      let watching = true;
      const watch = (async () => {
        while (watching) seen.add(await rows());
      })();
      feed.add(house.facts.slice(600));
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
      const { rows: columns } = await house.pool.query(
        'select remark, note from read.ledger limit 1',
      );
      expect(columns).to.have.length(1);
      const statuses = (await readCheckpoints(house.pool)).filter(
        (c) => c.projection === 'balances',
      );
      expect(statuses.map(({ version, status }) => [version, status])).to.deep.equal([
        [1, 'retired'],
        [2, 'live'],
      ]);
      await agreesWithTheDomain();
      expect(await cleanUp(house.pool, projections)).to.deep.equal(['balances_v1']);
    });
  });

  describe('a rebuild', () => {
    it('takes the place of the live tables while facts arrive, and the runner goes on in them', async () => {
      const feed = createMemoryFeed(house.facts.slice(0, 700));
      const { states } = start(feed);
      await reach(700n);
      await house.pool.query('delete from read.ledger'); // damage
      let next = 700;
      const arriving = setInterval(() => {
        feed.add(house.facts.slice(next, next + 5));
        next += 5;
      }, 4);
      const progress: number[] = [];
      try {
        await rebuild({
          feed,
          pool: house.database.pool(),
          projection: balances,
          signal: house.stopping.signal,
          onProgress: ({ fraction }) => progress.push(fraction),
        });
        await eventually(() => next >= house.facts.length, 'all facts');
      } finally {
        clearInterval(arriving);
      }
      expect(progress.at(-1)).to.equal(1);
      await reach(house.head);
      await eventually(() => states().every(({ state }) => state === 'following'), 'all together');
      await agreesWithTheDomain();
      await provesRight(feed);
      expect(await cleanUp(house.pool, allProjections)).to.deep.equal(['balances_v1_replaced']);
    });

    it('begins its swap again where it and a reader wait for each other', async () => {
      const feed = createMemoryFeed(house.facts);
      start(feed);
      await reach(house.head);
      const reader = await house.database.pool().connect();
      // Who has waited for that long looks whether it can ever end, and gives way: here the swap, also where the machine stands still for a second.
      await reader.query(
        `do $$ begin execute format('alter database %I set deadlock_timeout = ''4s''', current_database()); end $$`,
      );
      await reader.query(`set deadlock_timeout = '1min'`);
      await reader.query('begin');
      await reader.query('select from read.ledger limit 1');
      const rebuilding = rebuild({
        feed,
        pool: house.database.pool(),
        projection: balances,
        signal: house.stopping.signal,
      });
      await eventually(async () => {
        const { rowCount } = await house.pool.query(
          `select from pg_locks where relation = 'read.ledger'::regclass and not granted`,
        );
        return rowCount === 1;
      }, 'the swap waits for the reader');
      // Its views are taken in the order of their names' list: it has this one by now.
      await reader.query('select from read.balances limit 1');
      await reader.query('commit');
      reader.release();
      await rebuilding;
      await reach(house.head);
      await provesRight(feed);
      expect(await cleanUp(house.pool, allProjections)).to.deep.equal(['balances_v1_replaced']);
    });

    it('can be cancelled and leaves the live one as it was', async () => {
      const feed = createMemoryFeed(house.facts);
      start(feed);
      await reach(house.head);
      const cancelled = new AbortController();
      await rebuild({
        feed,
        pool: house.pool,
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
      for (const { type, data } of house.facts.slice(0, n)) {
        if (type === 'PurchaseConfirmed') net.set('receipts', (net.get('receipts') ?? 0) + 1);
        if (type === 'CustomerEnrolled') net.set('customers', (net.get('customers') ?? 0) + 1);
        void data;
      }
      return net;
    };
    const count = async (schema: string): Promise<number> =>
      (
        await house.pool.query<{ n: number }>(
          `select coalesce(sum(purchases), 0)::int as n from ${schema}.balances`,
        )
      ).rows[0]?.n ?? -1;
    const cancellations = (n: number) =>
      house.facts.slice(0, n).filter(({ type }) => type === 'PurchaseCancelled').length;

    it('stops at a position, in a schema of its own, and touches nothing live', async () => {
      const feed = createMemoryFeed(house.facts);
      start(feed);
      await reach(house.head);
      const { schema, tables } = await replay({
        feed,
        pool: house.pool,
        projection: balances,
        until: { position: 450n },
        signal: house.stopping.signal,
      });
      expect(schema).to.equal('replay_balances_1');
      expect(tables).to.deep.equal(['balances', 'ledger', 'lots']);
      expect(await count(schema)).to.equal((prefix(450).get('receipts') ?? 0) - cancellations(450));
      const replays = await listReplays(house.pool);
      expect(
        replays.map(({ projection, position, status }) => [projection, position, status]),
      ).to.deep.equal([['replay_balances_1', 450n, 'replayed']]);
      await agreesWithTheDomain();
      await dropReplay(house.pool, schema);
      expect(await listReplays(house.pool)).to.deep.equal([]);
    });

    it('stops at a time', async () => {
      const at = house.facts[500]?.recordedAt ?? 0;
      const known = house.facts.filter(({ recordedAt }) => recordedAt <= at).length;
      const { schema } = await replay({
        feed: createMemoryFeed(house.facts),
        pool: house.pool,
        projection: balances,
        until: { recordedAt: at },
        signal: house.stopping.signal,
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
      const options = { feed: many, pool: house.pool, projection: balances };
      await replay({
        ...options,
        signal: cancelled.signal,
        onProgress: () => cancelled.abort(),
      }).then(
        () => expect.fail('it was cancelled'),
        () => undefined,
      );
      const [stopped] = await listReplays(house.pool);
      expect(stopped?.status).to.equal('cancelled');
      expect((stopped?.position ?? 0n) > 0n).to.equal(true);
      expect((stopped?.position ?? 0n) < ((await many.head()) ?? 0n)).to.equal(true);
      const { schema } = await replay({
        ...options,
        signal: house.stopping.signal,
        resume: 'replay_balances_1',
      });
      const whole = await replay({ ...options, signal: house.stopping.signal });
      for (const table of ['balances', 'ledger', 'lots']) {
        const { rows } = await house.pool.query(
          `select * from ${schema}.${table} except select * from ${whole.schema}.${table}`,
        );
        expect(rows).to.deep.equal([]);
      }
      expect(await count(schema)).to.equal(await count(whole.schema));
    });
  });
});
