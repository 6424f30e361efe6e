/** Which tier everybody has and had, in a real PostgreSQL: histories of the real judge, told in batches of any size. */
import { expect } from 'chai';
import type { Express } from 'express';
import type pg from 'pg';
import request from 'supertest';
import { tierDistributionRoutes } from '../../../api/admin/tierDistribution.js';
import { registerOperator } from '../../../commands/registry/registerOperator.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { setTierScheme } from '../../../commands/tier/setTierScheme.js';
import type { AccountEvent } from '../../../domain/account/events.js';
import { accountStream } from '../../../domain/account/account.js';
import { gsrn } from '../../../domain/gsrn.js';
import type { OperatorId, PurchaseId } from '../../../domain/ids.js';
import type { Role } from '../../../domain/operator/operator.js';
import { dayMs, dayOf } from '../../../domain/tier/figures.js';
import { judgePurchase, judgeReturn, settleTier } from '../../../domain/tier/judge.js';
import type { TierScheme } from '../../../domain/tier/scheme.js';
import { initialStanding, type Standing } from '../../../domain/tier/standing.js';
import { fill } from '../../../projections/fill.js';
import { openProjection } from '../../../projections/open.js';
import type { Page } from '../../../projections/pages.js';
import { tierDays, tierMembers, tierSizes } from '../../../projections/tiers/queries.js';
import { tiers } from '../../../projections/tiers/tiers.js';
import { verify } from '../../../projections/verify.js';
import { createWaiting } from '../../../projections/waiting.js';
import { operatorToken, testApi } from '../../unit/api/testApi.js';
import { demo, openHouse } from '../../unit/commands/house.js';
import { createMemoryFeed } from '../../unit/projections/memoryFeed.js';
import { recorder, start } from '../../unit/projections/simulation.js';
import { type Database, type Server, startServer } from './database.js';

const scheme: TierScheme = {
  basis: 'spent',
  window: { kind: 'days', days: 20 },
  levels: [
    { name: 'silver', from: 500 },
    { name: 'gold', from: 1_500 },
  ],
  graceDays: 5,
  downgrade: 'oneLevel',
};
const current = { version: 1, scheme };

interface Customer {
  readonly userId: string;
  standing: Standing;
  open: boolean;
  readonly bought: { day: number; spent: number; earned: number }[];
}

const seeded = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return below < 1 ? 0 : (state >>> 8) % below;
  };
};

/** Facts, and how many had each tier at the end of each day, as the judge has it. */
const tell = () => {
  const draw = seeded(5);
  const { facts, append } = recorder();
  const customers: Customer[] = [];
  const ends = new Map<string, Record<string, number>>();
  let now = start;
  const record = (of: Customer, events: readonly AccountEvent[], at = now): void => {
    append(accountStream(demo, of.userId as never), events, at, now);
  };
  const purchaseId = 'p' as PurchaseId;
  for (let step = 0; step < 1_000; step += 1) {
    now += draw(4 * 3_600_000);
    const one = customers[draw(customers.length)];
    const dice = draw(100);
    if (!one || (dice < 9 && customers.length < 60)) {
      const userId = gsrn('8018000010', BigInt(customers.length + 1));
      const joined: Customer = { userId, standing: initialStanding, open: true, bought: [] };
      customers.push(joined);
      const data = { userId, person: 'x', phoneHash: null, emailHash: null, merchantId: null };
      record(joined, [{ type: 'CustomerEnrolled', data }]);
    } else if (one.open && dice < 11) {
      one.open = false;
      record(one, [{ type: 'AccountClosed', data: { reason: 'left', forfeited: 0 } }]);
      if (draw(2)) record(one, [{ type: 'PersonErased', data: { reason: 'asked' } }]);
    } else if (one.open) {
      const settled = settleTier(one.standing, current, now);
      const given = dice < 30 ? one.bought.pop() : undefined;
      // Now and then a receipt comes days late: it counts on its own day, and is judged today.
      const at = now - (dice > 90 ? draw(15) * dayMs : 0);
      const figures = given ?? { day: dayOf(at), spent: draw(2) * draw(900), earned: 0 };
      const judged = given
        ? judgeReturn(settled.standing, current, { purchaseId, cause: 'r', now, ...figures })
        : judgePurchase(settled.standing, current, { purchaseId, now, ...figures });
      if (!given) one.bought.push(figures);
      one.standing = judged.standing;
      record(one, [...settled.events, ...judged.events], at);
    }
    const sizes: Record<string, number> = {};
    for (const { open, standing } of customers) {
      if (open) sizes[standing.level ?? ''] = (sizes[standing.level ?? ''] ?? 0) + 1;
    }
    ends.set(new Date(now).toISOString().slice(0, 10), sizes);
  }
  return { facts, customers, ends, end: now };
};

const all = async <Row>(read: (after: string | null) => Promise<Page<Row>>): Promise<Row[]> => {
  const rows: Row[] = [];
  for (let after: string | null = null; ;) {
    const page: Page<Row> = await read(after);
    rows.push(...page.rows);
    if (page.next === null) return rows;
    after = page.next;
  }
};

