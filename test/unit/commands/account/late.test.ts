/**
 * Receipts of tills that were not connected, with campaigns, coupons and budgets, through the real commands: decided as of their own
 * time, and told where the slip says something else. A customer's and nobody's alike.
 */
import { expect } from 'chai';
import { confirmPurchase } from '../../../../commands/account/confirmPurchase.js';
import { activateCampaign } from '../../../../commands/campaign/activateCampaign.js';
import { draftVersion } from '../../../../commands/campaign/draftVersion.js';
import { endCampaign } from '../../../../commands/campaign/endCampaign.js';
import { pauseCampaign } from '../../../../commands/campaign/pauseCampaign.js';
import { blockSeries, closeSeries } from '../../../../commands/coupon/seriesStatus.js';
import { confirmAnonymous } from '../../../../commands/sales/confirmAnonymous.js';
import type { SeriesId } from '../../../../domain/coupon/ids.js';
import type { TillId, UserId } from '../../../../domain/ids.js';
import type { CampaignId } from '../../../../domain/pricing/campaign.js';
import {
  type Bought,
  buyAs,
  enrolMany,
  openCoupons,
  printCodes,
  promote,
  withCoupon,
} from './promotions.js';
import { goods, openShop, receipt, type Shop } from './shop.js';

const hour = 3_600_000;

interface Late {
  readonly id?: string;
  readonly coupons?: readonly string[];
  readonly slip?: { readonly discount?: number; readonly total?: number };
  readonly occurredAt: number;
}
type Told = Bought & { readonly why?: readonly { readonly code: string; readonly text: string }[] };

