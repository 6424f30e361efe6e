/** Questions to read models in a real PostgreSQL, waiting for them, and where they stand. */
import { expect } from 'chai';
import { firstValueFrom, skip } from 'rxjs';
import type pg from 'pg';
import { balanceOf as folded } from '../../../domain/account/points.js';
import { allProjections } from '../../../projections/all.js';
import { balanceOf, imbalances, ledgerOf, lotsOf } from '../../../projections/balances/queries.js';
import { dueAccounts } from '../../../projections/balances/dueAccounts.js';
import {
  cardsOf,
  findCard,
  findCustomer,
  listCustomers,
} from '../../../projections/customers/queries.js';
import { fill } from '../../../projections/fill.js';
import { openProjection } from '../../../projections/open.js';
import { BadCursor, type Page } from '../../../projections/pages.js';
import {
  findPurchases,
  listPurchases,
  purchaseDetail,
} from '../../../projections/purchases/queries.js';
import { startProjections } from '../../../projections/runner.js';
import { readDailySales, readSalesTotals } from '../../../projections/sales/totals.js';
import { readStatus, watchStatus } from '../../../projections/status.js';
import { listRegister, listRules } from '../../../projections/tills/queries.js';
import { createWaiting, ProjectionBehind } from '../../../projections/waiting.js';
import { createMemoryFeed } from '../../unit/projections/memoryFeed.js';
import { recorder, register, simulate, start, tenant } from '../../unit/projections/simulation.js';
import { type Database, quiet, type Server, startServer } from './database.js';

const all = async <Row>(read: (after: string | null) => Promise<Page<Row>>): Promise<Row[]> => {
  const rows: Row[] = [];
  for (let after: string | null = null; ;) {
    const page: Page<Row> = await read(after);
    rows.push(...page.rows);
    if (page.next === null) return rows;
    after = page.next;
  }
};