describe('the tiers of customers', function () {
  this.timeout(120_000);
  const { facts, customers, ends, end } = tell();
  const feed = createMemoryFeed(facts);
  const signal = new AbortController().signal;
  let server: Server;
  let database: Database;
  let pool: pg.Pool;

  before(async () => {
    server = await startServer();
    database = await server.database();
    pool = database.pool();
    const targets = [await openProjection(pool, tiers)];
    let n = 0;
    const batchSize = () => 1 + ((n += 7) % 50);
    const until = { position: facts.at(-1)?.position ?? 0n };
    await fill({ feed, pool, targets, until, batchSize, signal });
  });
  after(async () => {
    await database.close();
    await server.stop();
  });

  const sizesNow = async () =>
    Object.fromEntries(
      (await tierSizes(pool, demo)).map(({ tier, members }) => [tier ?? '', members]),
    );
  const question = { tenant: demo as string, tier: undefined, from: null, to: null };

  it('are those that the judge gave, and nobody’s where the account is closed', async () => {
    const expected = customers
      .filter(({ open }) => open)
      .map(({ userId, standing }) => ({
        ...{ userId, tier: standing.level, reviewAt: standing.until },
      }));
    const read = (tier?: string | null) =>
      all((after) => tierMembers(pool, { tenant: demo, tier, limit: 7, after }));
    const members = (await read()).map(({ since: _since, ...rest }) => rest);
    expect(members).to.deep.equal(expected);
    for (const tier of [null, 'silver', 'gold']) {
      const some = (await read(tier)).map(({ userId }) => userId as string);
      const own = expected.filter((one) => one.tier === tier).map(({ userId }) => userId);
      expect(some, `${tier}`).to.deep.equal(own).and.not.to.be.empty;
    }
    const last = [...ends.values()].at(-1);
    expect(await sizesNow()).to.deep.include(last as object);
  });

  it('were as many at the end of each day as there were then', async () => {
    const days = await all((after) => tierDays(pool, { ...question, limit: 9, after }));
    expect(days.length).to.be.greaterThan(60);
    const oldestFirst = [...days].reverse();
    const sizes: Record<string, number> = {};
    for (const [day, expected] of [...ends].sort()) {
      for (const one of oldestFirst.filter((row) => row.day === day)) {
        sizes[one.tier ?? ''] = one.members;
      }
      const some = Object.fromEntries(Object.entries(sizes).filter(([, members]) => members > 0));
      expect(some, day).to.deep.equal(expected);
    }
    const [{ day } = { day: '' }] = days;
    const gold = await tierDays(pool, { ...question, tier: 'gold', from: day, limit: 100 });
    expect(gold.rows).to.deep.equal(days.filter((row) => row.tier === 'gold' && row.day === day));
    const other = { ...question, tenant: 'other', limit: 10 };
    expect((await tierDays(pool, other)).rows).to.deep.equal([]);
  });

  it('are exactly what a whole replay makes of the log', async () => {
    const { differences, rows } = await verify({ feed, pool, projection: tiers, signal });
    expect(differences).to.deep.equal([]);
    expect(Math.min(...Object.values(rows))).to.be.greaterThan(10);
  });

  describe('by request', () => {
    let app: Express;
    let close: () => Promise<void>;

    before(async () => {
      const house = openHouse(() => end);
      const { handler, directory } = house;
      const named = { name: 'Demo', currency: 'GBP', gsrnPrefix: '8018000010' };
      await handler.handle(registerTenant, named, house.context());
      const password = 'a long enough password';
      for (const role of ['manager', 'analyst', 'auditor', 'cashier'] as const satisfies Role[]) {
        const operator = { operatorId: role as string as OperatorId, name: role, password };
        await handler.handle(registerOperator, { ...operator, roles: [role] }, house.context());
      }
      const levels = [...scheme.levels, { name: 'platinum', from: 9_000 }];
      await handler.handle(setTierScheme, { scheme: { ...scheme, levels } }, house.context());
      await directory.waitFor(BigInt(house.log.facts.length), 2_000);
      const waiting = createWaiting({ pool });
      const opened = testApi(tierDistributionRoutes({ handler, pool, waiting }), {
        ...{ directory, now: () => end },
      });
      app = opened.app;
      close = async () => {
        opened.close();
        waiting.close();
        await house.close();
      };
    });
    after(() => close());

    const get = (login: string, path: string) =>
      request(app)
        .get(`/admin/v1/tier-distribution${path}`)
        .set('authorization', `Bearer ${operatorToken(demo, login, end + 60_000)}`);

    it('are counted by level, also those that nobody has', async () => {
      const { body } = await get('analyst', '').expect(200);
      const sizes = await sizesNow();
      expect(body).to.deep.equal({
        schemeVersion: 1,
        customers: customers.filter(({ open }) => open).length,
        items: [
          { tier: null, members: sizes[''] },
          { tier: 'silver', members: sizes['silver'] },
          { tier: 'gold', members: sizes['gold'] },
          { tier: 'platinum', members: 0 },
        ],
      });
      for (const login of ['manager', 'auditor']) await get(login, '').expect(200);
      await get('cashier', '').expect(403);
    });

    it('are listed by day and by customer, a page at a time', async () => {
      const first = await get('manager', '/days?limit=2&tier=silver').expect(200);
      expect(first.body.items).to.have.length(2);
      const { next } = first.body as { next: string };
      const then = await get('manager', `/days?limit=2&tier=silver&after=${next}`).expect(200);
      const days = [...first.body.items, ...then.body.items] as { day: string }[];
      expect(new Set(days.map(({ day }) => day)).size).to.equal(4);
      await get('manager', '/days?after=junk').expect(400);
      const none = await get('auditor', '/customers?tier=&limit=1').expect(200);
      expect(none.body.items[0]).to.include({ tier: null, reviewAt: null });
      await get('cashier', '/customers').expect(403);
    });
  });
});
