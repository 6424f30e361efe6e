/**
 * A receipt that broke off between what it reserved and its own record, and is sent again after the worker freed what it had
 * reserved: by the very process that remembers the reservation. It may not count on it any more.
 */
import { expect } from 'chai';
import { budget, budgetStream } from '../../../../domain/budget/budget.js';
import { coupon, couponStream } from '../../../../domain/coupon/coupon.js';
import type { CampaignId } from '../../../../domain/pricing/campaign.js';
import { releaseOfBudget } from '../../../../commands/campaign/settleBudget.js';
import { releaseCoupon } from '../../../../commands/coupon/settleUse.js';
import { createHandler } from '../../../../commands/handle.js';
import type { UserId } from '../../../../domain/ids.js';
import { demo } from '../house.js';
import { buyAs, enrolMany, printCodes, promote, withCoupon } from './promotions.js';
import { openShop, type Shop, till } from './shop.js';

describe('a receipt that is sent again after its reservation was freed', () => {
  let shop: Shop;
  let users: [UserId, UserId];
  let broken: boolean;
  beforeEach(async () => {
    shop = await openShop();
    users = (await enrolMany(shop, 2)) as [UserId, UserId];
    broken = true;
  });
  afterEach(() => shop.close());

  /** A process whose receipts are lost while it is broken; what it reserves before is not. */
  const brokenTill = () =>
    createHandler({
      directory: shop.directory,
      log: {
        ...shop.log,
        append: (stream, expected, facts) =>
          broken && stream.startsWith('account-')
            ? Promise.reject(new Error('the connection is gone'))
            : shop.log.append(stream, expected, facts),
      },
    });
  const again = () => ({ ...shop, context: () => shop.context({ idempotencyKey: 'p' }) });
  const noFactTwice = () => {
    const ids = shop.log.facts.map(({ id }) => id);
    expect(new Set(ids).size, 'no fact has the id of another').to.equal(ids.length);
  };

  it('does not spend a code that another receipt has by now', async () => {
    const [code = ''] = await printCodes(shop, 'once', 1);
    await promote(shop, 'welcome', { when: withCoupon('once') });
    const basket = { id: 'p', coupons: [code] };
    const first = brokenTill();
    await buyAs(again(), first, users[0], basket).catch(() => undefined);
    const stream = couponStream(demo, code as never);
    expect((await shop.handler.state(stream, coupon)).uses.size).to.equal(1);
    const use = { purchaseId: 'p' as never, userId: users[0], tillId: null };
    const release = { stream, ...use, reason: 'it came to nothing' };
    await shop.handler.handle(releaseCoupon, release, shop.context());
    expect((await buyAs(shop, shop.handler, users[1], basket)).discount).to.equal(100);
    broken = false;
    const late = await buyAs(again(), first, users[0], basket);
    expect(late.discount, 'the code is spent once').to.equal(0);
    expect(late.coupons).to.containSubset([{ code, refusal: 'coupon-reserved' }]);
    noFactTwice();
  });

  it('spends a code again that is still free, and so does not leave it free', async () => {
    const [code = ''] = await printCodes(shop, 'once', 1);
    await promote(shop, 'welcome', { when: withCoupon('once') });
    const basket = { id: 'p', coupons: [code] };
    const first = brokenTill();
    await buyAs(again(), first, users[0], basket).catch(() => undefined);
    const stream = couponStream(demo, code as never);
    const use = { purchaseId: 'p' as never, userId: users[0], tillId: null };
    const release = { stream, ...use, reason: 'it came to nothing' };
    await shop.handler.handle(releaseCoupon, release, shop.context());
    broken = false;
    expect((await buyAs(again(), first, users[0], basket)).discount).to.equal(100);
    const other = await buyAs(shop, shop.handler, users[1], basket);
    expect(other.discount).to.equal(0);
    noFactTwice();
  });

  it('does not take of a budget what others took by now', async () => {
    const few = 'few' as CampaignId;
    await promote(shop, few, { limits: { budgets: [{ of: 'uses', most: 1 }] } });
    const first = brokenTill();
    await buyAs(again(), first, users[0], { id: 'p' }).catch(() => undefined);
    const stream = budgetStream(demo, few);
    const { open } = await shop.handler.state(stream, budget);
    const [reservation] = open.values();
    const receipt = { purchaseId: 'p' as never, userId: users[0], tillId: till.tillId };
    const { until = 0 } = reservation ?? {};
    const release = { campaignId: few, receipt, until, reason: 'it came to nothing' };
    await shop.handler.handle(releaseOfBudget, release, shop.context());
    expect((await buyAs(shop, shop.handler, users[1], { id: 'p' })).discount).to.equal(100);
    broken = false;
    expect((await buyAs(again(), first, users[0], { id: 'p' })).discount).to.equal(0);
    noFactTwice();
  });
});
