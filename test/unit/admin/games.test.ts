/** Tiers, games and draws as operators keep them, over the log in memory: every example of the documentation is sent as it is. */
import { expect } from 'chai';
import type { Express } from 'express';
import request from 'supertest';
import { verifyProof } from '../../../cli/draw/verifyProof.js';
import { adminRoutes, type AdminOptions } from '../../../api/admin/routes.js';
import type { Route } from '../../../api/route.js';
import { registerOperator } from '../../../commands/registry/registerOperator.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { createSeeds, sha256 } from '../../../commands/seeds.js';
import type { OperatorId, TenantId } from '../../../domain/ids.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { operatorToken, testApi } from '../api/testApi.js';
import { type House, openHouse } from '../commands/house.js';

const demo = 'demo' as TenantId;
const start = Date.UTC(2026, 1, 1);
const password = 'a long enough password';

describe('the console of tiers, games and draws', () => {
  let app: Express;
  let close: () => void;
  let house: House;
  let routes: readonly Route[];
  let now = start;

  before(async () => {
    house = openHouse(() => now);
    const { handler, directory } = house;
    const named = { name: 'Demo', currency: 'GBP', gsrnPrefix: '8018000' };
    await handler.handle(registerTenant, named, house.context());
    for (const role of ['manager', 'auditor'] as const) {
      const operator = { operatorId: role as string as OperatorId, name: role, password };
      await handler.handle(registerOperator, { ...operator, roles: [role] }, house.context());
    }
    const seeds = createSeeds(createMemoryPersonalKeys());
    routes = adminRoutes({ handler, homeTenant: demo, seeds } as AdminOptions);
    ({ app, close } = testApi(routes, { directory, now: () => now }));
  });
  after(async () => {
    close();
    await house.close();
  });

  const send = (method: 'get' | 'post' | 'put', path: string, body?: object, login = 'manager') => {
    const token = operatorToken(demo, login, now + 3_600_000);
    const call = request(app)[method](`/admin/v1${path}`).set('authorization', `Bearer ${token}`);
    return body === undefined ? call : call.send(body);
  };
  const examplesOf = (method: string, path: string): object[] => {
    const found = routes.find((one) => one.method === method && one.path === `/admin/v1${path}`);
    return (found?.examples.body ?? []).map(({ value }) => value as object);
  };

  it('sets the tiers, version by version, and shows them', async () => {
    await send('get', '/tiers').expect(404);
    const [example] = examplesOf('PUT', '/tiers') as [{ scheme: object }];
    const set = await send('put', '/tiers', example).expect(200);
    expect(set.body).to.deep.equal({ version: 1, ...example });
    await send('put', '/tiers', { scheme: { ...example.scheme, graceDays: 0 } }).expect(200);
    const shown = await send('get', '/tiers', undefined, 'auditor').expect(200);
    expect(shown.body.version).to.equal(2);
    await send('put', '/tiers', example, 'auditor').expect(403);
  });

  it('defines every kind of game, lists them and ends them', async () => {
    const examples = examplesOf('PUT', '/games/{name}') as { definition: { kind: string } }[];
    for (const example of examples) {
      const { kind } = example.definition;
      const { body } = await send('put', `/games/${kind}`, example).expect(200);
      expect(body).to.include({ name: kind, version: 1 });
    }
    const { body } = await send('get', '/games', undefined, 'auditor').expect(200);
    expect(body.items.map(({ name }: { name: string }) => name)).to.deep.equal([
      'challenge',
      'instantWin',
      'stampCard',
      'streak',
    ]);
    const before = (await send('get', '/games/instantWin').expect(200)).body;
    expect(before).to.include({ status: 'played', seed: null });
    await send('post', '/games/instantWin/ending', { reason: 'the summer is over' }).expect(200);
    const after = (await send('get', '/games/instantWin').expect(200)).body;
    expect(after.status).to.equal('ended');
    expect(sha256(Buffer.from(after.seed, 'hex')), 'the seed that was committed to').to.equal(
      before.seedHash,
    );
    await send('put', '/games/instantWin', examples[3]).expect(409);
    await send('get', '/games/nosuch').expect(404);
  });

  it('leads a draw from its announcement to a proof that anyone can check', async () => {
    const [example] = examplesOf('POST', '/draws') as [object];
    const { body: announced } = await send('post', '/draws', example).expect(201);
    expect(announced).to.deep.include({ ...example, status: 'announced' });
    const [letter] = examplesOf('POST', '/draws/{drawId}/entries') as [object];
    await send('post', '/draws/spring_draw/entries', letter).expect(409);
    now = Date.UTC(2026, 2, 10);
    const entered = await send('post', '/draws/spring_draw/entries', letter).expect(201);
    await send('post', '/draws/spring_draw/entries', letter).expect(200);
    for (const number of [1, 2, 3]) {
      const userId = String(number).repeat(25);
      const entry = { userId, entries: number, cause: `hand:letter-${number}` };
      await send('post', '/draws/spring_draw/entries', entry).expect(201);
    }
    await send('get', '/draws/spring_draw/proof').expect(409);
    await send('post', '/draws/spring_draw/closing').expect(409);
    now = Date.UTC(2026, 3, 1, 0, 1);
    const { body: over } = await send('post', '/draws/spring_draw/closing').expect(200);
    expect(over).to.include({ status: 'closed', count: 4, entries: 7 });
    await send('post', '/draws/spring_draw/cancellation', { reason: 'a better idea' }).expect(409);
    await send('post', '/draws/spring_draw/decision', {}).expect(422);
    const decision = { beacon: '3 11 17 28 41 46' };
    const { body: decided } = await send('post', '/draws/spring_draw/decision', decision).expect(
      200,
    );
    expect(decided.winners).to.have.length(4);
    const { body: proof } = await send(
      'get',
      '/draws/spring_draw/proof',
      undefined,
      'auditor',
    ).expect(200);
    expect(verifyProof(proof).filter(({ holds }) => !holds)).to.deep.equal([]);
    expect(proof.seedHash).to.equal(announced.seedHash);
    expect(JSON.stringify(proof)).not.to.contain('1'.repeat(25));
    const participants = proof.entries.map(([participant]: [string]) => participant);
    expect(participants).to.include(entered.body.participant);
    const shown = await send('get', '/draws', undefined, 'auditor').expect(200);
    expect(shown.body.items[0].status).to.equal('decided');
  });

  it('cancels a draw that is still open', async () => {
    const terms = {
      name: 'Rain',
      opens: '2026-05-01T00:00:00Z',
      closes: '2026-06-01T00:00:00Z',
      prizes: [{ prize: 'an umbrella', count: 1 }],
      purchases: null,
    };
    await send('post', '/draws', { drawId: 'rain', terms }).expect(201);
    const reason = { reason: 'the sun came out' };
    const { body } = await send('post', '/draws/rain/cancellation', reason).expect(200);
    expect(body.status).to.equal('cancelled');
    await send('post', '/draws/nosuch/closing').expect(404);
  });
});
