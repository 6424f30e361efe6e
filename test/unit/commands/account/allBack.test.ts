/**
 * Purchases of customers and nobody that used codes, words, budgets and prizes, all given back in random parts and order, with the
 * workers at their posts: what all share is as if nobody had ever bought anything.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { cancelPurchase } from '../../../../commands/account/cancelPurchase.js';
import { returnPurchase } from '../../../../commands/account/returnPurchase.js';
import { createDefineGame } from '../../../../commands/game/defineGame.js';
import { cancelAnonymous } from '../../../../commands/sales/cancelAnonymous.js';
import { returnAnonymous } from '../../../../commands/sales/returnAnonymous.js';
import { createSeeds } from '../../../../commands/seeds.js';
import { budget, budgetStream } from '../../../../domain/budget/budget.js';
import { coupon, couponStream } from '../../../../domain/coupon/coupon.js';
import type { CouponCode, SeriesId } from '../../../../domain/coupon/ids.js';
import type { Position } from '../../../../domain/fact.js';
import type { GameName } from '../../../../domain/game/definition.js';
import { stock, stockStream } from '../../../../domain/game/stock.js';
import type { PurchaseId, ReturnId, TillId, UserId } from '../../../../domain/ids.js';
import type { CampaignId } from '../../../../domain/pricing/campaign.js';
import { Rejected } from '../../../../domain/rejected.js';
import { createMemoryPersonalKeys } from '../../../../platform/memory/personalKeys.js';
import { createBudgetsWorker } from '../../../../workers/budgets.js';
import { createCouponsWorker } from '../../../../workers/coupons.js';
import { createPrizesWorker } from '../../../../workers/prizes.js';
import { eventually } from '../../workers/eventually.js';
import { demo } from '../house.js';
import {
  buyAs,
  buyAsNobody,
  enrolMany,
  openCoupons,
  printCodes,
  promote,
  withCoupon,
} from './promotions.js';
import { openShop, type Shop, till } from './shop.js';

const prize = 'a bicycle';
const scratch = 'scratch' as GameName;
const budgets = [
  { of: 'amount' as const, most: 100_000 },
  { of: 'uses' as const, most: 50, per: 'day' as const, eachMerchant: true },
];

const arrange = async (shop: Shop) => {
  const codes = await printCodes(shop, 'once', 3);
  await openCoupons(shop, {
    ...{ seriesId: 'spring' as SeriesId, kind: 'multiUse', word: 'SPRING10' },
    terms: { usesMost: 5 },
  });
  await promote(shop, 'welcome', { when: withCoupon('once'), limits: { budgets } });
  await promote(shop, 'spring', { when: withCoupon('spring'), limits: { budgets } });
  await promote(shop, 'bonus', {
    rewards: [{ kind: 'points-bonus', points: 700 }],
    limits: { budgets: [{ of: 'points', most: 1_000_000 }] },
  });
  await promote(shop, 'fun', {
    rewards: [{ kind: 'instant-win', game: scratch, prizes: [{ prize, chance: 1_000_000 }] }],
  });
  const define = createDefineGame(createSeeds(createMemoryPersonalKeys()));
  const prizes = [{ prize, chance: 1_000_000, stock: 3, reward: null }];
  const definition = { kind: 'instantWin' as const, prizes };
  await shop.handler.handle(define, { name: scratch, definition }, shop.context());
  return codes;
};

const work = (shop: Shop) => {
  const closing = new AbortController();
  const failures: unknown[] = [];
  const parts = () => {
    let kept: Position | null = null;
    return {
      ...{ feed: shop.log, handler: shop.handler, log: shop.log, now: shop.now },
      checkpoints: {
        load: async () => kept,
        save: async (_name: string, position: Position) => void (kept = position),
      },
      onFailed: (error: unknown) => failures.push(error),
    };
  };
  const workers = [
    createBudgetsWorker(parts()),
    createCouponsWorker(parts()),
    createPrizesWorker(parts()),
  ];
  const running = Promise.all(workers.map((worker) => worker.run(closing.signal)));
  return {
    failures,
    stop: async () => {
      closing.abort();
      await running;
    },
  };
};

const bought = fc.record({
  /** 0 to 3: a customer; 4 and 5: nobody. */
  who: fc.nat(5),
  shows: fc.subarray([0, 1, 2, 3], { minLength: 1 }),
  pieces: fc.integer({ min: 1, max: 1_999 }),
  parts: fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 3 }),
  cancels: fc.boolean(),
});

