/**
 * The embedded PostgreSQL killed while tills confirm: the product brings it back and goes on. A till meets "try again" at worst,
 * never a fault, and what it repeats is recorded once.
 */
import { expect } from 'chai';
import { type Cleanup, createCleanup } from '../../bench/cleanup.js';
import { processTree } from '../../bench/machine/processes.js';
import { type Product, startProduct } from '../../bench/product/product.js';
import { customers, openShop, type Shop } from '../../bench/product/shop.js';
import { connectHttp, NoAnswer, Problem } from '../../cli/http/http.js';
import { confirmations, listedPurchases, streamOf } from './fault/records.js';

const kills = 2;
const sellers = 8;
const soldBetweenKills = 60;
const patienceMs = 40_000;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('a product whose PostgreSQL is killed while tills confirm', function () {
  this.timeout(150_000);

  const users = customers(6);
  const faults: unknown[] = [];
  const sold: { readonly userId: string; readonly purchaseId: string }[] = [];
  const refusals = new Set<string>();
  let cleanup: Cleanup;
  let product: Product;
  let shop: Shop;
  let selling = true;

  before(async () => {
    cleanup = createCleanup((error) => faults.push(error));
    product = await startProduct({ dataDir: cleanup.folder('postgres'), cleanup });
    shop = await openShop(product, cleanup);
    await shop.enrol(users);
  });

  after(async () => {
    await cleanup.run();
    expect(faults, 'faults of the clean-up').to.be.empty;
  });

  /** Sells until told to stop; whatever is answered with "try again" is sent again. */
  const sell = async (seller: number): Promise<void> => {
    const http = connectHttp(product.url, { connections: 1 });
    for (let n = 1; selling;) {
      const userId = users[(seller + n) % users.length] as string;
      const purchaseId = `killed-${seller}-${n}`;
      try {
        await http.send({
          method: 'POST',
          path: `/pos/v1/users/${userId}/purchases`,
          body: { purchaseId, lines: [{ productId: 'SKU1', quantity: 1, price: 500 }] },
          token: product.tillToken,
          idempotencyKey: purchaseId,
          deadlineMs: 30_000,
        });
        sold.push({ userId, purchaseId });
        n += 1;
      } catch (error) {
        if (error instanceof Problem) refusals.add(`${error.status} ${error.code}`);
        else if (!(error instanceof NoAnswer)) throw error;
        await pause(50);
      }
    }
    http.close();
  };

  const postmaster = (): number => {
    const found = processTree(product.pid).find(({ command }) => /postgres -D /.test(command));
    if (!found) throw new Error('no PostgreSQL runs');
    return found.pid;
  };

  const soldMore = async (count: number): Promise<void> => {
    const goal = sold.length + count;
    const giveUpAt = performance.now() + patienceMs;
    while (sold.length < goal) {
      if (performance.now() > giveUpAt) throw new Error(`only ${sold.length} of ${goal} sold`);
      await pause(20);
    }
  };

  it('goes on confirming each time, and says nothing worse than "try again" meanwhile', async () => {
    const running = Array.from({ length: sellers }, (_, seller) => sell(seller));
    await soldMore(soldBetweenKills);
    for (let kill = 1; kill <= kills; kill += 1) {
      process.kill(postmaster(), 'SIGKILL');
      await soldMore(soldBetweenKills);
    }
    selling = false;
    await Promise.all(running);
    expect([...refusals].filter((refusal) => !refusal.startsWith('503 '))).to.deep.equal([]);
  });

  it('is ready again', async () => {
    const giveUpAt = performance.now() + patienceMs;
    for (;;) {
      const response = await fetch(`${product.url}/health/ready`);
      const health: unknown = await response.json();
      if (response.ok) return;
      if (performance.now() > giveUpAt) expect.fail(JSON.stringify(health));
      await pause(100);
    }
  });

  it('has recorded every purchase once, in the log and in its read models', async () => {
    await shop.untilApplied(patienceMs);
    for (const userId of users) {
      const mine = sold.filter((one) => one.userId === userId).map(({ purchaseId }) => purchaseId);
      const recorded = confirmations(await streamOf(shop.session, userId));
      expect([...recorded.keys()]).to.have.members(mine);
      for (const [purchaseId, events] of recorded) expect(events, purchaseId).to.have.length(1);
      expect(await listedPurchases(shop.session, userId)).to.have.members(mine);
    }
  });
});
