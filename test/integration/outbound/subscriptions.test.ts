/**
 * Subscriptions put together as the product does it, before real endpoints on loopback: what they are asked, what of their answers is
 * told, and what they may not be.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import request from 'supertest';
import { partnerRoutes } from '../../../api/admin/partners.js';
import { topicRoutes } from '../../../api/admin/topics.js';
import { openSubscriptions } from '../../../platform/compose/subscriptions.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { openTestShop, type TestShop } from '../../unit/api/testShop.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
interface Body {
  readonly status: string;
  readonly why: { readonly explanation: string } | null;
}

const agree: Answer = (_request, response) =>
  response
    .writeHead(200, { 'WebHook-Allowed-Origin': 'exchange.example', 'WebHook-Allowed-Rate': '60' })
    .end();

describe('an endpoint', () => {
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  const serve = (answer: Answer): Promise<number> =>
    new Promise((resolve) => {
      const server = createServer(answer).listen(0, '127.0.0.1', () => {
        endings.push(() => (server.closeAllConnections(), server.close()));
        resolve((server.address() as AddressInfo).port);
      });
    });

  const open = async (settings: { networks?: string[]; unverified?: boolean } = {}) => {
    const leaving = new AbortController();
    const shop: TestShop = await openTestShop({
      withRoutes: (handler, log) => [
        ...partnerRoutes({ handler }),
        ...topicRoutes({ handler }),
        ...openSubscriptions({
          config: {
            publicUrl: 'https://exchange.example/kopilka',
            webhookPrivateNetworks: settings.networks ?? ['127.0.0.0/8'],
            webhookUnverified: settings.unverified ?? false,
          },
          handler,
          personalKeys: createMemoryPersonalKeys(),
          history: {
            stream: async (name) => ({
              facts: (await log.read(name, 0, 100)).slice(-1),
              next: null,
            }),
          },
          stopping: leaving.signal,
          hasRole: () => true,
        }),
      ],
    });
    endings.push(() => (leaving.abort(), shop.close()));
    const send = (path: string, body: object, token = shop.owner) =>
      request(shop.app)
        .post(path)
        .set('authorization', `Bearer ${token}`)
        .set('idempotency-key', randomUUID())
        .send(body);
    await send('/admin/v1/partners', { partnerId: 'bank', name: 'Bank' }).expect(201);
    const about = { name: 'Cars', description: '', classification: 'open' };
    const topic = { topicId: 'cars', owner: 'bank', ...about };
    await send('/admin/v1/topics', topic).expect(201);
    const { body } = await send('/admin/v1/partners/bank/credentials', { label: 'x' }).expect(201);
    const { token } = body as { token: string };
    return {
      leaving,
      subscribe: (url: string, more: object = {}) =>
        send('/exchange/v1/subscriptions', { topicId: 'cars', endpoint: { url }, ...more }, token),
    };
  };

  it('is asked by OPTIONS, with who asks and its own headers, and agrees', async () => {
    const seen: IncomingMessage[] = [];
    const port = await serve((asked, response) => {
      seen.push(asked);
      agree(asked, response);
    });
    const { subscribe } = await open();
    const headers = { authorization: 'Bearer of-the-endpoint' };
    const url = `http://127.0.0.1:${port}/hooks/cars?a=1`;
    const { body } = await subscribe(url, { headers, ratePerSecond: 2 }).expect(201);
    expect(body).to.containSubset({ status: 'active', verification: { allowedRate: 60 } });
    expect(seen).to.have.length(1);
    expect(seen[0]).to.include({ method: 'OPTIONS', url: '/hooks/cars?a=1' });
    expect(seen[0]?.headers).to.include({
      ...headers,
      'webhook-request-origin': 'exchange.example',
      'webhook-request-rate': '120',
    });
  });

  it('that answers otherwise is told of as it answered', async () => {
    const answers: readonly (readonly [Answer, RegExp])[] = [
      [(_asked, response) => response.writeHead(405).end(), /answered 405 to OPTIONS/],
      [(_asked, response) => response.writeHead(200).end(), /without an origin/],
      [
        (_asked, response) => response.writeHead(302, { location: 'http://10.0.0.1/' }).end(),
        /answered 302 to OPTIONS/,
      ],
      [
        (_asked, response) =>
          response.writeHead(200, { 'WebHook-Allowed-Origin': 'other.example' }).end(),
        /allows "other.example" and nobody else/,
      ],
      [(asked) => asked.socket.destroy(), /did not answer to OPTIONS/],
    ];
    const { subscribe } = await open();
    for (const [answer, explanation] of answers) {
      const { body } = await subscribe(`http://127.0.0.1:${await serve(answer)}/`).expect(201);
      expect(body).to.include({ status: 'unverified' });
      expect((body as Body).why?.explanation).to.match(explanation);
    }
  });

  it('that nobody listens at, or that is an address of ours, is told of so', async () => {
    const { subscribe } = await open({ networks: [] });
    const own = await subscribe('https://127.0.0.1/').expect(400);
    expect(own.text).to.contain('may not be reached').and.contain('/endpoint/url');
    await subscribe('http://bank.example/').expect(400);
    // A name is taken down as it is, and judged when it is called.
    const named = await subscribe('https://localhost:9/').expect(201);
    expect((named.body as Body).why?.explanation).to.match(/not called: localhost is (127|::1)/);
    const opened = await open();
    const closed = await opened.subscribe('http://127.0.0.1:9/').expect(201);
    expect((closed.body as Body).why?.explanation).to.contain('ECONNREFUSED');
  });

  it('is not asked where the installation lets an order go without', async () => {
    const seen: IncomingMessage[] = [];
    const port = await serve((asked) => void seen.push(asked));
    const { subscribe } = await open({ unverified: true });
    const order = { verification: 'none' };
    const { body } = await subscribe(`http://127.0.0.1:${port}/`, order).expect(201);
    expect(body).to.containSubset({ status: 'active', verification: { kind: 'none' } });
    expect(seen).to.deep.equal([]);
  });

  it('that keeps silent keeps nobody from leaving', async () => {
    let asked: () => void;
    const reached = new Promise<void>((resolve) => (asked = resolve));
    const port = await serve(() => asked());
    const { subscribe, leaving } = await open();
    const started = performance.now();
    const [reply] = await Promise.all([
      subscribe(`http://127.0.0.1:${port}/`).expect(201),
      reached.then(() => leaving.abort()),
    ]);
    expect((reply.body as Body).why?.explanation).to.contain('did not answer to OPTIONS');
    expect(performance.now() - started).to.be.lessThan(4_000);
  });
});
