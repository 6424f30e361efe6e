/** The guide to mechanics: of each the receipt before, the campaign put in force, and the receipt after, as the guide shows them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import request from 'supertest';
import { campaignRoutes } from '../../../api/admin/campaigns.js';
import { campaignStepRoutes } from '../../../api/admin/campaignSteps.js';
import { productRoutes } from '../../../api/admin/products.js';
import { rewardKinds } from '../../../domain/pricing/rewards.js';
import { packageRoot } from '../../../platform/packageRoot.js';
import { openTestShop, type TestShop } from '../api/testShop.js';

const guide = readFileSync(join(packageRoot, 'docs/guides/mechanics.md'), 'utf8');

const blockOf = (text: string, label: string): unknown => {
  const found = new RegExp('```json ' + label + '\\n([\\s\\S]*?)```').exec(text);
  return found?.[1] === undefined ? null : JSON.parse(found[1]);
};

const sections = guide
  .split(/^## /m)
  .slice(1)
  .map((text) => ({ title: text.slice(0, text.indexOf('\n')), text }))
  .filter(({ text }) => text.includes('```json campaign'));

describe('the guide to mechanics', () => {
  let shop: TestShop;
  const admin = (path: string, body: object) =>
    request(shop.app)
      .post(`/admin/v1/${path}`)
      .set('authorization', `Bearer ${shop.owner}`)
      .send(body);

  before(async () => {
    shop = await openTestShop({
      withRoutes: (handler) => [
        ...productRoutes({ handler }),
        ...campaignRoutes({ handler }),
        ...campaignStepRoutes({ handler }),
      ],
    });
    const products = blockOf(guide, 'products') as Record<string, object>;
    for (const [productId, product] of Object.entries(products)) {
      const listed = { productId, name: productId, merchantId: null, ...product };
      await admin('products', listed).expect(201);
    }
  });
  after(() => shop.close());

  for (const [index, { title, text }] of sections.entries()) {
    it(`shows what comes of: ${title}`, async () => {
      const path = `/users/${shop.userId}/purchases/quote`;
      const quote = async () => {
        const asked = await shop.post(path, blockOf(text, 'receipt') as object);
        expect(asked.status, JSON.stringify(asked.body)).to.equal(200);
        return asked.body as unknown;
      };
      const campaignId = `m${index}`;
      expect(await quote()).to.containSubset(blockOf(text, 'before') as object);
      await admin('campaigns', { campaignId, campaign: blockOf(text, 'campaign') }).expect(201);
      await admin(`campaigns/${campaignId}/submission`, {}).expect(200);
      await admin(`campaigns/${campaignId}/approval`, { version: 1 }).expect(200);
      await admin(`campaigns/${campaignId}/activation`, { version: 1 }).expect(200);
      expect(await quote()).to.containSubset(blockOf(text, 'after') as object);
      await admin(`campaigns/${campaignId}/end`, { reason: 'shown' }).expect(200);
    });
  }

  it('has every reward that prices or gives points', () => {
    const games = ['stamps', 'challenge', 'instant-win', 'coupon-grant'];
    const kinds = rewardKinds.map(({ kind }) => kind).filter((kind) => !games.includes(kind));
    for (const kind of kinds) expect(guide).to.contain(`"kind": "${kind}"`);
  });
});
