/** What a till is told of tiers and games: by the quote, the receipt, its repeat and its return, and when it asks. */
import { expect } from 'chai';
import request from 'supertest';
import { activateCampaign } from '../../../commands/campaign/activateCampaign.js';
import { draftCampaign } from '../../../commands/campaign/draftCampaign.js';
import { createDefineGame } from '../../../commands/game/defineGame.js';
import type { Handler } from '../../../commands/handle.js';
import { createSeeds } from '../../../commands/seeds.js';
import { setTierScheme } from '../../../commands/tier/setTierScheme.js';
import { assertValid } from '../../../commands/validation.js';
import type { GameDefinition, GameName, GameReward } from '../../../domain/game/definition.js';
import type { ProductId } from '../../../domain/ids.js';
import type { CampaignId } from '../../../domain/pricing/campaign.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { demo } from '../commands/house.js';
import { now } from './testApi.js';
import { openTestShop, type TestShop } from './testShop.js';

const line = (quantity: number) => ({ productId: '85123A', quantity, price: 1_000 });
const coffee: GameReward = { kind: 'gift', productIds: ['COFFEE' as ProductId], units: 1 };

describe('a till that tells customers where they stand', () => {
  let shop: TestShop;
  let handler: Handler;
  let purchases: string;
  beforeEach(async () => {
    shop = await openTestShop({
      withRoutes: (given) => {
        handler = given;
        return [];
      },
    });
    purchases = `/users/${shop.userId}/purchases`;
  });
  afterEach(() => shop.close());

  const context = () => ({
    ...{ tenant: demo, actor: { kind: 'operator', id: 'owner' } as const, now },
    ...{ idempotencyKey: `k${Math.random()}`, correlationId: 'spec' },
  });
  const play = async () => {
    const levels = [
      { name: 'silver', from: 3_000 },
      { name: 'gold', from: 10_000 },
    ];
    const scheme = {
      ...{ basis: 'spent' as const, window: { kind: 'ever' as const }, levels },
      ...{ graceDays: 0, downgrade: 'reached' as const },
    };
    await handler.handle(setTierScheme, { scheme }, context());
    const define = createDefineGame(createSeeds(createMemoryPersonalKeys()));
    const games: Record<string, GameDefinition> = {
      coffee: { kind: 'stampCard', title: 'Coffee', goal: 5, validDays: null, reward: coffee },
      daily: {
        ...{ kind: 'streak', period: 'day', length: 3, minimum: 100, repeats: true },
        reward: { kind: 'points', points: 100 },
      },
      fruit: {
        ...{ kind: 'challenge', unit: 'amount', goal: 9_000, reward: coffee },
        window: { kind: 'each', period: 'week' },
      },
    };
    for (const [name, definition] of Object.entries(games)) {
      await handler.handle(define, { name: name as GameName, definition }, context());
    }
    const campaignId = 'stamps' as CampaignId;
    const rewards = [
      { kind: 'stamps', card: 'coffee', by: 'unit', stamps: 1 },
      { kind: 'challenge', challenge: 'fruit', by: 'amount' },
    ] as never;
    const campaign = { name: 'Stamps', priority: 1, rewards };
    await handler.handle(draftCampaign, { campaignId, campaign }, context());
    await handler.handle(activateCampaign, { campaignId, version: 1 }, context());
  };
  const progress = async () =>
    (
      await request(shop.app)
        .get(`/pos/v1/users/${shop.userId}/progress`)
        .set('authorization', `Bearer ${shop.tokens.till}`)
        .expect(200)
    ).body as Record<string, unknown>;
  const shapeOf = (method: string, path: string) =>
    shop.routes.find((one) => one.method === method && one.path === `/pos/v1/users/{userId}${path}`)
      ?.response as never;

  it('says nothing of either where the programme has none', async () => {
    const quote = await shop.post(`${purchases}/quote`, { lines: [line(1)] }).expect(200);
    const { body } = await shop.post(purchases, { purchaseId: 'p1', lines: [line(1)] }).expect(201);
    const back = await shop.post(`${purchases}/p1/returns`, { returnId: 'r1' }).expect(201);
    for (const answer of [quote.body, body, back.body]) {
      expect(answer).not.to.have.any.keys('tier', 'games');
    }
    expect(await progress()).to.deep.equal({ userId: shop.userId, games: [] });
  });

  it('tells with the receipt what it did, as it was quoted, and the same when it is sent again', async () => {
    await play();
    const lines = [line(4)];
    const quote = await shop.post(`${purchases}/quote`, { lines }).expect(200);
    const first = await shop.post(purchases, { purchaseId: 'p1', lines }).expect(201);
    const told = {
      tier: {
        ...{ level: 'silver', basis: 'spent', figure: 4_000 },
        next: { level: 'gold', from: 10_000, missing: 6_000 },
      },
      games: [
        { game: 'coffee', kind: 'stampCard', change: 4, have: 4, goal: 5, completed: 0 },
        { game: 'fruit', kind: 'challenge', change: 4_000, have: 4_000, goal: 9_000, completed: 0 },
        { game: 'daily', kind: 'streak', change: 1, have: 1, goal: 3, completed: 0 },
      ],
    };
    expect(first.body).to.deep.include(told);
    expect(quote.body).to.deep.include(told);
    assertValid(shapeOf('POST', '/purchases/'), first.body);
    assertValid(shapeOf('POST', '/purchases/quote'), quote.body);
    await shop.post(purchases, { purchaseId: 'p2', lines }).expect(201);
    const again = await shop.post(purchases, { purchaseId: 'p1', lines }).expect(200);
    expect(again.body).to.deep.equal({ ...first.body, repeated: true });
    const late = { purchaseId: 'p1', lines, offline: true };
    expect((await shop.post(purchases, late).expect(200)).body).to.deep.include(told);
  });

  it('tells what was completed and what it gives, and what a return takes back', async () => {
    await play();
    await shop.post(purchases, { purchaseId: 'p1', lines: [line(4)] }).expect(201);
    const second = await shop.post(purchases, { purchaseId: 'p2', lines: [line(6)] }).expect(201);
    expect(second.body.tier).to.deep.equal({ level: 'gold', basis: 'spent', figure: 10_000 });
    expect(second.body.games).to.containSubset([
      { game: 'coffee', change: 6, have: 0, goal: 5, completed: 2, rewards: [coffee, coffee] },
      { game: 'fruit', change: 6_000, have: 10_000, completed: 1, rewards: [coffee] },
      { game: 'daily', change: 1, have: 1, completed: 0 },
    ]);
    const back = await shop.post(`${purchases}/p2/returns`, { returnId: 'r1' }).expect(201);
    assertValid(shapeOf('POST', '/purchases/{purchaseId}/returns'), back.body);
    expect(back.body.tier).to.include({ level: 'gold', figure: 4_000 });
    expect(back.body.games).to.containSubset([
      { game: 'coffee', change: -6, have: 4, completed: -2, rewards: [coffee, coffee] },
      { game: 'fruit', change: -6_000, have: 4_000, completed: -1, rewards: [coffee] },
    ]);
  });

  it('tells where the customer stands when it asks, also of games that were not begun', async () => {
    await play();
    expect((await progress())['tier']).to.deep.equal({
      ...{ level: null, basis: 'spent', figure: 0, until: null },
      next: { level: 'silver', from: 3_000, missing: 3_000 },
    });
    await shop.post(purchases, { purchaseId: 'p1', lines: [line(6)] }).expect(201);
    const body = await progress();
    assertValid(shapeOf('GET', '/progress'), body);
    expect(body['games']).to.have.deep.members([
      { game: 'coffee', kind: 'stampCard', title: 'Coffee', have: 1, goal: 5, completed: 1 },
      { game: 'daily', kind: 'streak', have: 1, goal: 3, completed: 0 },
      { game: 'fruit', kind: 'challenge', have: 6_000, goal: 9_000, completed: 0 },
    ]);
    expect(body['tier']).to.deep.include({ level: 'silver', figure: 6_000 });
  });

  it('is told with each receipt and return just what it is told when it asks afterwards', async () => {
    await play();
    let seed = 7;
    const draw = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    const open: string[] = [];
    for (let n = 0; n < 15; n += 1) {
      const id = open.length > 0 && draw(3) === 0 ? open.splice(draw(open.length), 1)[0] : null;
      const back = () => shop.post(`${purchases}/${id}/returns`, { returnId: `r${n}` });
      const buy = () => shop.post(purchases, { purchaseId: `p${n}`, lines: [line(1 + draw(7))] });
      const { body } = await (id ? back() : buy()).expect(201);
      if (!id) open.push(`p${n}`);
      const { tier, games } = (await progress()) as {
        tier: object;
        games: { game: string; have: number }[];
      };
      expect(tier, `step ${n}`).to.deep.include(body.tier);
      for (const { game, have } of body.games) {
        expect(games.find((one) => one.game === game)?.have, `${game} at step ${n}`).to.equal(have);
      }
    }
  });
});
