/** Coupons through the real write path over the log in memory: series, codes that are shown, and receipts racing for one code. */
import { Type } from '@sinclair/typebox';
import { expect } from 'chai';
import {
  couponsShown,
  couponSteps,
  grantValidity,
  heldRefused,
} from '../../../commands/coupon/shown.js';
import { blockCode } from '../../../commands/coupon/blockCode.js';
import { issueCodes } from '../../../commands/coupon/issueCodes.js';
import { openSeries, type OpenSeriesInput } from '../../../commands/coupon/openSeries.js';
import { blockSeries, closeSeries } from '../../../commands/coupon/seriesStatus.js';
import { giveCouponBack, releaseCoupon, spendCoupon } from '../../../commands/coupon/settleUse.js';
import { defineCommand } from '../../../commands/command.js';
import { createHandler } from '../../../commands/handle.js';
import { printed } from '../../../domain/coupon/codes.js';
import { coupon, couponStream } from '../../../domain/coupon/coupon.js';
import type { CouponCode, CouponId, SeriesId } from '../../../domain/coupon/ids.js';
import type { Aggregate } from '../../../domain/event.js';
import { gsrn } from '../../../domain/gsrn.js';
import type { MerchantId, PurchaseId, UserId } from '../../../domain/ids.js';
import { streamName } from '../../../domain/stream.js';
import { failure } from '../commands/failure.js';
import { demo } from '../commands/house.js';
import { openShop, type Shop, till } from '../commands/account/shop.js';

type BasketEvent = { type: 'BasketPaid'; data: { coupon: string | null } };
const basket: Aggregate<readonly BasketEvent[], BasketEvent> = {
  category: 'basket',
  initial: () => [],
  evolve: (state, { type, data }) => [...state, { type, data }],
};

/** As a receipt does it: the code is looked up, won if it is usable, and left out where somebody else was faster. */
const payWith = defineCommand({
  name: 'PayWith',
  summary: 'A receipt that shows a coupon.',
  input: Type.Object({ purchaseId: Type.String(), userId: Type.String(), code: Type.String() }),
  aggregate: basket,
  stream: (input) => streamName('basket', demo, `${input.userId}.${input.purchaseId}`),
  lookUp: async (input, context, { directory, stateOf }) => {
    const receipt = receiptOf(input, context.now);
    const shown = await couponsShown(directory.coupons, [input.code], receipt, stateOf);
    const found = shown.get(input.code);
    const spent = found && found.refusal === undefined ? [found] : [];
    return { spent, steps: couponSteps(directory.coupons, spent, receipt, context.now) };
  },
  decide: (_input, state, { spent }): BasketEvent[] =>
    state.length > 0 ? [] : [{ type: 'BasketPaid', data: { coupon: spent[0]?.code ?? null } }],
  reserve: (_input, _context, { steps }) => steps,
  answer: ({ events }) => events[0]?.data.coupon ?? null,
});

const receiptOf = (input: { userId: string; purchaseId: string }, at: number) => ({
  tenant: demo,
  merchantId: till.merchantId,
  tillId: till.tillId,
  userId: input.userId as UserId,
  purchaseId: input.purchaseId as PurchaseId,
  at,
});