describe('purchases that are all given back', () => {
  it('leave codes, words, budgets and prizes as they were', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(fc.array(bought, { minLength: 4, maxLength: 9 }), async (receipts) => {
        const shop = await openShop();
        const codes = await arrange(shop);
        const users = await enrolMany(shop, 4);
        const { stop, failures } = work(shop);
        const shown = [...codes, 'SPRING10'];
        const { handler } = shop;
        try {
          await Promise.all(
            receipts.map(({ who, shows, pieces }, index) => {
              const coupons = shows.map((one) => shown[one] as string);
              const basket = { id: `p${index}`, coupons, amount: pieces };
              return who < 4
                ? buyAs(shop, handler, users[who] as UserId, basket)
                : buyAsNobody(shop, handler, `till${who}`, basket);
            }),
          );
          const taken = await handler.state(stockStream(demo, scratch), stock);
          const customers = receipts.filter(({ who }) => who < 4).length;
          expect(taken.taken.get(prize) ?? 0).to.equal(Math.min(3, customers));
          await Promise.all(
            receipts.map(async ({ who, parts, cancels }, index) => {
              const userId = users[who] as UserId;
              const at = { ...till, purchaseId: `p${index}` as PurchaseId };
              const place = who < 4 ? at : { ...at, tillId: `till${who}` as TillId };
              const back = async (returnId: string, quantity?: number) => {
                const lines = quantity === undefined ? {} : { lines: [{ position: 1, quantity }] };
                const input = { ...place, returnId: returnId as ReturnId, ...lines };
                await (who < 4
                  ? handler.handle(returnPurchase, { userId, ...input }, shop.context())
                  : handler.handle(returnAnonymous, input, shop.context()));
              };
              // More than is left of the goods is refused; by chance the parts are the whole.
              const unlessGone = (error: unknown) => {
                if (!(error instanceof Rejected)) throw error;
              };
              for (const [part, quantity] of parts.entries()) {
                await back(`r${index}-${part}`, quantity).catch(unlessGone);
              }
              if (!cancels) return back(`r${index}-rest`).catch(unlessGone);
              const input = { ...place, reason: 'a mistake' };
              const cancelled: Promise<unknown> =
                who < 4
                  ? handler.handle(cancelPurchase, { userId, ...input }, shop.context())
                  : handler.handle(cancelAnonymous, input, shop.context());
              await cancelled.catch(unlessGone);
            }),
          );
          await eventually(async () => {
            for (const id of ['welcome', 'spring', 'bonus']) {
              const state = await handler.state(budgetStream(demo, id as CampaignId), budget);
              const { all, byMerchant } = state.charged.ever;
              expect(all, id).to.deep.equal({ amount: 0, points: 0, uses: 0 });
              for (const each of byMerchant.values()) expect(each).to.deep.equal(all);
              for (const { all: ofDay } of state.charged.days.values()) {
                expect(ofDay).to.deep.equal(all);
              }
              expect(state.open.size).to.equal(0);
            }
            for (const code of [...codes, 'SPR1NG10' as CouponCode]) {
              const state = await handler.state(couponStream(demo, code), coupon);
              expect([...state.uses], code).to.deep.equal([]);
            }
            const { taken: left, open } = await handler.state(stockStream(demo, scratch), stock);
            expect([left.get(prize) ?? 0, open.size]).to.deep.equal([0, 0]);
          });
          expect(failures).to.deep.equal([]);
        } finally {
          await stop();
          await shop.close();
        }
      }),
      { numRuns: 12 },
    );
  });
});
