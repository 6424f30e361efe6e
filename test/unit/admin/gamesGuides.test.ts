/** The guides to games and draws: every request in them is sent, and answered as they say. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import request from 'supertest';
import { verifyProof } from '../../../cli/draw/verifyProof.js';
import { adminRoutes, type AdminOptions } from '../../../api/admin/routes.js';
import { registerOperator } from '../../../commands/registry/registerOperator.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { createSeeds } from '../../../commands/seeds.js';
import type { OperatorId, TenantId } from '../../../domain/ids.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { packageRoot } from '../../../platform/packageRoot.js';
import { operatorToken, testApi } from '../api/testApi.js';
import { openHouse } from '../commands/house.js';

const demo = 'demo' as TenantId;
const steps =
  /<!-- now (?<now>\S+) -->|```http\n(?<method>\w+) (?<path>\S+)\n(?<body>[\s\S]*?)```(?:\n```json\n(?<answer>[\s\S]*?)```)?/g;

const open = async (now: () => number) => {
  const house = openHouse(now);
  const { handler, directory, context } = house;
  const named = { name: 'Demo', currency: 'GBP', gsrnPrefix: '8018000' };
  await handler.handle(registerTenant, named, context());
  const manager = { operatorId: 'manager' as OperatorId, name: 'M', password: 'a long enough one' };
  await handler.handle(registerOperator, { ...manager, roles: ['manager'] }, context());
  const seeds = createSeeds(createMemoryPersonalKeys());
  const routes = adminRoutes({ handler, homeTenant: demo, seeds } as AdminOptions);
  const { app, close } = testApi(routes, { directory, now });
  const end = async () => {
    close();
    await house.close();
  };
  return { app, end };
};

describe('the guides to games and draws', () => {
  for (const [guide, requests] of [
    ['games', 6],
    ['draws', 5],
  ] as const) {
    it(`send what they say: ${guide}.md`, async () => {
      let now = 0;
      let sent = 0;
      let last: unknown = null;
      const text = readFileSync(join(packageRoot, `docs/guides/${guide}.md`), 'utf8');
      const { app, end } = await open(() => now);
      for (const { groups = {} } of text.matchAll(steps)) {
        if (groups['now']) {
          now = Date.parse(groups['now']);
          continue;
        }
        const { method = '', path = '', body = '', answer = '{}' } = groups;
        const token = operatorToken(demo, 'manager', now + 3_600_000);
        const call = request(app)
          [method.toLowerCase() as 'get' | 'post' | 'put'](path)
          .set('authorization', `Bearer ${token}`);
        const reply = await (body.trim() ? call.send(JSON.parse(body) as object) : call);
        expect(reply.status, `${method} ${path}: ${reply.text}`).to.be.below(300);
        expect(reply.body).to.containSubset(JSON.parse(answer));
        last = reply.body;
        sent += 1;
      }
      await end();
      expect(sent).to.equal(requests);
      if (guide === 'draws') {
        expect(verifyProof(last as never).every(({ holds }) => holds)).to.equal(true);
      }
    });
  }
});
