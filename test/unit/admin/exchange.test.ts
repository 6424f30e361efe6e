/** The exchange's registry over HTTP: the guide as it is written, and what the routes refuse. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import request from 'supertest';
import { partnerRoutes } from '../../../api/admin/partners.js';
import { topicRoutes } from '../../../api/admin/topics.js';
import { exchangeRoutes } from '../../../api/exchange/routes.js';
import { createArrivals } from '../../../commands/publication/arrivals.js';
import { createPublish } from '../../../commands/publication/publish.js';
import { createPull } from '../../../commands/publication/pull.js';
import { createReveal } from '../../../commands/publication/reveal.js';
import type { Handler } from '../../../commands/handle.js';
import type { Log } from '../../../commands/log.js';
import { packageRoot } from '../../../platform/packageRoot.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { now } from '../api/testApi.js';
import { openTestShop, type TestShop } from '../api/testShop.js';
import { recordedIn } from '../exchange/recorded.js';

const guide = readFileSync(join(packageRoot, 'docs/guides/exchange.md'), 'utf8');
const steps =
  /```http\n(?<method>\w+) (?<path>\S+)\n(?<body>[\s\S]*?)```(?:\n```json\n(?<answer>[\s\S]*?)```)?/g;

const servedExchange = (handler: Handler, log: Log) => {
  const keys = createMemoryPersonalKeys();
  const about = { log, directory: handler.directory, arrivals: createArrivals() };
  return exchangeRoutes({
    handler,
    publish: createPublish({ ...about, keys }),
    pull: createPull({
      ...about,
      reveal: createReveal(keys),
      monotonicMs: () => performance.now(),
      now: () => now,
    }),
    handOver: recordedIn(log),
    stopping: new AbortController().signal,
  });
};

const openExchange = (): Promise<TestShop> =>
  openTestShop({
    withRoutes: (handler, log) => [
      ...partnerRoutes({ handler }),
      ...topicRoutes({ handler }),
      ...servedExchange(handler, log),
    ],
  });

type Method = 'get' | 'post' | 'put';

describe('the exchange', () => {
  let shop: TestShop;
  beforeEach(async () => void (shop = await openExchange()));
  afterEach(() => shop.close());

  const send = (method: Method, path: string, body?: object, token = shop.owner) => {
    const call = request(shop.app)
      [method](path)
      .set('authorization', `Bearer ${token}`)
      .set('idempotency-key', randomUUID());
    return body === undefined ? call : call.send(body);
  };
  const register = (partnerId: string) =>
    send('post', '/admin/v1/partners', { partnerId, name: partnerId }).expect(201);
  const tokenOf = async (partnerId: string): Promise<{ token: string; credentialId: string }> => {
    const path = `/admin/v1/partners/${partnerId}/credentials`;
    const { body } = await send('post', path, { label: 'test' }).expect(201);
    return body as { token: string; credentialId: string };
  };
  const openTopic = (topicId: string, owner: string) =>
    send('post', '/admin/v1/topics', {
      ...{ topicId, owner, name: 'Cars', description: '', classification: 'open' },
    }).expect(201);

  it('is as the guide says', async () => {
    let partner = '';
    let sent = 0;
    for (const { groups = {} } of guide.matchAll(steps)) {
      const { method = '', path = '', body = '', answer = '{}' } = groups;
      const token = path.startsWith('/exchange') ? partner : shop.owner;
      const given = body.trim() ? (JSON.parse(body) as object) : undefined;
      const reply = await send(method.toLowerCase() as Method, path, given, token);
      expect(reply.status, `${method} ${path}: ${reply.text}`).to.be.below(300);
      const shown = JSON.parse(answer) as object;
      expect(reply.body).to.containSubset(shown);
      const { items } = shown as { items?: unknown[] };
      if (items) expect((reply.body as { items: unknown[] }).items).to.have.length(items.length);
      partner = (reply.body as { token?: string }).token ?? partner;
      sent += 1;
    }
    expect(sent).to.equal(12);
  });

  it('shows a token once', async () => {
    await register('bank');
    const key = randomUUID();
    const ask = () =>
      request(shop.app)
        .post('/admin/v1/partners/bank/credentials')
        .set('authorization', `Bearer ${shop.owner}`)
        .set('idempotency-key', key)
        .send({ label: 'a' });
    const first = (await ask().expect(201)).body as { token: string; credentialId: string };
    const again = (await ask().expect(200)).body as { token: null; credentialId: string };
    expect(first.token).to.match(/^kpp\./);
    expect(again).to.deep.include({ token: null, credentialId: first.credentialId });
    const { text } = await send('get', '/admin/v1/partners/bank/credentials').expect(200);
    expect(text).to.not.contain(first.token.split('.').at(-1)).and.not.contain('secretHash');
  });

  it('ends a token, or all of a partner, at once', async () => {
    await register('bank');
    const [one, two] = [await tokenOf('bank'), await tokenOf('bank')];
    const me = (token: string) => send('get', '/exchange/v1/me', undefined, token);
    await me(one.token).expect(200);
    const path = `/admin/v1/partners/bank/credentials/${one.credentialId}/revocation`;
    await send('post', path, { reason: 'leaked' }).expect(200);
    expect((await me(one.token).expect(401)).body).to.include({ code: 'token-revoked' });
    await me(two.token).expect(200);
    await send('post', '/admin/v1/partners/bank/revocation', { reason: 'left' }).expect(200);
    expect((await me(two.token).expect(401)).body).to.include({ code: 'token-revoked' });
  });

  it('lets no partner into the programme, and no operator or till into the exchange', async () => {
    await register('bank');
    const { token } = await tokenOf('bank');
    for (const path of ['/admin/v1/partners', '/admin/v1/topics', '/pos/v1/products/']) {
      expect((await send('get', path, undefined, token).expect(403)).body).to.include({
        code: 'forbidden',
      });
    }
    for (const other of [shop.owner, shop.tokens.till]) {
      await send('get', '/exchange/v1/topics', undefined, other).expect(403);
    }
  });

  it('shows a partner its own topics and those opened to it, no others', async () => {
    for (const partner of ['bank', 'dealer', 'insurer']) await register(partner);
    await openTopic('cars', 'dealer');
    await openTopic('loans', 'bank');
    await openTopic('claims', 'insurer');
    await send('put', '/admin/v1/topics/cars/grants/bank', { history: 'all' }).expect(200);
    const { token } = await tokenOf('bank');
    const { body } = await send('get', '/exchange/v1/topics', undefined, token).expect(200);
    const seen = (body as { items: { topicId: string; relation: string }[] }).items;
    expect(seen.map(({ topicId, relation }) => [topicId, relation])).to.deep.equal([
      ['cars', 'reader'],
      ['loans', 'owner'],
    ]);
  });

  it('refuses what cannot be', async () => {
    await register('dealer');
    await openTopic('cars', 'dealer');
    const refusals: readonly (readonly [Method, string, object, number, string])[] = [
      ['put', '/admin/v1/topics/cars/grants/dealer', { history: 'all' }, 409, 'grant-to-owner'],
      ['put', '/admin/v1/topics/cars/grants/nobody', { history: 'all' }, 404, 'partner-not-found'],
      ['put', '/admin/v1/topics/boats/grants/dealer', { history: 'all' }, 404, 'topic-not-found'],
      ['put', '/admin/v1/topics/cars/grants/dealer', { history: 'some' }, 400, 'invalid-input'],
      ['post', '/admin/v1/partners', { partnerId: 'Dealer!', name: 'x' }, 400, 'invalid-input'],
      ['post', '/admin/v1/partners', { partnerId: 'dealer', name: 'x' }, 409, 'already-registered'],
      ['post', '/admin/v1/partners/nobody/credentials', { label: 'a' }, 404, 'partner-not-found'],
    ];
    for (const [method, path, body, status, code] of refusals) {
      const reply = await send(method, path, body);
      expect([reply.status, (reply.body as { code: string }).code], path).to.deep.equal([
        status,
        code,
      ]);
    }
    await send('post', '/admin/v1/topics/cars/archival', { reason: 'over' }).expect(200);
    const described = { name: 'Cars', description: 'x', classification: 'open' };
    const late = await send('put', '/admin/v1/topics/cars/description', described).expect(409);
    expect(late.body).to.include({ code: 'topic-archived' });
  });
});
