import { expect } from 'chai';
import { couponSteps } from '../../../commands/coupon/shown.js';
import { openSeries } from '../../../commands/coupon/openSeries.js';
import { LogUnavailable } from '../../../commands/log.js';
import type { Step } from '../../../commands/command.js';
import { coupon, couponStream } from '../../../domain/coupon/coupon.js';
import type { CouponCode, SeriesId } from '../../../domain/coupon/ids.js';
import type { Fact, Position } from '../../../domain/fact.js';
import { gsrn } from '../../../domain/gsrn.js';
import type { MerchantId, PurchaseId, TillId, UserId } from '../../../domain/ids.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { createCouponsWorker } from '../../../workers/coupons.js';
import { demo, type House, openHouse, startOfTime } from '../commands/house.js';
import { eventually } from './eventually.js';

const code = 'SPR1NG10' as CouponCode;
const ann = gsrn('99', 1n);
const tillId = 'till1' as TillId;

describe('settling coupons', () => {
  let now: number;
  let house: House;
  let kept: Position | null;
  let failures: unknown[];
  let stops: (() => Promise<void>)[];

  beforeEach(async () => {
    now = startOfTime;
    kept = null;
    failures = [];
    stops = [];
    house = openHouse(() => now);
    const tenant = { name: 'Demo', currency: 'GBP', gsrnPrefix: '8018000010' };
    await house.handler.handle(registerTenant, tenant, house.context());
    const series = {
      seriesId: 'spring' as SeriesId,
      name: 'Spring',
      kind: 'multiUse' as const,
      word: 'SPRING10',
      terms: { usesMost: 2 },
    };
    await openSeries(house.handler, series, house.context());
  });
  afterEach(async () => {
    for (const stop of stops) await stop();
    await house.close();
  });

  const start = (handler = house.handler) => {
    const closing = new AbortController();
    const worker = createCouponsWorker({
      feed: house.log,
      handler,
      log: house.log,
      checkpoints: {
        load: async () => kept,
        save: async (_name, position) => void (kept = position),
      },
      now: () => now,
      onFailed: (error) => failures.push(error),
    });
    const running = worker.run(closing.signal);
    const stop = async () => {
      closing.abort();
      await running;
    };
    stops.push(stop);
    return { ...worker, signal: closing.signal, stop };
  };

  let written = 0;
  const record = async (stream: string, type: string, data: unknown) => {
    written += 1;
    const { metadata } = house.log.facts[0] as Fact;
    await house.log.append(stream, 'any', [{ id: `w${written}`, type, data, metadata }]);
  };
  const reserve = async (purchaseId: string, userId: UserId | null = ann) => {
    const receipt = {
      tenant: demo,
      merchantId: 1 as MerchantId,
      tillId,
      userId,
      purchaseId: purchaseId as PurchaseId,
    };
    const spent = [{ code, series: 'spring' }];
    const [step] = couponSteps(house.directory.coupons, spent, receipt, now) as [Step];
    for (const { type, data } of step.decide(coupon.initial()))
      await record(step.stream, type, data);
  };
  const redeem = (purchaseId: string, spent: string = code) => {
    const data = { purchaseId, code: spent, series: 'spring', campaigns: ['spring'] };
    return record(`account-demo.${ann}`, 'CouponRedeemed', data);
  };
  const restore = (purchaseId: string) => {
    const data = { purchaseId, cause: 'r1', code, series: 'spring' };
    return record(`account-demo.${ann}`, 'CouponRestored', data);
  };
  const uses = async () => {
    const entry = await house.log.read(couponStream(demo, code), 0, 1_000);
    const state = entry.reduce(
      (before, { type, data }) =>
        coupon.evolve(before, { type, data, revision: 0, occurredAt: 0 } as never),
      coupon.initial(),
    );
    return Object.fromEntries(state.uses);
  };
  const become = (expected: object) =>
    eventually(async () => expect(await uses()).to.deep.equal(expected));

  it('spends what the account has recorded, and gives it back when the goods come back', async () => {
    const worker = start();
    await reserve('p1');
    await redeem('p1');
    await become({ [`${ann}/p1`]: 'spent' });
    expect(worker.open()).to.equal(0);
    await restore('p1');
    await become({});
  });

  it('releases what came to nothing, and only after its time', async () => {
    const { sweep, signal, open } = start();
    await reserve('p1');
    await redeem('p1', 'ANOTHERCODE');
    await eventually(() => expect(open()).to.equal(1));
    now += 119_999;
    await sweep(signal);
    expect(await uses()).to.deep.equal({ [`${ann}/p1`]: 'reserved' });
    now += 1;
    await sweep(signal);
    expect(await uses()).to.deep.equal({});
    expect(open()).to.equal(0);
  });

  it('looks into the history before it releases anything', async () => {
    const { sweep, signal, open, stop } = start();
    await reserve('p1');
    await eventually(() => expect(open()).to.equal(1));
    // The record is there, and the worker has not met it yet.
    await stop();
    await redeem('p1');
    now += 120_000;
    await sweep(new AbortController().signal);
    expect(await uses()).to.deep.equal({ [`${ann}/p1`]: 'spent' });
    expect(signal.aborted).to.equal(true);
  });

  it('settles anonymous receipts of each till by themselves', async () => {
    start();
    await reserve('1001', null);
    const outcome = { code, series: 'spring', campaigns: ['spring'], refusal: null };
    const sale = { purchaseId: '1001', coupons: [outcome, { ...outcome, refusal: 'not-needed' }] };
    await record('sales-demo.till1', 'AnonymousPurchaseConfirmed', sale);
    await become({ 'till1/1001': 'spent' });
    const undone = (uses: number) => ({
      reversed: [{ campaignId: 'spring', version: 1, discount: 10, points: 0, uses }],
    });
    const part = { purchaseId: '1001', returnId: 'r1', complete: false, ...undone(0) };
    await record('sales-demo.till1', 'AnonymousPurchaseReturned', part);
    const elsewhere = { purchaseId: '1001', ...undone(1) };
    await record('sales-demo.till2', 'AnonymousPurchaseCancelled', elsewhere);
    // Other goods of the receipt stay: nothing is left of what the code gave.
    const last = { ...part, ...undone(1), returnId: 'r2' };
    await record('sales-demo.till1', 'AnonymousPurchaseReturned', last);
    await become({});
    const types = (await house.log.read(couponStream(demo, code), 0, 10)).map(({ type }) => type);
    expect(types).to.deep.equal(['CouponReserved', 'CouponSpent', 'CouponReturned']);
  });

  it('finds an open use again after a restart, and does nothing twice', async () => {
    await reserve('p1');
    await reserve('p2');
    await redeem('p2');
    const first = start();
    await become({ [`${ann}/p1`]: 'reserved', [`${ann}/p2`]: 'spent' });
    await first.stop();
    now += 120_000;
    const second = start();
    await eventually(() => expect(second.open()).to.be.at.least(1));
    await second.sweep(second.signal);
    await become({ [`${ann}/p2`]: 'spent' });
    const facts = await house.log.read(couponStream(demo, code), 0, 10);
    expect(facts).to.have.length(4);
  });

  it('tries again where the log does not answer', async () => {
    let calls = 0;
    start({
      ...house.handler,
      handle: (command, input, context) => {
        calls += 1;
        if (calls < 3) return Promise.reject(new LogUnavailable('away'));
        return house.handler.handle(command, input, context);
      },
    });
    await reserve('p1');
    await redeem('p1');
    await become({ [`${ann}/p1`]: 'spent' });
    expect(failures).to.have.length(2);
  });

  it('leaves granted coupons and codes without limits alone', async () => {
    start();
    await redeem('p1', 'p0.welcome.1');
    await record(`account-demo.${ann}`, 'CouponRedeemed', {
      ...{ purchaseId: 'p2', code: 'OTHER', series: 'nosuch' },
      campaigns: [],
    });
    await reserve('p3');
    await redeem('p3');
    await become({ [`${ann}/p3`]: 'spent' });
    expect(failures).to.deep.equal([]);
  });
});