describe('a receipt that comes late', () => {
  let shop: Shop;
  let users: UserId[];
  beforeEach(async () => {
    shop = await openShop();
    users = await enrolMany(shop, 3);
  });
  afterEach(() => shop.close());

  const input = ({ id = 'late', coupons, slip, occurredAt }: Late) => ({
    ...receipt(id, goods(1_000)),
    ...{ offline: true, occurredAt: new Date(occurredAt).toISOString() },
    ...(coupons && { coupons: [...coupons] }),
    ...(slip && { slip }),
  });
  const asCustomer = async (late: Late, userId = users[0] as UserId): Promise<Told> => {
    const { handle } = shop.handler;
    return (await handle(confirmPurchase, { userId, ...input(late) }, shop.context())).answer;
  };
  const asNobody = async (late: Late): Promise<Told> => {
    const anonymous = { ...input(late), tillId: 'till7' as TillId };
    const { answer } = await shop.handler.handle(confirmAnonymous, anonymous, shop.context());
    return { pointsEarned: 0, ...answer } as Told;
  };
  const each = [
    ['a customer', asCustomer],
    ['nobody', asNobody],
  ] as const;
  const codesOf = ({ why = [] }: Told) => why.map(({ code }) => code);
  const order = (id: string) => ({ campaignId: id as CampaignId, reason: 'over' });

  for (const [whose, late] of each) {
    describe(`of ${whose}`, () => {
      it('gets what was in force when it was made out, and not what came since', async () => {
        await promote(shop, 'then', {});
        const then = shop.now() + hour;
        shop.pass(2 * hour);
        await shop.handler.handle(endCampaign, order('then'), shop.context());
        await promote(shop, 'now', { rewards: [{ kind: 'percent', basisPoints: 5_000 }] });
        const told = await late({ occurredAt: then, slip: { discount: 100, total: 1_000 } });
        expect(told.discount).to.equal(100);
        expect(codesOf(told)).to.include('decided-late');
        expect(codesOf(told), 'the slip was right').not.to.include('slip-discount-differs');
        const later = await late({ id: 'l2', occurredAt: shop.now() });
        expect(later.discount).to.equal(500);
      });

      it('gets the version that held then, and nothing where it was paused', async () => {
        await promote(shop, 'ten', {});
        const first = shop.now() + hour;
        shop.pass(2 * hour);
        await shop.handler.handle(pauseCampaign, order('ten'), shop.context());
        const paused = shop.now() + hour;
        shop.pass(2 * hour);
        const campaign = {
          ...{ name: 'ten', priority: 1 },
          rewards: [{ kind: 'percent' as const, basisPoints: 2_000 }],
        };
        const campaignId = 'ten' as CampaignId;
        await shop.handler.handle(draftVersion, { campaignId, campaign }, shop.context());
        const next = { campaignId, version: 2 };
        await shop.handler.handle(activateCampaign, next, shop.context());
        expect((await late({ id: 'l1', occurredAt: first })).discount).to.equal(100);
        expect((await late({ id: 'l2', occurredAt: paused })).discount).to.equal(0);
        expect((await late({ id: 'l3', occurredAt: shop.now() })).discount).to.equal(200);
      });

      it('tells what the slip promised for a code that was spent meanwhile', async () => {
        const [code = ''] = await printCodes(shop, 'once', 1);
        await promote(shop, 'welcome', { when: withCoupon('once') });
        const then = shop.now();
        shop.pass(hour);
        await buyAs(shop, shop.handler, users[1] as UserId, { id: 'p', coupons: [code] });
        const told = await late({ occurredAt: then, coupons: [code], slip: { discount: 100 } });
        expect(told.discount).to.equal(0);
        expect(told.coupons).to.containSubset([{ code, refusal: 'coupon-reserved' }]);
        expect(codesOf(told)).to.include.members(['decided-late', 'slip-discount-differs']);
        const difference = told.why?.find((reason) => reason.code === 'slip-discount-differs');
        expect(difference?.text).to.equal('The slip says 1.00 GBP off; decided were 0.00 GBP.');
      });

      it('tells what the slip promised of a budget that was gone by then', async () => {
        await promote(shop, 'few', { limits: { budgets: [{ of: 'uses', most: 1 }] } });
        const then = shop.now();
        shop.pass(hour);
        await buyAs(shop, shop.handler, users[1] as UserId, { id: 'p' });
        const told = await late({ occurredAt: then, slip: { discount: 100 } });
        expect(told.refused).to.containSubset([{ campaignId: 'few', code: 'budget-spent' }]);
        expect(codesOf(told)).to.include('slip-discount-differs');
      });

      it('takes of the budget of its own day', async () => {
        const budgets = [{ of: 'uses' as const, most: 1, per: 'day' as const }];
        await promote(shop, 'daily', { limits: { budgets } });
        const yesterday = shop.now() + hour;
        shop.pass(25 * hour);
        await buyAs(shop, shop.handler, users[1] as UserId, { id: 'p' });
        expect((await late({ occurredAt: yesterday })).discount).to.equal(100);
        expect((await late({ id: 'l2', occurredAt: yesterday })).discount).to.equal(0);
      });

      it('spends a code of a series that was closed since, and none of one that was blocked', async () => {
        const seriesId = 'spring' as SeriesId;
        await openCoupons(shop, { seriesId, kind: 'multiUse', word: 'SPRING10' });
        await promote(shop, 'spring', { when: withCoupon('spring') });
        const then = shop.now() + hour;
        shop.pass(2 * hour);
        const coupons = ['SPRING10'];
        await shop.handler.handle(closeSeries, { seriesId, reason: 'over' }, shop.context());
        expect((await late({ occurredAt: then, coupons })).discount).to.equal(100);
        const told = await late({ id: 'l2', occurredAt: shop.now(), coupons });
        expect(told.coupons).to.containSubset([{ refusal: 'coupon-series-closed' }]);

        const leaked = 'leaked' as SeriesId;
        await openCoupons(shop, { seriesId: leaked, kind: 'multiUse', word: 'LEAKED10' });
        await promote(shop, 'leaked', { when: withCoupon('leaked') });
        const before = shop.now() + hour;
        shop.pass(2 * hour);
        await shop.handler.handle(blockSeries, { seriesId: leaked, reason: 'x' }, shop.context());
        const stopped = await late({ id: 'l3', occurredAt: before, coupons: ['LEAKED10'] });
        expect(stopped.coupons).to.containSubset([{ refusal: 'coupon-series-blocked' }]);
      });

      it('counts once, however often it is sent', async () => {
        await promote(shop, 'few', { limits: { budgets: [{ of: 'uses', most: 5 }] } });
        const occurredAt = shop.now();
        shop.pass(hour);
        const first = await late({ occurredAt, slip: { discount: 50 } });
        const facts = shop.log.facts.length;
        expect(await late({ occurredAt, slip: { discount: 50 } })).to.deep.equal(first);
        expect(shop.log.facts).to.have.length(facts);
      });
    });
  }

  it('counts for the limit of the day that it was made out on', async () => {
    await promote(shop, 'daily', { limits: { perCustomer: { uses: 1, per: 'day' } } });
    const yesterday = shop.now() + hour;
    shop.pass(25 * hour);
    const user = users[0] as UserId;
    expect((await buyAs(shop, shop.handler, user, { id: 'today' })).discount).to.equal(100);
    expect((await asCustomer({ id: 'l1', occurredAt: yesterday })).discount).to.equal(100);
    const again = await asCustomer({ id: 'l2', occurredAt: yesterday, slip: { discount: 100 } });
    expect(again.refused).to.containSubset([{ campaignId: 'daily', code: 'limit-reached' }]);
    expect(codesOf(again)).to.include('slip-discount-differs');
  });
});
