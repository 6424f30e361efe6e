/** The guide to campaigns, sent as it is written: its requests in their order, each against the answer that the guide shows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import request from 'supertest';
import { campaignRoutes } from '../../../api/admin/campaigns.js';
import { campaignRulesRoutes } from '../../../api/admin/campaignRules.js';
import { campaignStepRoutes } from '../../../api/admin/campaignSteps.js';
import { productRoutes } from '../../../api/admin/products.js';
import { packageRoot } from '../../../platform/packageRoot.js';
import { openTestShop, type TestShop } from '../api/testShop.js';

interface Step {
  readonly method: 'get' | 'post' | 'put';
  readonly path: string;
  readonly body: object | undefined;
  readonly answer: unknown;
}

const guide = readFileSync(join(packageRoot, 'docs/guides/campaigns.md'), 'utf8');
const steps = [
  ...guide.matchAll(/```http\n([A-Z]+) (\S+)\n([\s\S]*?)```\n(?:```json\n([\s\S]*?)```)?/g),
].map(([, method = '', path = '', body = '', answer]): Step => ({
  method: method.toLowerCase() as Step['method'],
  path,
  body: body.trim() === '' ? undefined : (JSON.parse(body) as object),
  answer: answer === undefined ? {} : JSON.parse(answer),
}));

/** Whatever the guide shows is in the answer; there may be more. */
const expectShown = (got: unknown, shown: unknown, at: string): void => {
  if (typeof shown !== 'object' || shown === null) {
    expect(got, at).to.equal(shown);
    return;
  }
  for (const [key, value] of Object.entries(shown)) {
    expectShown((got as Record<string, unknown> | null)?.[key], value, `${at}/${key}`);
  }
};

describe('the guide to campaigns', () => {
  let shop: TestShop;
  before(async () => {
    shop = await openTestShop({
      withRoutes: (handler) => [
        ...productRoutes({ handler }),
        ...campaignRoutes({ handler }),
        ...campaignStepRoutes({ handler }),
        ...campaignRulesRoutes({ handler }),
      ],
    });
  });
  after(() => shop.close());

  it('runs as it is written', async () => {
    for (const { method, path, body, answer } of steps) {
      const token = path.startsWith('/pos') ? shop.tokens.till : shop.owner;
      const call = request(shop.app)
        [method](path.replace('CUSTOMER', shop.userId))
        .set('authorization', `Bearer ${token}`);
      const told = await (body === undefined ? call : call.send(body));
      const refused = (answer as { code?: string }).code !== undefined;
      expect(told.status >= 400, `${path} ${told.text}`).to.equal(refused);
      expectShown(told.body, answer, `${method} ${path}`);
    }
    expect(steps.length).to.be.greaterThan(20);
  });

  it('keeps its budgets when tills race for them', async () => {
    const admin = (path: string, body: object) =>
      request(shop.app)
        .post(`/admin/v1/campaigns${path}`)
        .set('authorization', `Bearer ${shop.owner}`)
        .send(body);
    const campaign = {
      ...{ name: 'Race', priority: 1, rewards: [{ kind: 'percent', basisPoints: 1_000 }] },
      limits: { budgets: [{ of: 'amount', most: 75 }] },
    };
    await admin('', { campaignId: 'race', campaign }).expect(201);
    await admin('/race/submission', {}).expect(200);
    await admin('/race/approval', { version: 1 }).expect(200);
    await admin('/race/activation', { version: 1 }).expect(200);
    const lines = [{ productId: 'pears', quantity: 1, price: 100 }];
    const tokens = [shop.tokens.till, shop.tokens.other, shop.tokens.foreign];
    const sales = Array.from({ length: 24 }, (_, index) =>
      shop.post('/purchases', { purchaseId: `race-${index}`, lines }, tokens[index % 3]),
    );
    const discounts = (await Promise.all(sales)).map(({ status, body }) => {
      expect(status, JSON.stringify(body)).to.equal(201);
      return body.discount ?? 0;
    });
    expect(discounts.filter((discount) => discount === 10)).to.have.lengthOf(7);
    expect(discounts.filter((discount) => discount === 0)).to.have.lengthOf(17);
  });
});
