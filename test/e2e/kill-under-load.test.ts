/**
 * The fault run: tills confirm, the process is killed at a random moment, started again on the same data, several times over.
 * Afterwards the log, the read models and the tills' own records must tell the same story.
 *
 * PostgreSQL outlives the kill, as it does in life. KOPILKA_FAULT_ROUNDS sets the number of kills (default 2).
 */
import { expect } from 'chai';
import { type Cleanup, createCleanup } from '../../bench/cleanup.js';
import { randomFrom } from '../../bench/load/receipts.js';
import { ended, processTree } from '../../bench/machine/processes.js';
import { type Product, startProduct } from '../../bench/product/product.js';
import { customers, openShop, type Shop } from '../../bench/product/shop.js';
import {
  balanceOf,
  confirmations,
  listedPurchases,
  runningPoints,
  streamOf,
} from './fault/records.js';
import { createTraffic, type Traffic } from './fault/traffic.js';

const rounds = Number(process.env['KOPILKA_FAULT_ROUNDS'] || 2);
const seed = Number(process.env['KOPILKA_FAULT_SEED'] || Date.now() % 1_000_000);
const applyDeadlineMs = 60_000;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe(`killed under load ${rounds} times (KOPILKA_FAULT_SEED=${seed})`, function () {
  this.timeout(120_000 + rounds * 60_000);

  const random = randomFrom(seed);
  const users = customers(12);
  const faults: unknown[] = [];
  let cleanup: Cleanup;
  let product: Product;
  let shop: Shop;
  let traffic: Traffic;
  let sizeBefore = 0;

  /** Nobody is asked twice for what he was not told: what the log holds of it, before any repeat. */
  const recordedTimes = async (userId: string, purchaseId: string): Promise<number> =>
    confirmations(await streamOf(shop.session, userId)).get(purchaseId)?.length ?? 0;

  /** Something of this round was confirmed. */
  const untilSold = async (): Promise<void> => {
    const giveUpAt = performance.now() + 20_000;
    const isSold = () =>
      traffic.witnessed.slice(sizeBefore).some(({ outcome }) => outcome === 'confirmed');
    while (!isSold() && performance.now() < giveUpAt) await pause(10);
  };

  const start = async (dataDir: string): Promise<void> => {
    product = await startProduct({ dataDir, cleanup });
    shop = await openShop(product, cleanup);
  };

  before(async () => {
    cleanup = createCleanup((error) => faults.push(error));
    await start(cleanup.folder('fault'));
    await shop.enrol(users);
    traffic = createTraffic(users, random);
  });

  after(async () => {
    await cleanup.run();
    expect(faults, 'faults of the clean-up').to.be.empty;
  });

  for (let round = 1; round <= rounds; round += 1) {
    it(`comes back after kill ${round}, and a till that repeats gets one purchase`, async () => {
      sizeBefore = traffic.witnessed.length;
      const selling = traffic.run(product);
      const pauseMs = 300 + random() * 1_500;
      await untilSold();
      await pause(pauseMs);
      await product.kill();
      await selling;
      const sent = traffic.witnessed.slice(sizeBefore);
      expect(sent.filter(({ outcome }) => outcome === 'confirmed')).to.not.be.empty;
      const unanswered = sent.filter(({ outcome }) => outcome === 'unanswered');
      expect(unanswered, 'purchases on their way when it was killed').to.not.be.empty;

      await start(product.dataDir);
      for (const sold of unanswered) {
        const { userId, body } = sold;
        const before = await recordedTimes(userId, body.purchaseId);
        expect(before, `${body.purchaseId} before its repeat`).to.be.at.most(1);
        await traffic.repeat(sold, product);
        expect(sold.outcome, body.purchaseId).to.be.oneOf(['confirmed', 'refused']);
        if (before === 1) expect(sold.outcome, body.purchaseId).to.equal('confirmed');
      }
    });
  }

  it('has every answered purchase in the log exactly once, as it was answered, and no refused one', async () => {
    for (const userId of users) {
      const recorded = confirmations(await streamOf(shop.session, userId));
      const sold = traffic.witnessed.filter((one) => one.userId === userId);
      const confirmed = sold.filter(({ outcome }) => outcome === 'confirmed');
      expect([...recorded.keys()]).to.have.members(confirmed.map(({ body }) => body.purchaseId));
      for (const { body, answer } of confirmed) {
        const events = recorded.get(body.purchaseId) ?? [];
        expect(events, body.purchaseId).to.have.length(1);
        const { total, pointsEarned, pointsRedeemed } = events[0]?.data ?? {};
        expect({ total, pointsEarned, pointsRedeemed }).to.deep.equal({
          total: answer?.total,
          pointsEarned: answer?.pointsEarned,
          pointsRedeemed: answer?.pointsRedeemed,
        });
      }
    }
  });

  it('has the same purchases in its read models, and balances that are the sum of the events', async () => {
    await shop.untilApplied(applyDeadlineMs);
    for (const userId of users) {
      const events = await streamOf(shop.session, userId);
      const recorded = [...confirmations(events).keys()];
      expect(await listedPurchases(shop.session, userId)).to.have.members(recorded);
      const points = runningPoints(events);
      expect(Math.min(0, ...points), `lowest balance of ${userId}`).to.equal(0);
      const balance = await balanceOf(shop.session, userId);
      expect(balance.active).to.be.at.least(0);
      expect(balance.pending).to.be.at.least(0);
      expect(balance.deficit).to.equal(0);
      expect(balance.active + balance.pending).to.equal(points.at(-1));
      expect(balance.purchases).to.equal(recorded.length);
    }
  });

  it('has read models that equal a full replay of the log', async () => {
    for (const { projection } of await shop.readModels()) {
      const { job } = await shop.work(projection, 'verifications', applyDeadlineMs);
      expect(job.result?.['differences'], projection).to.deep.equal([]);
    }
  });

  it('stops in order afterwards and leaves no process behind', async () => {
    const family = processTree(product.pid).map(({ pid }) => pid);
    await product.stop();
    expect(await ended(family, 10_000)).to.equal(true);
  });
});
