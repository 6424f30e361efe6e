import { expect } from 'chai';
import type { Coupon } from '../../../domain/pricing/facts.js';
import { bonus, campaign, onOffer, product, shortLived, tenPercent, thirdFree } from './offers.js';
import { after, buy, cancel, day, enrolled, given, giveBack, item, noon } from './spec.js';

const offering = (...campaigns: Parameters<typeof onOffer>[0]) => ({ offer: onOffer(campaigns) });
const coupon = (code: string, series: string, refusal?: string): Coupon => ({
  code,
  series,
  ...(refusal !== undefined && { refusal }),
});

describe('a purchase with campaigns', () => {
  it('records what was taken off, by whom and of which line', () => {
    given(enrolled)
      .when(buy('p', [item(1_000, 2), item(500)], offering(tenPercent)))
      .then([
        {
          type: 'PurchaseConfirmed',
          data: {
            total: 2_500,
            discount: 250,
            net: 2_250,
            pointsEarned: 2_250,
            day: '2011-01-10',
            applied: [{ campaignId: 'ten', version: 1, discount: 250, points: 0 }],
            lines: [
              { amount: 2_000, net: 1_800, discounts: [{ campaignId: 'ten', amount: 200 }] },
              { amount: 500, net: 450, discounts: [{ campaignId: 'ten', amount: 50 }] },
            ],
          },
        },
        { type: 'PointsEarned', data: { lotId: 'p', points: 2_250 } },
      ]);
  });

  it('is recorded as if there were none where none had a chance', () => {
    const decide = buy('p', [item(1_000)]);
    const other = campaign('other', [{ kind: 'points-bonus', points: 100 }], {
      when: { kind: 'product', productIds: ['ANOTHER' as never] },
    });
    const [plain] = given(enrolled)
      .when(decide)
      .then([{ type: 'PurchaseConfirmed' }, { type: 'PointsEarned' }]);
    const [offered] = given(enrolled)
      .when(buy('p', [item(1_000)], offering(other)))
      .then([{ type: 'PurchaseConfirmed' }, { type: 'PointsEarned' }]);
    expect(offered?.data).to.deep.equal({ ...plain?.data, day: '2011-01-10' });
  });

  it('records why a campaign that had a chance did not apply', () => {
    const large = campaign('large', [{ kind: 'points-bonus', points: 100 }], {
      when: { kind: 'receipt-total', min: 5_000, of: 'full' },
    });
    given(enrolled)
      .when(buy('p', [item(1_000)], offering(large)))
      .then([
        {
          type: 'PurchaseConfirmed',
          data: { refused: [{ campaignId: 'large', code: 'condition-not-met' }] },
        },
        { type: 'PointsEarned' },
      ]);
  });

  it('puts points of a campaign with terms of its own into a lot of their own', () => {
    given(enrolled)
      .when(buy('p', [item(1_000)], offering(bonus, shortLived)))
      .then([
        {
          type: 'PurchaseConfirmed',
          data: { pointsEarned: 6_700, balance: { active: 6_000, pending: 700 } },
        },
        { type: 'PointsEarned', data: { lotId: 'p', points: 6_000 } },
        {
          type: 'PointsEarned',
          data: {
            lotId: 'p.short',
            campaignId: 'short',
            points: 700,
            activatesAt: noon + 7 * day,
            expiresAt: noon + 37 * day,
          },
        },
      ]);
  });

  it('is the same when it is sent again, and another with another coupon', () => {
    const offer = onOffer([tenPercent]);
    const bought = after(enrolled, buy('p', [item(1_000)], { offer }));
    given(bought)
      .when(buy('p', [item(1_000)], { offer }))
      .then([]);
    const other = onOffer([tenPercent], { shown: ['X1'] });
    given(bought)
      .when(buy('p', [item(1_000)], { offer: other }))
      .rejects('purchase-exists');
  });

  describe('that a customer may use so often', () => {
    const once = campaign('once', tenPercent.rewards, {
      limits: { perCustomer: { uses: 1, per: 'day' } },
    });
    const first = after(enrolled, buy('p1', [item(1_000)], offering(once)));
    const discounted = [{ type: 'PurchaseConfirmed', data: { discount: 100 } } as const];
    const refused = [
      {
        type: 'PurchaseConfirmed',
        data: { refused: [{ campaignId: 'once', code: 'limit-reached' }] },
      } as const,
    ];
    const earned = { type: 'PointsEarned' } as const;

    it('is refused after that, until the next day', () => {
      given(first)
        .when(buy('p2', [item(1_000)], offering(once)))
        .then([...refused, earned]);
      given(first)
        .when(buy('p2', [item(1_000)], { ...offering(once), now: noon + day }))
        .then([...discounted, earned]);
    });

    it('can be used again after all it gave came back', () => {
      const returned = after(first, giveBack('p1', 'r1'));
      given(returned)
        .when(buy('p2', [item(1_000)], offering(once)))
        .then([...discounted, earned]);
    });
  });

  describe('paid with a coupon', () => {
    const welcome = campaign('welcome', tenPercent.rewards, {
      when: { kind: 'coupon', series: ['hello'] },
    });
    const coupons = new Map([['HELLO1', coupon('HELLO1', 'hello')]]);
    const offer = onOffer([welcome], { shown: ['HELLO1'], coupons });

    it('redeems it, and restores it once the goods are back', () => {
      const bought = after(enrolled, buy('p', [item(1_000, 2)], { offer }));
      given(enrolled)
        .when(buy('p', [item(1_000, 2)], { offer }))
        .then([
          {
            type: 'PurchaseConfirmed',
            data: { discount: 200, coupons: [{ code: 'HELLO1', refusal: null }] },
          },
          { type: 'PointsEarned' },
          { type: 'CouponRedeemed', data: { code: 'HELLO1', campaigns: ['welcome'] } },
        ]);
      const half = giveBack('p', 'r1', [{ position: 1, quantity: 1_000 }]);
      given(bought)
        .when(half)
        .then([{ type: 'PurchaseReturned' }, { type: 'PointsClawedBack' }]);
      given(after(bought, half))
        .when(giveBack('p', 'r2'))
        .then([
          { type: 'PurchaseReturned' },
          { type: 'PointsClawedBack' },
          { type: 'CouponRestored', data: { code: 'HELLO1', cause: 'r2' } },
        ]);
    });

    it('says why a coupon is of no use', () => {
      const old = new Map([['OLD', coupon('OLD', 'hello', 'coupon-expired')]]);
      given(enrolled)
        .when(
          buy('p', [item(1_000)], { offer: onOffer([welcome], { shown: ['OLD'], coupons: old }) }),
        )
        .then([
          {
            type: 'PurchaseConfirmed',
            data: { coupons: [{ code: 'OLD', campaigns: [], refusal: 'coupon-expired' }] },
          },
          { type: 'PointsEarned' },
        ]);
    });

    it('grants one, which can be used later, once, and is withdrawn with the goods', () => {
      const giving = campaign('giving', [{ kind: 'coupon-grant', series: 'hello', quantity: 1 }]);
      const granted = after(enrolled, buy('p1', [item(1_000)], offering(giving)));
      const id = 'p1.giving.1';
      const spending = { offer: onOffer([welcome], { shown: [id] }) };
      const spent = after(granted, buy('p2', [item(1_000)], spending));
      expect(spent.slice(granted.length)).to.containSubset([
        { type: 'PurchaseConfirmed', data: { discount: 100 } },
        { type: 'CouponRedeemed', data: { code: id, series: 'hello' } },
      ]);
      given(spent)
        .when(buy('p3', [item(1_000)], spending))
        .then([
          { type: 'PurchaseConfirmed', data: { coupons: [{ code: id, refusal: 'coupon-spent' }] } },
          { type: 'PointsEarned' },
        ]);
      given(granted)
        .when(cancel('p1'))
        .then([
          { type: 'PurchaseCancelled' },
          { type: 'PointsClawedBack' },
          { type: 'CouponWithdrawn', data: { couponId: id } },
        ]);
    });
  });

  describe('and given back', () => {
    it('takes the free unit back first, for nothing', () => {
      const bought = after(enrolled, buy('p', [product('a', 300, 3)], offering(thirdFree)));
      given(bought)
        .when(giveBack('p', 'r1', [{ position: 1, quantity: 1_000 }]))
        .then([
          {
            type: 'PurchaseReturned',
            data: {
              amount: 300,
              discount: 300,
              refund: 0,
              day: '2011-01-10',
              reversed: [{ campaignId: 'third', version: 1, discount: 300, points: 0, uses: 1 }],
            },
          },
        ]);
    });

    it('takes points back from the lots they were earned in', () => {
      const bought = after(enrolled, buy('p', [item(1_000)], offering(bonus, shortLived)));
      given(bought)
        .when(giveBack('p', 'r1'))
        .then([
          {
            type: 'PurchaseReturned',
            data: {
              balance: { active: 0, pending: 0, deficit: 0 },
              reversed: [
                { campaignId: 'bonus', points: 5_000, uses: 1 },
                { campaignId: 'short', points: 700, uses: 1 },
              ],
            },
          },
          {
            type: 'PointsClawedBack',
            data: {
              points: 6_700,
              lots: [
                { lotId: 'p', points: 6_000 },
                { lotId: 'p.short', points: 700 },
              ],
            },
          },
        ]);
    });
  });
});
