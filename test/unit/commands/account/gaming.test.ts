/** Tiers and games through the commands: what a purchase brings in its one append, and what a return takes back again. */
import { expect } from 'chai';
import { confirmPurchase } from '../../../../commands/account/confirmPurchase.js';
import { returnPurchase } from '../../../../commands/account/returnPurchase.js';
import { createDefineGame } from '../../../../commands/game/defineGame.js';
import { createSeeds } from '../../../../commands/seeds.js';
import { setTierScheme } from '../../../../commands/tier/setTierScheme.js';
import { assertValid } from '../../../../commands/validation.js';
import { account, accountStream } from '../../../../domain/account/account.js';
import type { GameName } from '../../../../domain/game/definition.js';
import type { PurchaseId, ReturnId } from '../../../../domain/ids.js';
import { eventDefinitions } from '../../../../domain/registry.js';
import { dayMs } from '../../../../domain/tier/figures.js';
import { createMemoryPersonalKeys } from '../../../../platform/memory/personalKeys.js';
import { demo } from '../house.js';
import { goods, openShop, receipt, type Shop, till } from './shop.js';

describe('a purchase under tiers and games', () => {
  let shop: Shop;

  beforeEach(async () => {
    shop = await openShop();
    const { handler, context } = shop;
    const scheme = {
      basis: 'spent' as const,
      window: { kind: 'days' as const, days: 30 },
      levels: [{ name: 'gold', from: 5_000 }],
      graceDays: 0,
      downgrade: 'reached' as const,
    };
    await handler.handle(setTierScheme, { scheme }, context());
    const definition = {
      ...{
        kind: 'streak' as const,
        period: 'day' as const,
        length: 2,
        minimum: 100,
        repeats: true,
      },
      reward: { kind: 'points' as const, points: 700 },
    };
    const define = createDefineGame(createSeeds(createMemoryPersonalKeys()));
    await handler.handle(define, { name: 'daily' as GameName, definition }, context());
  });
  afterEach(() => shop.close());

  const buy = (id: string, amount: number) =>
    shop.handler.handle(
      confirmPurchase,
      { userId: shop.userId, ...receipt(id, goods(amount)) },
      shop.context(),
    );
  const giveBack = (id: string) => {
    const input = { ...till, purchaseId: id as PurchaseId, returnId: `r${id}` as ReturnId };
    return shop.handler.handle(returnPurchase, { userId: shop.userId, ...input }, shop.context());
  };
  const state = () => shop.handler.state(accountStream(demo, shop.userId), account);
  const told = (from: number) => shop.types().slice(from);

  it('reaches a tier and completes a streak in its one append', async () => {
    await buy('p1', 3_000);
    shop.pass(dayMs);
    const before = shop.types().length;
    await buy('p2', 2_000);
    expect(told(before)).to.include.members(['StreakExtended', 'StreakCompleted', 'TierChanged']);
    const { progress, points } = await state();
    expect(progress.tier.level).to.equal('gold');
    // A point for every pound, and the seven of the streak.
    expect(points.activeTotal).to.equal(3_000 + 2_000 + 700);
  });

  it('leaves no trace once it is returned', async () => {
    await buy('p1', 3_000);
    const before = (await state()).progress;
    const figures = { tier: before.tier, games: before.games };
    shop.pass(dayMs);
    await buy('p2', 2_000);
    const from = shop.types().length;
    await giveBack('p2');
    expect(told(from)).to.include.members([
      'StreakSetBack',
      'StreakReopened',
      'TierFiguresTakenBack',
      'TierReviewBroughtForward',
      'PointsClawedBack',
    ]);
    const { progress, points } = await state();
    expect(progress.tier.figures).to.deep.equal(figures.tier.figures);
    expect(progress.games.streaks.get('daily' as GameName)).to.deep.equal(
      figures.games.streaks.get('daily' as GameName),
    );
    expect(points.activeTotal).to.equal(3_000);
    for (const { type, data } of shop.log.facts) {
      assertValid(eventDefinitions.get(type)?.schema as never, data);
    }
    shop.pass(dayMs);
    await buy('p3', 100);
    expect((await state()).progress.tier.level, 'reviewed before the next purchase').to.equal(null);
  });
});
