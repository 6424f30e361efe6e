import { expect } from 'chai';
import { confirmPurchase } from '../../../commands/account/confirmPurchase.js';
import { returnPurchase } from '../../../commands/account/returnPurchase.js';
import { createAnnounceDraw } from '../../../commands/draw/announceDraw.js';
import { createSeeds } from '../../../commands/seeds.js';
import { draw, type DrawId, drawStream } from '../../../domain/draw/draw.js';
import type { Position } from '../../../domain/fact.js';
import type { PurchaseId, ReturnId } from '../../../domain/ids.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { createDrawEntries } from '../../../workers/drawEntries.js';
import { goods, openShop, receipt, type Shop, till } from '../commands/account/shop.js';
import { demo } from '../commands/house.js';
import { eventually } from './eventually.js';

const drawId = 'spring' as DrawId;
const day = 86_400_000;

describe('the worker of draw entries', () => {
  let shop: Shop;
  let ending: AbortController;
  let running: Promise<void>;
  let saved: Position | null;
  let failures: unknown[];
  const seeds = createSeeds(createMemoryPersonalKeys());

  const start = () => {
    ending = new AbortController();
    const { handler, log: feed, now } = shop;
    const checkpoints = {
      load: () => Promise.resolve(saved),
      save: async (_name: string, position: Position) => void (saved = position),
    };
    const onFailed = (error: unknown) => void failures.push(error);
    const parts = { feed, handler, seeds, checkpoints, now, onFailed };
    running = createDrawEntries(parts).run(ending.signal);
  };
  const stop = async () => {
    ending.abort();
    await running;
  };
  const buy = (id: string, amount: number) => {
    const input = { userId: shop.userId, ...receipt(id, goods(amount)) };
    return shop.handler.handle(confirmPurchase, input, shop.context());
  };
  const entries = async () =>
    [...(await shop.handler.state(drawStream(demo, drawId), draw)).entries.values()].map(
      (entry) => entry.entries,
    );

  beforeEach(async () => {
    failures = [];
    saved = null;
    shop = await openShop();
    const opens = shop.now() + day;
    const prizes = [{ prize: 'a hamper', count: 1 }];
    const terms = { name: 'Spring', opens, closes: opens + 10 * day, prizes };
    const input = { drawId, terms: { ...terms, purchases: { per: 1_000, most: 5 } } };
    await shop.handler.handle(createAnnounceDraw(seeds), input, shop.context());
  });
  afterEach(async () => {
    await stop();
    await shop.close();
  });

  it('enters what is bought while the draw is open, once', async () => {
    start();
    await buy('before', 5_000);
    shop.pass(day);
    await buy('p1', 2_500);
    await buy('p2', 999);
    await buy('p3', 9_000);
    await eventually(async () => expect(await entries()).to.deep.equal([2, 5]));
    await stop();
    saved = null;
    start();
    await buy('p4', 1_000);
    await eventually(async () => expect(await entries()).to.deep.equal([2, 5, 1]));
    expect(failures).to.deep.equal([]);
  });

  it('takes back the entries of a purchase that was returned as a whole', async () => {
    start();
    shop.pass(day);
    await buy('p1', 2_500);
    await buy('p2', 3_000);
    const back = { ...till, purchaseId: 'p1' as PurchaseId, returnId: 'r1' as ReturnId };
    await shop.handler.handle(returnPurchase, { userId: shop.userId, ...back }, shop.context());
    await eventually(async () => {
      expect(shop.types()).to.include('DrawEntryWithdrawn');
      expect(await entries()).to.deep.equal([3]);
    });
  });
});
