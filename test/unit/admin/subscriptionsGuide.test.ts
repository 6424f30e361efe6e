/** The guide to subscriptions, sent as it is written: to an endpoint that agrees at the address of the guide and at no other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../../platform/packageRoot.js';
import { answered, type Method, openSubscriptionShop, origin } from './subscriptionShop.js';

const guide = readFileSync(join(packageRoot, 'docs/guides/webhooks.md'), 'utf8');
const steps =
  /```http\n(?<method>\w+) (?<path>\S+)\n(?<body>[\s\S]*?)```(?:\n```json\n(?<answer>[\s\S]*?)```)?/g;

describe('the guide to subscriptions', () => {
  it('does as it says', async () => {
    const agreed = answered(200, { 'webhook-allowed-origin': origin });
    const { shop, send } = await openSubscriptionShop(({ url }) =>
      url === 'https://bank.example/hooks/cars' ? agreed : answered(404),
    );
    const statuses: number[] = [];
    for (const { groups = {} } of guide.matchAll(steps)) {
      const { method = '', path = '', body = '', answer = '{}' } = groups;
      const given = body.trim() ? (JSON.parse(body) as object) : undefined;
      const verb = method.toLowerCase() as Method;
      const reply = await (path.startsWith('/admin')
        ? send(verb, path, given, shop.owner)
        : send(verb, path, given));
      const wanted = JSON.parse(answer) as { status?: unknown };
      expect(reply.body, `${method} ${path}: ${reply.text}`).to.containSubset(wanted);
      statuses.push(reply.status);
    }
    await shop.close();
    expect(statuses).to.have.length(13);
    // One is refused, as the guide says: the endpoint did not agree.
    expect(statuses.filter((status) => status >= 300)).to.deep.equal([409]);
  });
});
