import { randomUUID } from 'node:crypto';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { Express } from 'express';
import request from 'supertest';
import { adminRoutes, type AdminOptions } from '../../../api/admin/routes.js';
import { couponRoutes } from '../../../api/pos/coupons.js';
import type { PosServices } from '../../../api/pos/services.js';
import { createGrantRuns } from '../../../api/admin/grantRuns.js';
import type { History } from '../../../api/audit/history.js';
import { spendCoupon } from '../../../commands/coupon/settleUse.js';
import { createEnrolCustomer } from '../../../commands/customer/enrolCustomer.js';
import { createPersonalData } from '../../../commands/personalData.js';
import { defineSegment } from '../../../commands/segment/defineSegment.js';
import { registerOperator } from '../../../commands/registry/registerOperator.js';
import { printed } from '../../../domain/coupon/codes.js';
import { couponStream } from '../../../domain/coupon/coupon.js';
import type { CouponCode } from '../../../domain/coupon/ids.js';
import { gsrn } from '../../../domain/gsrn.js';
import type { MerchantId, OperatorId, PurchaseId, UserId } from '../../../domain/ids.js';
import type { SegmentId } from '../../../domain/segment/definition.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { eventually } from '../workers/eventually.js';
import type { Role } from '../../../domain/operator/operator.js';
import { operatorToken, testApi } from '../api/testApi.js';
import { demo } from '../commands/house.js';
import { openShop, type Shop } from '../commands/account/shop.js';

const series = '/admin/v1/coupon-series';

