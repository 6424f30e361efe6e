/**
 * Receipts that race for what they share, through the real commands: customers and nobody, over several processes, for codes and
 * budgets. Nobody gets more than there is, and whoever goes without is told why.
 */
import { expect } from 'chai';
import type { Handler } from '../../../../commands/handle.js';
import type { SeriesId } from '../../../../domain/coupon/ids.js';
import type { UserId } from '../../../../domain/ids.js';
import {
  type Bought,
  buyAs,
  buyAsNobody,
  enrolMany,
  openCoupons,
  printCodes,
  processes,
  promote,
  withCoupon,
} from './promotions.js';
import { openShop, type Shop } from './shop.js';

describe('receipts that race', () => {
  let shop: Shop;
  let users: UserId[];
  let tills: Handler[];
  beforeEach(async () => {
    shop = await openShop();
    users = await enrolMany(shop, 8);
    tills = processes(shop, 3);
  });
  afterEach(() => shop.close());

  const at = (index: number) => tills[index % tills.length] as Handler;
  /** Each customer once and as many of nobody, all at once, from every process. */
  const rush = (basket: { readonly coupons?: readonly string[]; readonly amount?: number } = {}) =>
    Promise.all([
      ...users.map((userId, index) =>
        buyAs(shop, at(index), userId, { id: `c${index}`, ...basket }),
      ),
      ...users.map((_, index) =>
        buyAsNobody(shop, at(index + 1), `till${index}`, { id: `n${index}`, ...basket }),
      ),
    ]);
  const served = (receipts: readonly Bought[]) =>
    receipts.filter(({ discount, pointsEarned }) => discount > 0 || pointsEarned > 1_000);
  const refusalsOf = (receipts: readonly Bought[]) =>
    receipts
      .filter(({ discount }) => discount === 0)
      .map(({ coupons }) => coupons[0]?.refusal ?? null);

  it('for a code of one use, spend it once, and the others say that it is taken', async () => {
    const [code = ''] = await printCodes(shop, 'once', 1);
    await promote(shop, 'welcome', { when: withCoupon('once') });
    const receipts = await rush({ coupons: [code] });
    expect(served(receipts)).to.have.length(1);
    const refusals = refusalsOf(receipts);
    expect(refusals).to.have.length(15);
    for (const refusal of refusals) expect(refusal).to.equal('coupon-reserved');
  });

  it('for codes of one use, give each to one receipt, whoever shows how many', async () => {
    const codes = await printCodes(shop, 'once', 4);
    await promote(shop, 'welcome', { when: withCoupon('once') });
    const receipts = await Promise.all(
      users.flatMap((userId, index) => {
        const mine = codes.map((_, place) => codes[(index + place) % codes.length] as string);
        return [
          buyAs(shop, at(index), userId, { id: 'p', coupons: mine }),
          buyAsNobody(shop, at(index + 1), `till${index}`, { id: 'n', coupons: mine.slice(1) }),
        ];
      }),
    );
    const spent = receipts.flatMap(({ coupons }) =>
      coupons.flatMap(({ code, refusal }) => (refusal === null ? [code] : [])),
    );
    expect([...spent].sort()).to.deep.equal([...codes].sort());
    expect(served(receipts)).to.have.length(4);
  });

  it('for a word with a limit, use it as often as it may be used', async () => {
    await openCoupons(shop, {
      ...{ seriesId: 'spring' as SeriesId, kind: 'multiUse', word: 'SPRING10' },
      terms: { usesMost: 5 },
    });
    await promote(shop, 'spring', { when: withCoupon('spring') });
    const receipts = await rush({ coupons: ['spring10'] });
    expect(served(receipts)).to.have.length(5);
    for (const refusal of refusalsOf(receipts)) expect(refusal).to.equal('coupon-used-up');
  });

  it('for a word that each customer may use so often, let each do so and nobody else', async () => {
    await openCoupons(shop, {
      ...{ seriesId: 'spring' as SeriesId, kind: 'multiUse', word: 'SPRING10' },
      terms: { usesPerCustomerMost: 2 },
    });
    await promote(shop, 'spring', { when: withCoupon('spring') });
    const coupons = ['SPRING10'];
    const [first, second] = users as [UserId, UserId];
    const receipts = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        buyAs(shop, at(index), index % 2 ? first : second, { id: `p${index}`, coupons }),
      ),
    );
    expect(served(receipts.filter((_, index) => index % 2 === 0))).to.have.length(2);
    expect(served(receipts.filter((_, index) => index % 2 === 1))).to.have.length(2);
    for (const refusal of refusalsOf(receipts)) expect(refusal).to.equal('coupon-limit-reached');
    const nobody = await buyAsNobody(shop, at(0), 'till1', { id: 'n', coupons });
    expect(nobody.coupons).to.containSubset([{ refusal: 'coupon-for-customers-only' }]);
  });

  const spent = (receipts: readonly Bought[], id: string) => {
    for (const receipt of receipts) {
      if (served([receipt]).length > 0) continue;
      expect(receipt.refused).to.deep.include({ campaignId: id, version: 1, code: 'budget-spent' });
    }
  };

  for (const per of [undefined, 'day', 'month'] as const) {
    it(`for a budget of uses ${per ? `each ${per}` : 'in all'}, never use it more often`, async () => {
      const budget = { of: 'uses' as const, most: 6, ...(per && { per }) };
      await promote(shop, 'few', { limits: { budgets: [budget] } });
      const receipts = await rush();
      expect(served(receipts)).to.have.length(6);
      spent(receipts, 'few');
    });
  }

  it('for a budget of money, take as much off as it holds and no more', async () => {
    const budgets = [{ of: 'amount' as const, most: 550 }];
    await promote(shop, 'money', { limits: { budgets } });
    const receipts = await rush();
    const given = receipts.reduce((sum, { discount }) => sum + discount, 0);
    expect(given, 'what is left is less than a receipt asks for').to.equal(500);
    spent(receipts, 'money');
  });

  it('for a budget of points, give as many as it holds and no more', async () => {
    const budgets = [{ of: 'points' as const, most: 3_500 }];
    const rewards = [{ kind: 'points-bonus' as const, points: 1_000 }];
    await promote(shop, 'points', { rewards, limits: { budgets } });
    const receipts = await rush();
    const given = receipts.reduce(
      (sum, { pointsEarned }) => sum + Math.max(0, pointsEarned - 1_000),
      0,
    );
    expect(given).to.equal(3_000);
  });

  it('for what each merchant may give, leave the others what is theirs', async () => {
    const budgets = [{ of: 'uses' as const, most: 3, eachMerchant: true }];
    await promote(shop, 'each', { limits: { budgets } });
    const here = await rush();
    expect(served(here)).to.have.length(3);
    spent(here, 'each');
  });

  it('for a code and two budgets at once, take all of it or nothing', async () => {
    const codes = await printCodes(shop, 'once', 3);
    await promote(shop, 'both', {
      when: withCoupon('once'),
      limits: {
        budgets: [
          { of: 'uses', most: 2 },
          { of: 'amount', most: 1_000, per: 'day' },
        ],
      },
    });
    const receipts = await rush({ coupons: codes });
    expect(served(receipts)).to.have.length(2);
    const used = receipts.flatMap(({ coupons }) => coupons.filter(({ refusal }) => !refusal));
    expect(used, 'a coupon goes with the campaign that it opened').to.have.length(2);
  });

  it('of one customer at many tills, stay within the limit for each customer', async () => {
    await promote(shop, 'once', { limits: { perCustomer: { uses: 2, per: 'day' } } });
    const [user] = users as [UserId];
    const receipts = await Promise.all(
      Array.from({ length: 9 }, (_, index) => buyAs(shop, at(index), user, { id: `p${index}` })),
    );
    expect(served(receipts)).to.have.length(2);
    for (const receipt of receipts) {
      if (receipt.discount > 0) continue;
      expect(receipt.refused).to.containSubset([{ campaignId: 'once', code: 'limit-reached' }]);
    }
    const nobody = await buyAsNobody(shop, at(0), 'till1', { id: 'n' });
    expect(nobody.refused).to.containSubset([{ campaignId: 'once', code: 'for-customers-only' }]);
  });

  it('and are sent twice, get their first answer and take nothing again', async () => {
    const budgets = [{ of: 'uses' as const, most: 8 }];
    await promote(shop, 'twice', { limits: { budgets } });
    const twice = await Promise.all(
      users.flatMap((userId, index) => [
        buyAs(shop, at(index), userId, { id: 'p' }),
        buyAs(shop, at(index + 1), userId, { id: 'p' }),
      ]),
    );
    expect(served(twice)).to.have.length(16);
    expect(served([await buyAsNobody(shop, at(0), 'till1', { id: 'n' })])).to.have.length(0);
  });
});
