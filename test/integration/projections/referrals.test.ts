/** The guide to referrals, sent request by request, with the worker beside it and the read model in a real PostgreSQL. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import request from 'supertest';
import type pg from 'pg';
import { referralRoutes } from '../../../api/admin/referrals.js';
import type { History } from '../../../api/audit/history.js';
import { referralRoutes as auditRoutes } from '../../../api/audit/referrals.js';
import { packageRoot } from '../../../platform/packageRoot.js';
import type { StreamName } from '../../../domain/stream.js';
import { fill } from '../../../projections/fill.js';
import { openProjection } from '../../../projections/open.js';
import { referrals } from '../../../projections/referrals/referrals.js';
import { balances } from '../../../projections/balances/balances.js';
import { settlement } from '../../../projections/settlement/settlement.js';
import { verify } from '../../../projections/verify.js';
import { createWaiting } from '../../../projections/waiting.js';
import { createReferralsWorker } from '../../../workers/referrals.js';
import { now } from '../../unit/api/testApi.js';
import { openTestShop, type TestShop } from '../../unit/api/testShop.js';
import { eventually } from '../../unit/workers/eventually.js';
import { type Database, type Server, startServer } from './database.js';

const guide = readFileSync(join(packageRoot, 'docs/guides/referrals.md'), 'utf8');
const steps =
  /```http\n(?<method>\w+) (?<path>\S+)\n(?<body>[\s\S]*?)```(?:\n```json\n(?<answer>[\s\S]*?)```)?/g;
const printedCode = '7QK3-MZ5T-0H8C-V2RN';

describe('the guide to referrals', () => {
  let server: Server;
  let database: Database;
  let pool: pg.Pool;
  let shop: TestShop;
  const stopping = new AbortController();
  const { signal } = stopping;
  const closings: (() => unknown)[] = [];
  const failures: unknown[] = [];

  before(async () => {
    server = await startServer();
    database = await server.database();
    pool = database.pool();
    const waiting = createWaiting({ pool });
    closings.push(() => waiting.close());
    shop = await openTestShop({
      withRoutes: (handler) => [
        ...referralRoutes({ handler, pool, waiting }),
        ...auditRoutes({ history }),
      ],
    });
    const worker = createReferralsWorker({
      ...{ feed: shop.log, handler: shop.handler, now: () => now },
      checkpoints: { load: async () => null, save: async () => undefined },
      onFailed: (error) => failures.push(error),
    });
    const running = worker.run(signal);
    closings.push(() => running);
  });
  after(async () => {
    stopping.abort();
    for (const close of closings) await close();
    await shop.close();
    await database.close();
    await server.stop();
    expect(failures).to.deep.equal([]);
  });

  const history: History = {
    stream: async (name, { from, limit }) => {
      const facts = await shop.log.read(name as StreamName, from ?? 0, limit);
      return { facts, next: facts.length < limit ? null : (from ?? 0) + limit };
    },
    search: async () => ({ facts: [], next: null, scanned: 0 }),
  };
  const count = (type: string) => shop.types().filter((one) => one === type).length;
  /** What the worker owes for the request that was sent. */
  const worked = () =>
    eventually(() => {
      const outcomes = count('ReferralRewarded') + count('ReferralRewardRefused');
      expect(outcomes).to.equal(2 * count('ReferralQualified'));
      expect(count('ReferralRewardTakenBack')).to.equal(2 * count('ReferralDisqualified'));
    });

  const fillReadModels = async () => {
    const targets = [];
    for (const projection of [referrals, balances, settlement]) {
      targets.push(await openProjection(pool, projection));
    }
    const until = { position: shop.log.facts.at(-1)?.position ?? 0n };
    let n = 0;
    const batchSize = () => 1 + ((n += 3) % 7);
    await fill({ feed: shop.log, pool, targets, until, batchSize, signal });
  };

  it('sends what it says, and is answered so', async () => {
    let code = '';
    let sent = 0;
    for (const { groups = {} } of guide.matchAll(steps)) {
      const { method = '', path = '', body = '', answer = '{}' } = groups;
      const admin = /^\/(admin|audit)/.test(path);
      if (path.startsWith('/admin/v1/referrals')) await fillReadModels();
      const call = request(shop.app)
        [method.toLowerCase() as 'get' | 'post' | 'put'](path)
        .set('authorization', `Bearer ${admin ? shop.owner : shop.tokens.till}`)
        .set('idempotency-key', randomUUID());
      const filled = body.replace(printedCode, code);
      const reply = await (body.trim() ? call.send(JSON.parse(filled) as object) : call);
      expect(reply.status, `${method} ${path}: ${reply.text}`).to.be.below(300);
      expect(reply.body).to.containSubset(JSON.parse(answer));
      code = (reply.body as { referralCode?: string }).referralCode ?? code;
      await worked();
      sent += 1;
    }
    expect(sent).to.equal(9);
  });

  it('leaves read models that are what a whole replay makes of the log', async () => {
    for (const projection of [referrals, balances, settlement]) {
      const { differences, rows } = await verify({ feed: shop.log, pool, projection, signal });
      expect(differences).to.deep.equal([]);
      expect(Object.keys(rows)).to.not.be.empty;
    }
    const { rows } = await pool.query<Record<string, unknown>>(
      `select sum(active + pending - deficit)::int as held, sum(earned_total)::int as earned,
         sum(clawed_back_total)::int as back from read.balances`,
    );
    expect(rows[0]).to.deep.equal({ held: 0, earned: 2_500 + 500 + 300, back: 3_300 });
  });

  it('opens the list to readers of the programme alone', async () => {
    await request(shop.app)
      .get('/admin/v1/referrals')
      .set('authorization', `Bearer ${shop.tokens.till}`)
      .expect(403);
    await request(shop.app)
      .get('/admin/v1/referrals?after=junk')
      .set('authorization', `Bearer ${shop.owner}`)
      .expect(400);
    const page = await request(shop.app)
      .get('/admin/v1/referrals?status=qualified&limit=1')
      .set('authorization', `Bearer ${shop.owner}`)
      .expect(200);
    expect(page.body).to.deep.include({ items: [], next: null });
  });
});