describe('coupons at a till', () => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await openShop();
  });
  afterEach(() => shop.close());

  const open = (input: Partial<OpenSeriesInput> & { readonly kind: OpenSeriesInput['kind'] }) =>
    openSeries(
      shop.handler,
      { seriesId: 'welcome' as SeriesId, name: 'Welcome', ...input },
      shop.context(),
    );
  const codesOf = async (seriesId = 'welcome', count = 1): Promise<CouponCode[]> => {
    const series = shop.directory.coupons.series(demo, seriesId);
    if (!series) throw new Error('not open');
    return (await shop.directory.coupons.codesOf(demo, series)).codes(0, count);
  };
  const issued = async (count = 1): Promise<CouponCode> => {
    await open({ kind: 'singleUse' });
    const input = { seriesId: 'welcome' as SeriesId, count };
    await shop.handler.handle(issueCodes, input, shop.context());
    return (await codesOf())[0] as CouponCode;
  };
  const show = async (code: string, changes: object = {}) => {
    const receipt = receiptOf({ userId: shop.userId, purchaseId: 'p1' }, shop.now());
    const { coupons } = shop.directory;
    const shown = await couponsShown(
      coupons,
      [code],
      { ...receipt, ...changes },
      shop.handler.state,
    );
    return shown.get(code);
  };
  const refusal = async (code: string, changes: object = {}) =>
    (await show(code, changes))?.refusal ?? 'usable';
  const pay = (code: string, purchaseId = 'p1', userId: string = shop.userId) =>
    shop.handler
      .handle(payWith, { purchaseId, userId, code }, shop.context())
      .then(({ answer }) => answer);
  const useOf = (purchaseId: string, userId: string = shop.userId) => ({
    purchaseId: purchaseId as PurchaseId,
    userId: userId as UserId,
    tillId: null,
  });

  it('are known by their codes, however they are typed', async () => {
    const code = await issued();
    expect(await show(code)).to.deep.equal({ code, series: 'welcome' });
    expect(await show(printed(code).toLowerCase())).to.deep.equal({ code, series: 'welcome' });
    await open({ seriesId: 'spring' as SeriesId, kind: 'multiUse', word: 'SPRING10' });
    expect(await show('spring 10')).to.deep.equal({ code: 'SPR1NG10', series: 'spring' });
  });

  it('are unknown where they were made up, not issued, or belong to another programme', async () => {
    const code = await issued();
    const [, second = ''] = await codesOf('welcome', 2);
    const forged = code.slice(0, -1) + (code.endsWith('0') ? '1' : '0');
    for (const typed of [second, forged, 'NOSUCHWORD', '', '?'.repeat(5_000)]) {
      expect(await refusal(typed), typed).to.equal('coupon-unknown');
    }
    expect(await refusal(code, { tenant: 'other' })).to.equal('coupon-unknown');
  });

  it('are refused in a second spelling on one receipt', async () => {
    const code = await issued();
    const receipt = receiptOf({ userId: shop.userId, purchaseId: 'p1' }, shop.now());
    const both = await couponsShown(
      shop.directory.coupons,
      [code, printed(code)],
      receipt,
      shop.handler.state,
    );
    expect([...both.values()].map((one) => one.refusal)).to.deep.equal([
      undefined,
      'coupon-repeated',
    ]);
  });

  it('hold within the terms of their series', async () => {
    const terms = { validFrom: 1_000, validUntil: 2_000, merchants: [till.merchantId] };
    await open({ kind: 'multiUse', word: 'SPRING10', terms });
    const at = (time: number, changes: object = {}) =>
      refusal('SPRING10', { at: time, ...changes });
    expect(await at(999)).to.equal('coupon-not-yet-valid');
    expect(await at(1_000)).to.equal('usable');
    expect(await at(2_000)).to.equal('coupon-expired');
    expect(await at(1_500, { merchantId: 2 })).to.equal('coupon-of-other-merchants');
    const order = { seriesId: 'welcome' as SeriesId, reason: 'a leak' };
    await shop.handler.handle(blockSeries, order, shop.context());
    expect(await at(1_500)).to.equal('coupon-series-blocked');
    await shop.handler.handle(closeSeries, order, shop.context());
    expect(await at(1_500), 'on a receipt of before, which comes late').to.equal('usable');
    const other = 'other' as SeriesId;
    await open({ seriesId: other, kind: 'multiUse', word: 'OTHER20' });
    await shop.handler.handle(closeSeries, { ...order, seriesId: other }, shop.context());
    expect(await refusal('OTHER20')).to.equal('coupon-series-closed');
  });

  it('are spent by one of many receipts that race for one code', async () => {
    const code = await issued();
    const users = Array.from({ length: 12 }, (_, i) => gsrn('99', BigInt(i)));
    const won = await Promise.all(users.map((userId, i) => pay(code, `p${i}`, userId)));
    expect(won.filter((one) => one !== null)).to.deep.equal([code]);
    expect(await refusal(code)).to.equal('coupon-reserved');
    const winner = won.findIndex((one) => one !== null);
    const mine = useOf(`p${winner}`, users[winner]);
    expect(await refusal(code, mine), 'for the receipt that has it').to.equal('usable');
    const stream = couponStream(demo, code);
    await shop.handler.handle(spendCoupon, { stream, ...mine }, shop.context());
    expect(await refusal(code)).to.equal('coupon-spent');
  });

  it('are lost to another process, and the receipt goes on without', async () => {
    const code = await issued();
    const elsewhere = createHandler({ log: shop.log, directory: shop.directory });
    const stream = couponStream(demo, code);
    await elsewhere.state(stream, coupon); // it remembers a code that nobody has
    expect(await pay(code)).to.equal(code);
    const input = { purchaseId: 'p9', userId: gsrn('99', 9n), code };
    const { answer } = await elsewhere.handle(payWith, input, shop.context());
    expect(answer).to.equal(null);
  });

  it('can be spent again once they were released or given back', async () => {
    const code = await issued();
    const stream = couponStream(demo, code);
    expect(await pay(code, 'p1')).to.equal(code);
    const reason = 'it came to nothing';
    const release = { stream, ...useOf('p1'), reason };
    await shop.handler.handle(releaseCoupon, release, shop.context());
    expect(await pay(code, 'p2')).to.equal(code);
    await shop.handler.handle(spendCoupon, { stream, ...useOf('p2') }, shop.context());
    expect(await pay(code, 'p3')).to.equal(null);
    const back = { stream, ...useOf('p2'), cause: 'r1' };
    await shop.handler.handle(giveCouponBack, back, shop.context());
    expect(await pay(code, 'p4')).to.equal(code);
  });

  it('of many uses are never used more often than they may, in any race', async () => {
    const terms = { usesMost: 5, usesPerCustomerMost: 2 };
    await open({ kind: 'multiUse', word: 'SPRING10', terms });
    const users = Array.from({ length: 4 }, (_, i) => gsrn('99', BigInt(i)));
    const receipts = users.flatMap((user) => ['a', 'b', 'c'].map((id) => [id, user] as const));
    const won = await Promise.all(
      receipts.map(async ([id, user]) => ((await pay('SPRING10', id, user)) ? user : null)),
    );
    const winners = won.filter((user) => user !== null);
    expect(winners).to.have.length(5);
    for (const user of users) {
      expect(winners.filter((one) => one === user).length).to.be.at.most(2);
    }
    expect(await refusal('SPRING10')).to.equal('coupon-used-up');
  });

  it('with a limit per customer alone are counted for each by themselves', async () => {
    await open({ kind: 'multiUse', terms: { usesPerCustomerMost: 1 } });
    const [code = ''] = await codesOf();
    const users = Array.from({ length: 5 }, (_, i) => gsrn('99', BigInt(i)));
    const tries = users.flatMap((user) => ['a', 'b'].map((id) => pay(code, id, user)));
    expect((await Promise.all(tries)).filter((one) => one !== null)).to.have.length(5);
    expect(await refusal(code, { userId: users[0] })).to.equal('coupon-limit-reached');
    expect(await refusal(code)).to.equal('usable');
    expect(await refusal(code, { userId: null })).to.equal('coupon-for-customers-only');
  });

  it('without a limit take part in no race at all', async () => {
    await open({ kind: 'multiUse', word: 'SPRING10' });
    const before = shop.types().length;
    expect(await pay('SPRING10')).to.equal('SPR1NG10');
    expect(shop.types().slice(before)).to.deep.equal(['BasketPaid']);
  });

  it('are stopped one by one', async () => {
    const code = await issued();
    const order = { code, seriesId: 'welcome' as SeriesId, reason: 'stolen' };
    await shop.handler.handle(blockCode, order, shop.context());
    expect(await refusal(code)).to.equal('coupon-blocked');
    expect(await pay(code)).to.equal(null);
  });

  it('that are granted hold as long as their series says', async () => {
    const dayMs = 86_400_000;
    const seriesId = 'gift' as SeriesId;
    await open({ seriesId, kind: 'personal', terms: { validDays: 10, validUntil: 15 * dayMs } });
    const at = (time: number) => grantValidity(shop.directory.coupons, demo, 'gift', time);
    expect(at(0)).to.deep.equal({ validFrom: 0, validUntil: 10 * dayMs });
    expect(at(7 * dayMs)).to.deep.equal({ validFrom: 7 * dayMs, validUntil: 15 * dayMs });
    expect(at(15 * dayMs)).to.equal(null);
    expect(grantValidity(shop.directory.coupons, demo, 'nosuch', 0)).to.equal(null);
    await shop.handler.handle(closeSeries, { seriesId, reason: 'over' }, shop.context());
    expect(at(0)).to.equal(null);
  });

  it('that are granted are refused while their series is blocked, and by other merchants', async () => {
    const seriesId = 'gift' as SeriesId;
    await open({ seriesId, kind: 'personal', terms: { merchants: [till.merchantId] } });
    const couponId = 'gift.1' as CouponId;
    const granted = { series: seriesId, validFrom: 0, validUntil: null, cause: 'p1' };
    const held = new Map([[couponId, { ...granted, status: 'held' as const }]]);
    const refusals = (changes: object = {}) => {
      const receipt = { ...receiptOf({ userId: shop.userId, purchaseId: 'p1' }, 5), ...changes };
      const found = heldRefused(shop.directory.coupons, [couponId, 'OTHER'], held, receipt);
      return [...found.values()].map((one) => one.refusal);
    };
    expect(refusals()).to.deep.equal([]);
    expect(refusals({ merchantId: 2 })).to.deep.equal(['coupon-of-other-merchants']);
    await shop.handler.handle(blockSeries, { seriesId, reason: 'a leak' }, shop.context());
    expect(refusals()).to.deep.equal(['coupon-series-blocked']);
  });

  it('of two series begin with different numbers, also where opening broke off between', async () => {
    await open({ kind: 'singleUse' });
    const wrong = open({ seriesId: 'x2' as SeriesId, kind: 'singleUse', word: 'WORD' });
    expect(await failure(wrong)).to.have.property('code', 'coupon-terms-wrong');
    const merchants = [77 as MerchantId];
    const broken = open({ seriesId: 'x3' as SeriesId, kind: 'singleUse', terms: { merchants } });
    expect(await failure(broken)).to.have.property('code', 'merchant-not-found');
    await open({ seriesId: 'x4' as SeriesId, kind: 'singleUse' });
    const { answer } = await open({ seriesId: 'x3' as SeriesId, kind: 'singleUse' });
    expect(answer.number).to.equal(2);
    const numbers = [...shop.directory.coupons.all(demo)].map(({ number }) => number);
    expect(numbers).to.deep.equal([1, 3, 2]);
  });
});
