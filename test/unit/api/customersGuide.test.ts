/** The guide to what campaigns know of a customer, sent as it is written. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import request from 'supertest';
import { campaignRoutes } from '../../../api/admin/campaigns.js';
import { campaignStepRoutes } from '../../../api/admin/campaignSteps.js';
import { packageRoot } from '../../../platform/packageRoot.js';
import { openTestShop } from './testShop.js';

const guide = readFileSync(join(packageRoot, 'docs/guides/customers.md'), 'utf8');
const steps =
  /```http\n(?<method>\w+) (?<path>\S+)\n(?<body>[\s\S]*?)```(?:\n```json\n(?<answer>[\s\S]*?)```)?/g;

describe('the guide to customers', () => {
  it('runs as it is written', async () => {
    const shop = await openTestShop({
      withRoutes: (handler) => [...campaignRoutes({ handler }), ...campaignStepRoutes({ handler })],
    });
    let sent = 0;
    for (const { groups = {} } of guide.matchAll(steps)) {
      const { method = '', path = '', body = '', answer = '{}' } = groups;
      const token = path.startsWith('/admin') ? shop.owner : shop.tokens.till;
      const call = request(shop.app)
        [method.toLowerCase() as 'get' | 'post' | 'put'](path)
        .set('authorization', `Bearer ${token}`)
        .set('idempotency-key', randomUUID());
      const reply = await (body.trim() ? call.send(JSON.parse(body) as object) : call);
      expect(reply.status, `${method} ${path}: ${reply.text}`).to.be.below(300);
      expect(reply.body).to.containSubset(JSON.parse(answer));
      sent += 1;
    }
    await shop.close();
    expect(sent).to.equal(11);
  });
});
