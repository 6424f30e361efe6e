/**
 * Receipts of many customers and of nobody that race over HTTP, in the whole product: for a code of one use, for a budget and for the
 * last prize. Then all goes back, and the workers leave what all share as it was.
 */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { type Cleanup, createCleanup } from '../../bench/cleanup.js';
import { type Product, startProduct } from '../../bench/product/product.js';
import { eventually } from '../unit/workers/eventually.js';

type Json = Record<string, unknown>;

const requestDeadlineMs = 30_000;
const lines = [{ productId: '85123A', quantity: 2, price: 500 }];
const prize = 'a bicycle';

describe('receipts that race in the whole product', function () {
  this.timeout(120_000);
  const faults: unknown[] = [];
  let cleanup: Cleanup;
  let product: Product;
  let operator: string;
  let users: string[];

  const call = async (method: string, path: string, token: string, sent?: object) => {
    const response = await fetch(`${product.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(sent ? { 'content-type': 'application/json', 'idempotency-key': randomUUID() } : {}),
      },
      ...(sent ? { body: JSON.stringify(sent) } : {}),
      signal: AbortSignal.timeout(requestDeadlineMs),
    });
    const text = await response.text();
    expect(response.status, text).to.be.oneOf([200, 201]);
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { text, body: (isJson ? JSON.parse(text) : {}) as Json };
  };
  const till = async (path: string, sent: object) =>
    (await call('POST', `/pos/v1${path}`, product.tillToken, sent)).body;
  const console = async (method: string, path: string, sent?: object) =>
    (await call(method, `/admin/v1${path}`, operator, sent)).body;

  const promote = async (campaignId: string, content: object) => {
    const campaign = {
      ...{ name: campaignId, priority: 1 },
      ...{ rewards: [{ kind: 'percent', basisPoints: 1_000 }], ...content },
    };
    await console('POST', '/campaigns', { campaignId, campaign });
    await console('POST', `/campaigns/${campaignId}/activation`, { version: 1 });
  };
  const end = (campaignId: string) =>
    console('POST', `/campaigns/${campaignId}/end`, { reason: 'over' });

  /** Everybody at once, under ids that begin with `id`: the customers, and as many of nobody. */
  const rush = (id: string, more: object = {}) =>
    Promise.all([
      ...users.map((userId) =>
        till(`/users/${userId}/purchases`, { purchaseId: id, lines, ...more }),
      ),
      ...users.map((_, index) =>
        till('/purchases', { purchaseId: `${id}${index}`, lines, ...more }),
      ),
    ]);
  const giveAllBack = (id: string) =>
    Promise.all([
      ...users.map((userId) =>
        till(`/users/${userId}/purchases/${id}/returns`, { returnId: `${id}-back` }),
      ),
      ...users.map((_, index) =>
        till(`/purchases/${id}${index}/returns`, { returnId: `${id}${index}-back` }),
      ),
    ]);
  const discounted = (receipts: readonly Json[]) =>
    receipts.filter(({ discount }) => (discount as number) > 0);

  before(async () => {
    cleanup = createCleanup((error) => faults.push(error));
    product = await startProduct({ dataDir: cleanup.folder('races'), cleanup });
    const { login, password } = product.operator;
    operator = (await till('/logon', { tenant: 'demo', login, password }))['token'] as string;
    users = await Promise.all(
      Array.from({ length: 6 }, async () => String((await till('/users', {}))['userId'])),
    );
  });
  after(async () => {
    await cleanup.run();
    expect(faults, 'faults of the clean-up').to.be.empty;
  });

  it('spend a code of one use once, and again when its goods came back', async () => {
    await console('POST', '/coupon-series', { seriesId: 'once', name: 'Once', kind: 'singleUse' });
    await console('POST', '/coupon-series/once/codes', { count: 1 });
    const { text } = await call('GET', '/admin/v1/coupon-series/once/codes.csv', operator);
    const code = /[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/.exec(text)?.[0] ?? '';
    await promote('welcome', { when: { kind: 'coupon', series: ['once'] } });
    const coupons = { coupons: [code] };
    expect(discounted(await rush('a', coupons))).to.have.lengthOf(1);
    await giveAllBack('a');
    await eventually(async () => {
      const [first] = discounted(await rush(`b${randomUUID().slice(0, 8)}`, coupons));
      expect(first, 'the code is free again').to.include({ discount: 100 });
    });
    await end('welcome');
  });

  it('never exceed a budget, which is whole again when all came back', async () => {
    await promote('few', { limits: { budgets: [{ of: 'uses', most: 5 }] } });
    expect(discounted(await rush('c'))).to.have.lengthOf(5);
    await giveAllBack('c');
    await eventually(async () => {
      const { charged, remaining } = await console('GET', '/campaigns/few/budget');
      expect(charged).to.include({ amount: 0, uses: 0 });
      expect(remaining).to.include({ uses: 5 });
    });
    expect(discounted(await rush('d'))).to.have.lengthOf(5);
    await end('few');
  });

  it('win the last prizes once, and again when they came back', async () => {
    const prizes = [{ prize, chance: 1_000_000, stock: 2, reward: null }];
    await console('PUT', '/games/scratch', { definition: { kind: 'instantWin', prizes } });
    const chances = [{ prize, chance: 1_000_000 }];
    await promote('fun', { rewards: [{ kind: 'instant-win', game: 'scratch', prizes: chances }] });
    const winners = (receipts: readonly Json[]) =>
      receipts.filter(({ texts }) => (texts as { slip: string[] }).slip.includes(`Won: ${prize}`));
    expect(winners(await rush('e'))).to.have.lengthOf(2);
    await giveAllBack('e');
    let again = 0;
    await eventually(async () => {
      again += winners(await rush(`f${randomUUID().slice(0, 8)}`)).length;
      expect(again, 'both are to be won again').to.equal(2);
    });
    expect(winners(await rush('g')), 'and then there are none').to.have.lengthOf(0);
  });
});