describe('questions to the read models', function () {
  this.timeout(120_000);
  const { facts, accounts } = simulate({ seed: 11, customers: 8, steps: 600 });
  const head = facts.at(-1)?.position ?? 0n;
  const [userId, account] = [...accounts].find(([, { status }]) => status === 'open') ?? [];
  if (userId === undefined || account === undefined) throw new Error('nobody is left');
  const signal = new AbortController().signal;
  let server: Server;
  let database: Database;
  let pool: pg.Pool;

  before(async () => {
    server = await startServer();
    database = await server.database();
    pool = database.pool();
    const targets = [];
    for (const projection of allProjections) targets.push(await openProjection(pool, projection));
    await fill({ feed: createMemoryFeed(facts), pool, targets, until: { position: head }, signal });
  });
  after(async () => {
    await database.close();
    await server.stop();
  });

  it('answer with the balance, the lots that make it, and the ledger that led to it', async () => {
    const balance = await balanceOf(pool, { tenant, userId });
    expect(balance).to.deep.include(folded(account.points));
    const lots = await lotsOf(pool, { tenant, userId, limit: 1_000 });
    const { active, pending } = account.points;
    expect(
      lots.filter(({ activated }) => activated).map(({ lotId, remaining }) => [lotId, remaining]),
    ).to.deep.equal(active.map(({ lotId, points }) => [lotId, points]));
    expect(lots).to.have.length(active.length + pending.length);
    const ledger = await all((after) => ledgerOf(pool, { tenant, userId, limit: 7, after }));
    const net = ledger.reduce((sum, { points }) => sum + points, 0);
    expect(net).to.equal(
      (balance?.active ?? 0) + (balance?.pending ?? 0) - (balance?.deficit ?? 0),
    );
    expect(ledger.map(({ revision }) => revision)).to.deep.equal(
      ledger.map(({ revision }) => revision).sort((a, b) => b - a),
    );
    expect(await imbalances(pool, 10)).to.deep.equal([]);
    expect(await balanceOf(pool, { tenant, userId: 'nobody' })).to.equal(null);
  });

  it('list the accounts of which something is due, the longest due first', async () => {
    const far = start + 400 * 86_400_000;
    const due = await dueAccounts(pool, far, 100);
    const expected = [...accounts]
      .filter(([, { points }]) =>
        [...points.active, ...points.pending].some((lot) => (lot.expiresAt ?? Infinity) <= far),
      )
      .map(([user]) => user as string)
      .sort();
    expect(due.map((one) => one.userId).sort()).to.deep.equal(expected);
    const dues = due.map((one) => {
      const points = accounts.get(one.userId)?.points;
      const wakes = points?.pending.map(({ activatesAt }) => activatesAt) ?? [];
      const dies = [...(points?.active ?? []), ...(points?.pending ?? [])].map(
        ({ expiresAt }) => expiresAt ?? Infinity,
      );
      return Math.min(...wakes, ...dies);
    });
    expect(dues).to.deep.equal([...dues].sort((a, b) => a - b));
    expect(await dueAccounts(pool, start - 1, 100)).to.deep.equal([]);
    expect(await dueAccounts(pool, far, 2)).to.have.length(2);
  });

  it('page through purchases by customer, by till and by time, each once', async () => {
    const confirmed = facts.filter(({ type }) => type.endsWith('PurchaseConfirmed'));
    const everything = await all((after) => listPurchases(pool, { tenant, limit: 50, after }));
    expect(everything.map(({ position }) => position).sort()).to.deep.equal(
      confirmed.map(({ position }) => position).sort(),
    );
    const times = everything.map(({ occurredAt }) => occurredAt);
    expect(times).to.deep.equal([...times].sort((a, b) => b - a));
    const mine = await all((after) => listPurchases(pool, { tenant, userId, limit: 3, after }));
    expect(mine.map(({ purchaseId }) => purchaseId).sort()).to.deep.equal(
      [...account.purchases.keys()].sort(),
    );
    const middle = times[Math.floor(times.length / 2)] ?? 0;
    const late = await all((after) =>
      listPurchases(pool, { tenant, from: middle, limit: 50, after }),
    );
    const early = await all((after) =>
      listPurchases(pool, { tenant, to: middle, limit: 50, after }),
    );
    expect(late.length + early.length).to.equal(everything.length);
    const atTill = await all((after) =>
      listPurchases(pool, { tenant, tillId: 'till1', limit: 80, after }),
    );
    expect(atTill).to.have.length(everything.length);
    const refused = await listPurchases(pool, { tenant, limit: 5, after: 'junk' }).catch(
      (e: unknown) => e,
    );
    expect(refused).to.be.instanceOf(BadCursor);
  });

  it('tell a purchase with its lines, its returns, and why', async () => {
    const returned = facts.find(({ type }) => type === 'PurchaseReturned');
    const data = returned?.data as {
      purchaseId: string;
      returnId: string;
      amount: number;
      lines: [];
    };
    const owner = returned?.stream.split('.')[1] ?? '';
    const detail = await purchaseDetail(pool, {
      tenant,
      purchaseId: data.purchaseId,
      userId: owner,
    });
    expect(detail?.purchase.status).to.be.oneOf(['partlyReturned', 'returned', 'cancelled']);
    expect(detail?.purchase.why.length).to.be.greaterThan(0);
    expect(detail?.lines.length).to.equal(detail?.purchase.lineCount);
    expect(detail?.returns).to.containSubset([{ returnId: data.returnId, amount: data.amount }]);
    const back = detail?.lines.reduce((sum, { returnedAmount }) => sum + returnedAmount, 0);
    expect(back).to.equal(detail?.purchase.returnedAmount);
    const anonymous = facts.find(({ type }) => type === 'AnonymousPurchaseConfirmed');
    const { purchaseId } = anonymous?.data as { purchaseId: string };
    expect(await findPurchases(pool, { tenant, purchaseId, tillId: 'till1' })).to.containSubset([
      { purchaseId, userId: null, offline: false },
    ]);
    expect(await purchaseDetail(pool, { tenant, purchaseId: 'none' })).to.equal(null);
  });

  it('find a customer by number, card and hash, and nothing of a person that was erased', async () => {
    const found = await findCustomer(pool, tenant, { userId });
    expect(found).to.include({ status: 'active', userId });
    const byPhone = await findCustomer(pool, tenant, { phoneHash: found?.phoneHash ?? '' });
    expect(byPhone?.userId).to.equal(userId);
    const [card] = await cardsOf(pool, tenant, userId);
    expect((await findCard(pool, tenant, card?.cardNumber ?? ''))?.userId).to.equal(userId);
    expect(await findCustomer(pool, 'other', { userId })).to.equal(null);
    const listed = await all((after) => listCustomers(pool, { tenant, limit: 3, after }));
    expect(listed.map((one) => one.userId)).to.deep.equal([...accounts.keys()].sort());
    for (const one of listed.filter(({ status }) => status === 'erased')) {
      expect(one).to.include({ person: null, phoneHash: null, emailHash: null });
    }
  });

  it('list the register, with whatever characters names are made of', async () => {
    const page = { tenant, limit: 10 };
    expect((await listRegister(pool, 'tills', page)).rows).to.containSubset([
      { tillId: 'till1', name: 'Till, 1 {left}', status: 'active', merchantId: 1 },
    ]);
    expect((await listRegister(pool, 'merchants', page)).rows).to.containSubset([
      { name: 'Corner "shop"' },
    ]);
    expect((await listRegister(pool, 'pointsOfSale', page)).rows).to.containSubset([
      { name: 'High\\Street' },
    ]);
    expect((await listRegister(pool, 'products', page)).rows).to.containSubset([
      { name: 'NULL', price: 199, category: null },
    ]);
    expect((await listRegister(pool, 'operators', page)).rows).to.containSubset([
      { operatorId: 'owner', roles: ['owner', 'analyst'] },
    ]);
    expect((await listRegister(pool, 'tills', { ...page, merchantId: 2 })).rows).to.deep.equal([]);
    expect(await listRules(pool, tenant)).to.containSubset([
      { version: 1, rule: { currency: 'GBP' } },
    ]);
  });

  it('remember revocations and delistings, each with its reason', async () => {
    const other = await server.database();
    const db = other.pool();
    const { facts: told, append } = recorder();
    register(append);
    append('till-demo.till1', [{ type: 'TillRevoked', data: { reason: "it's stolen" } }], start);
    append(
      'operator-demo.owner',
      [{ type: 'OperatorPasswordChanged', data: { passwordHash: 'x' } }],
      start + 1_000,
    );
    append('product-demo.SKU', [{ type: 'ProductDelisted', data: { reason: 'sold out' } }], start);
    const targets = [await openProjection(db, allProjections[3] as never)];
    // One fact at a time: each finds its row in the table and not in its batch.
    await fill({
      feed: createMemoryFeed(told),
      pool: db,
      targets,
      until: { position: told.at(-1)?.position ?? 0n },
      batchSize: () => 1,
      signal,
    });
    const page = { tenant, limit: 10 };
    expect((await listRegister(db, 'tills', page)).rows).to.containSubset([
      { status: 'revoked', revokedBecause: "it's stolen", revokedAt: start },
    ]);
    expect((await listRegister(db, 'operators', page)).rows[0]?.passwordChangedAt).to.equal(
      start + 1_000,
    );
    expect((await listRegister(db, 'products', page)).rows).to.containSubset([
      { name: 'NULL', status: 'delisted', delistedBecause: 'sold out' },
    ]);
    await other.close();
  });

  it('sum up sales by day and by merchant', async () => {
    const every = { tenant, merchantId: null, from: null, to: null };
    const days = await readDailySales(pool, every, { limit: 1_000, offset: 0 });
    const total = await readSalesTotals(pool, every);
    const gross = days.reduce((sum, day) => sum + day.gross, 0);
    expect(total.gross).to.equal(gross);
    expect(total.net).to.equal(gross - total.returned);
    expect([total.discount, total.returnedDiscount]).to.deep.equal([0, 0]);
    const day = days[2]?.day ?? '';
    const one = await readDailySales(
      pool,
      { ...every, merchantId: 1, from: day, to: day },
      { limit: 10, offset: 0 },
    );
    expect(one).to.deep.equal([days[2]]);
    const other = { ...every, tenant: 'other' as typeof tenant };
    expect((await readSalesTotals(pool, other)).receipts).to.equal(0);
  });

  describe("waiting for one's own write", () => {
    it('ends when the read model has it, in this process and in another', async () => {
      const other = await server.database();
      const stopping = new AbortController();
      const feed = createMemoryFeed(facts.slice(0, 100));
      const running = startProjections({
        feed,
        pool: other.pool(),
        logger: quiet,
        signal: stopping.signal,
      });
      const here = createWaiting({ pool: other.pool(), advanced: running.advanced });
      const elsewhere = createWaiting({ pool: other.pool() });
      await Promise.all([
        here.waitFor('balances', 100n, 10_000),
        elsewhere.waitFor('sales', 100n, 10_000),
      ]);
      const waits = [
        here.waitFor('balances', 150n, 10_000),
        elsewhere.waitFor('balances', 150n, 10_000),
        elsewhere.waitFor('purchases', 150n, 10_000),
      ];
      feed.add(facts.slice(100, 150));
      await Promise.all(waits);
      const late = await elsewhere.waitFor('balances', 151n, 60).catch((error: unknown) => error);
      expect(late).to.be.instanceOf(ProjectionBehind);
      expect(late).to.include({ projection: 'balances', position: 151n, deadlineMs: 60 });
      here.close();
      elsewhere.close();
      stopping.abort();
      await running.stopped;
      await other.close();
    });
  });

  describe('where they stand', () => {
    it('is told with the lag in events and in seconds, and with rates from the second look on', async () => {
      const more = simulate({ seed: 11, customers: 8, steps: 700 }).facts;
      const feed = createMemoryFeed(more);
      const end = more.at(-1)?.position ?? 0n;
      const oldest = more.find(({ position }) => position > head)?.recordedAt ?? 0;
      const options = { feed, pool, now: () => oldest + 5_000 };
      const status = await readStatus(options);
      expect(status.map(({ projection }) => projection).sort()).to.deep.equal(
        allProjections.map(({ name }) => name).sort(),
      );
      const of = (name: string) => status.find(({ projection }) => projection === name);
      expect(of('tills')).to.include({
        position: head,
        head: end,
        behind: 0n,
        secondsBehind: 0,
      });
      expect(of('balances')?.secondsBehind).to.be.within(0, 5);
      expect(of('balances')).to.include({ status: 'live', lastError: null, eventsPerSecond: null });
      const second = await firstValueFrom(watchStatus(options, 20).pipe(skip(1)));
      expect(second.map(({ eventsPerSecond }) => eventsPerSecond)).to.deep.equal(
        allProjections.map(() => 0),
      );
    });
  });
});