describe('coupons at the console', () => {
  let shop: Shop;
  let app: Express;
  let close: () => void;
  let members: UserId[] = [];
  const failures: unknown[] = [];

  before(async () => {
    shop = await openShop();
    const { handler, directory, log } = shop;
    const history: Pick<History, 'stream'> = {
      stream: async (name) => ({
        facts: (await log.read(name, 0, 100)).reverse(),
        next: null,
      }),
    };
    const options = {
      ...{ handler, homeTenant: demo, history },
      grantRuns: createGrantRuns(shop.now, (_run, error) => failures.push(error)),
      segmentMembers: () => async (after: string | null) => {
        const begin = after === null ? 0 : Number(after);
        const userIds = members.slice(begin, begin + 3);
        return { userIds, next: begin + 3 < members.length ? String(begin + 3) : null };
      },
    } as unknown as AdminOptions;
    const routes = [...adminRoutes(options), ...couponRoutes({ handler } as PosServices)];
    ({ app, close } = testApi(routes, { directory, now: shop.now }));
    const operator = (id: string, role: Role, merchantId?: MerchantId) =>
      handler.handle(
        registerOperator,
        {
          ...{ operatorId: id as OperatorId, name: id, password: 'a long enough password' },
          ...{ roles: [role], ...(merchantId === undefined ? {} : { merchantId }) },
        },
        shop.context(),
      );
    await operator('manager', 'manager');
    await operator('analyst', 'analyst');
    await operator('bound', 'manager', 1 as MerchantId);
  });
  after(async () => {
    close();
    await shop.close();
  });

  const send = (method: 'get' | 'post', path: string, body?: object, login = 'manager') => {
    const token = operatorToken(demo, login, shop.now() + 60_000);
    const call = request(app)
      [method](path)
      .set('authorization', `Bearer ${token}`)
      .set('idempotency-key', randomUUID());
    return body === undefined ? call : call.send(body);
  };
  const open = (seriesId: string, more: object = {}) =>
    send('post', series, { seriesId, name: seriesId, kind: 'singleUse', ...more }).expect(201);
  const issue = (seriesId: string, count: number) =>
    send('post', `${series}/${seriesId}/codes`, { count }).expect(201);
  const linesOf = (text: string) => text.trimEnd().split('\r\n');

  it('opens a series, shows it, and lists it', async () => {
    const terms = { validUntil: '2030-01-01T00:00:00Z', codesMost: 50 };
    const { body } = await open('welcome', { terms });
    expect(body).to.deep.include({ seriesId: 'welcome', status: 'open', issued: 0, word: null });
    expect(body.terms).to.include({ validUntil: '2030-01-01T00:00:00.000Z', codesMost: 50 });
    const again = { seriesId: 'welcome', name: 'welcome', kind: 'singleUse', terms };
    expect((await send('post', series, again).expect(200)).body).to.deep.equal(body);
    expect((await send('get', `${series}/welcome`).expect(200)).body).to.deep.equal(body);
    const list = await send('get', series, undefined, 'analyst').expect(200);
    expect(list.body.items.map((one: { seriesId: string }) => one.seriesId)).to.include('welcome');
    expect((await send('get', `${series}/nosuch`).expect(404)).body.code).to.equal(
      'series-not-found',
    );
  });

  it('is edited by owners and managers of the whole programme alone', async () => {
    const body = { seriesId: 'theirs', name: 'Theirs', kind: 'personal' };
    await send('post', series, body, 'analyst').expect(403);
    await send('post', series, body, 'bound').expect(403);
    await send('get', `${series}/welcome/codes.csv`, undefined, 'analyst').expect(403);
  });

  it('hands codes out as a file, whole or in part', async () => {
    await open('paper');
    expect((await issue('paper', 4_500)).body).to.include({
      first: 0,
      count: 4_500,
      issued: 4_500,
    });
    const whole = await send('get', `${series}/paper/codes.csv`).expect(200);
    expect(whole.headers['content-type']).to.equal('text/csv; charset=utf-8');
    expect(whole.headers['content-disposition']).to.equal(
      'attachment; filename="paper-0-4500.csv"',
    );
    const lines = linesOf(whole.text);
    expect(lines[0]).to.equal('number,code');
    expect(lines).to.have.length(4_501);
    expect(lines.slice(1).every((line, n) => line.startsWith(`${n},`))).to.equal(true);
    const part = await send('get', `${series}/paper/codes.csv?from=1999&count=3`).expect(200);
    expect(linesOf(part.text).slice(1)).to.deep.equal(lines.slice(2_000, 2_003));
    const much = await send('get', `${series}/paper/codes.csv?from=4499&count=2`).expect(409);
    expect(much.body).to.include({ code: 'too-many-codes', left: 1 });
  });

  it('sends a file no faster than it is taken, and stops where nobody takes it', async function () {
    this.timeout(10_000);
    await open('huge', { terms: { codesMost: 1_000_000_000 } });
    await issue('huge', 1_000_000_000);
    const server: Server = createServer(app);
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const token = operatorToken(demo, 'manager', shop.now() + 60_000);
    const before = process.memoryUsage().rss;
    const taken = await new Promise<number>((resolve, reject) => {
      const asked = get(
        {
          ...{ port, host: '127.0.0.1', path: `${series}/huge/codes.csv` },
          headers: { authorization: `Bearer ${token}` },
        },
        (response) => {
          let bytes = 0;
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes < 200_000) return;
            response.pause();
            // Whoever does not read on must not be sent a thousand million codes into memory.
            setTimeout(() => {
              asked.destroy();
              resolve(bytes);
            }, 300);
          });
        },
      ).on('error', reject);
    });
    expect(taken).to.be.below(5_000_000);
    expect(process.memoryUsage().rss - before).to.be.below(100_000_000);
    await new Promise((resolve) => server.close(resolve));
  });

  it('tells of one code what became of it, however it is typed', async () => {
    await open('single');
    await issue('single', 2);
    const file = await send('get', `${series}/single/codes.csv`);
    const code = linesOf(file.text)[1]?.split(',')[1] ?? '';
    const canonical = code.replace(/-/g, '') as CouponCode;
    const unused = await send('get', `/admin/v1/coupons/${code.toLowerCase()}`).expect(200);
    expect(unused.body).to.deep.equal({
      ...{ code, seriesId: 'single', number: 0, state: 'unused', uses: 0, history: [] },
    });
    const by = { purchaseId: 'p1' as PurchaseId, userId: shop.userId, tillId: null };
    const stream = couponStream(demo, canonical);
    await shop.handler.handle(spendCoupon, { stream, ...by }, shop.context());
    const spent = await send('get', `/admin/v1/coupons/${canonical}`, undefined, 'analyst');
    expect(spent.body).to.include({ state: 'spent', uses: 1 });
    expect(spent.body.history[0]).to.include({ type: 'CouponSpent', purchaseId: 'p1' });
    const forged = `${code.slice(0, -1)}${code.endsWith('0') ? 1 : 0}`;
    await send('get', `/admin/v1/coupons/${forged}`).expect(404);
  });

  it('stops one code, and no code of many uses', async () => {
    const file = await send('get', `${series}/single/codes.csv?from=1`);
    const code = linesOf(file.text)[1]?.split(',')[1] ?? '';
    const reason = 'stolen';
    const stopped = await send('post', `/admin/v1/coupons/${code}/blocking`, { reason });
    expect(stopped.body).to.deep.equal({
      code: printed(code.replace(/-/g, '')),
      seriesId: 'single',
      blocked: true,
    });
    expect((await send('get', `/admin/v1/coupons/${code}`)).body.state).to.equal('blocked');
    await open('word', { kind: 'multiUse', word: 'SPRING10' });
    expect((await send('get', '/admin/v1/coupons/spring10')).body).to.include({
      ...{ code: 'SPRING10', number: null, state: 'unused' },
    });
    await send('post', '/admin/v1/coupons/SPRING10/blocking', { reason }).expect(422);
  });

  it('blocks, unblocks and closes a series', async () => {
    await open('brief');
    const reason = 'a leak';
    for (const [path, status] of [
      ['blocking', 'blocked'],
      ['unblocking', 'open'],
      ['closing', 'closed'],
    ] as const) {
      const { body } = await send('post', `${series}/brief/${path}`, { reason }).expect(200);
      expect(body).to.deep.equal({ seriesId: 'brief', status });
    }
    await send('post', `${series}/brief/blocking`, { reason }).expect(409);
    await send('post', `${series}/brief/codes`, { count: 1 }).expect(409);
  });

  it('gives a whole segment a coupon, each member one, however often it is asked', async () => {
    const enrol = createEnrolCustomer(shop.handler, createPersonalData(createMemoryPersonalKeys()));
    members = [];
    for (let i = 0; i < 7; i += 1) members.push((await enrol({}, shop.context())).answer.userId);
    const gone = gsrn('99', 5n);
    members.push(gone);
    await open('best', { kind: 'personal' });
    await shop.handler.handle(
      defineSegment,
      {
        ...{ segmentId: 'champions' as SegmentId, name: 'Champions' },
        definition: { kind: 'static' as const },
      },
      shop.context(),
    );
    const key = randomUUID();
    const order = (more: object = {}) =>
      send('post', `${series}/best/grants`, { segmentId: 'champions', ...more }).set(
        'idempotency-key',
        key,
      );
    const { body } = await order().expect(201);
    expect(body).to.include({ series: 'best', segmentId: 'champions', state: 'running' });
    const path = `/admin/v1/coupon-grants/${body.runId}`;
    await eventually(async () => {
      expect((await send('get', path)).body).to.include({ state: 'done', granted: 7, gone: 1 });
    });
    expect((await order().expect(201)).body).to.include({ runId: body.runId, state: 'done' });
    const [first] = members;
    const held = (await send('get', `/pos/v1/users/${first}/coupons`)).body.items;
    expect(held).to.have.length(1);
    expect(held[0]).to.include({ series: 'best', status: 'usable' });
    expect((await send('get', '/admin/v1/coupon-grants')).body.items).to.have.length(1);
    await send('post', `${path}/cancellation`).expect(200);
    await send('get', '/admin/v1/coupon-grants/nosuch').expect(404);
    await send('post', `${series}/paper/grants`, { segmentId: 'champions' }).expect(422);
    await send('post', `${series}/best/grants`, { segmentId: 'nosuch' }).expect(404);
    expect(failures).to.deep.equal([]);
  });

  it('gives a customer a coupon, lists it, and takes it back', async () => {
    await open('thanks', { kind: 'personal', terms: { validDays: 30 } });
    const coupons = `/admin/v1/users/${shop.userId}/coupons`;
    const key = randomUUID();
    const grant = () =>
      send('post', coupons, { series: 'thanks', cause: 'a faulty till' }).set(
        'idempotency-key',
        key,
      );
    const { body } = await grant().expect(201);
    expect(body).to.include({ series: 'thanks', cause: 'a faulty till' });
    expect(Date.parse(body.validUntil) - Date.parse(body.validFrom)).to.equal(30 * 86_400_000);
    expect((await grant().expect(200)).body).to.deep.equal(body);
    const list = () => send('get', `/pos/v1/users/${shop.userId}/coupons`).expect(200);
    expect((await list()).body.items).to.deep.equal([
      {
        ...{ couponId: body.couponId, series: 'thanks', name: 'thanks', status: 'usable' },
        ...{ validFrom: body.validFrom, validUntil: body.validUntil },
      },
    ]);
    const { body: second } = await send('post', coupons, { series: 'thanks' }).expect(201);
    const reason = 'by mistake';
    await send('post', `${coupons}/${second.couponId}/withdrawal`, { reason }).expect(200);
    const statuses = (await list()).body.items.map((one: { status: string }) => one.status);
    expect(statuses).to.deep.equal(['withdrawn', 'usable']);
    const first = await send('get', `/pos/v1/users/${shop.userId}/coupons?limit=1`);
    expect(first.body.next).to.equal(second.couponId);
    const rest = await send('get', `/pos/v1/users/${shop.userId}/coupons?after=${first.body.next}`);
    expect(rest.body.items).to.have.length(1);
    await send('post', coupons, { series: 'paper' }).expect(422);
    await send('post', coupons, { series: 'nosuch' }).expect(404);
    await send('post', `${coupons}/nosuch/withdrawal`, { reason }).expect(404);
  });
});
