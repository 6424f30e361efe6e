/** The gateway before the API: what reaches it, as whom, and what the gateway refuses by itself. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Type } from '@sinclair/typebox';
import { expect } from 'chai';
import { Agent, request } from 'undici';
import { everybody, messengersOnly, partnersOnly, tillsOnly } from '../../../api/auth/access.js';
import { type Route, route } from '../../../api/route.js';
import { allRoutes } from '../../unit/api/allRoutes.js';
import { testServer } from '../../unit/api/testApi.js';
import { type IdentityShop, openIdentityShop } from '../../unit/identity/shop.js';
import { type Gateway, type Group, groups, startGateway, whyNot } from './nginx.js';

const forged = {
  'x-user-id': 'owner',
  'x-partner-id': 'dealer',
  'x-tenant-id': 'strange',
  'x-caller-kind': 'operator',
  x_user_id: 'owner',
  'x-real-ip': '10.0.0.1',
  'x-forwarded-for': '10.0.0.1',
  'x-forwarded-host': 'evil.example',
  forwarded: 'for=10.0.0.1',
};

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Record<string, unknown>;
}

describe(`the gateway${whyNot === null ? '' : ` (pending: ${whyNot})`}`, () => {
  let shop: IdentityShop;
  let gateway: Gateway;
  let agent: Agent;
  let user: { readonly token: string; readonly userId: string };
  let goOn: () => void;
  const servers: Server[] = [];
  const closing: (() => void)[] = [];

  /** What the servers behind the gateway are sent, and an answer that goes on. */
  const probes = (): Route[] => {
    const seen = (path: string, access: Route['access']) =>
      route({
        ...{ method: 'GET', path, summary: 'Headers', tags: ['Test'], access },
        response: Type.Unknown(),
        handle: ({ headers }) => ({ body: headers }),
      });
    const stream = route({
      method: 'GET',
      path: '/exchange/v1/topics/{topicId}/stream',
      ...{ summary: 'Two events', tags: ['Test'], access: partnersOnly },
      params: { topicId: Type.String() },
      response: Type.String(),
      contentType: 'text/event-stream',
      handle: () => ({ body: twoEvents() }),
    });
    return [
      ...[seen('/exchange/v1/seen', partnersOnly), seen('/pos/v1/seen', tillsOnly), stream],
      ...[seen('/outreach/v1/seen', messengersOnly), seen('/outreach/v1/callbacks/x/y', everybody)],
      seen('/outreach/v1/unsubscribe/x', everybody),
    ];
  };
  async function* twoEvents() {
    yield 'data: first\n\n';
    await new Promise<void>((resolve) => (goOn = resolve));
    yield 'data: second\n\n';
  }

  const groupOf = ({ path }: Route): Group => {
    if (path.startsWith('/auth/')) return 'exchange';
    return groups.find((group) => path.startsWith(`/${group}/`)) ?? 'admin';
  };
  const serve = async (group: Group, routes: readonly Route[]): Promise<number> => {
    const { api } = testServer(
      routes.filter((each) => groupOf(each) === group),
      { directory: shop.handler.directory, verifyToken: shop.accessTokens.verify },
    );
    const server = createServer(api.classes, api.app).listen(0, '127.0.0.1');
    servers.push(server);
    closing.push(api.inFlight.close);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };

  const ask = async (
    path: string,
    token?: string,
    options: { method?: 'POST'; headers?: Record<string, string>; body?: string } = {},
  ): Promise<Answer> => {
    const answer = await request(`${gateway.url}${path}`, {
      dispatcher: agent,
      method: options.method ?? 'GET',
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: options.body }),
    });
    const text = await answer.body.text();
    const body = text.startsWith('{') ? (JSON.parse(text) as Answer['body']) : {};
    return { status: answer.statusCode, headers: answer.headers, body };
  };
  /** A problem of the gateway itself, in the form of all others. */
  const expectProblem = ({ status, headers, body }: Answer, as: number, code: string) => {
    expect({ status, code: body['code'] }).to.deep.equal({ status: as, code });
    expect(headers['content-type']).to.match(/^application\/problem\+json/);
    expect(body).to.include({ status: as, type: `/docs/errors#${code}` });
    expect(body['correlationId']).to.match(/^[0-9a-f]{32}$/);
  };

  before(async function () {
    if (whyNot !== null) return this.skip();
    shop = await openIdentityShop();
    const partner = { partnerId: 'bank', name: 'Bank' };
    await shop.send('post', '/admin/v1/partners', partner, shop.owner).expect(201);
    const invitation = { name: 'Anna', email: 'anna@bank.example', roles: ['administrator'] };
    const users = '/admin/v1/partners/bank/users';
    const invited = await shop.send('post', users, invitation, shop.owner).expect(201);
    const { code, userId } = invited.body as { code: string; userId: string };
    const password = 'seven quiet otters';
    await shop.send('post', '/auth/password', { code, password }).expect(200);
    const login = { tenant: 'demo', partnerId: 'bank', email: invitation.email, password };
    const { body } = await shop.send('post', '/auth/logon', login).expect(200);
    user = { userId, token: (body as { token: string }).token };

    // Those that the shop serves, those of the test, and of the audit's one that needs nothing behind it.
    const audit = route({
      ...{ method: 'GET', path: '/audit/v1/events', summary: 'None', tags: ['Test'] },
      access: tillsOnly,
      response: Type.Unknown(),
      handle: () => ({ body: { items: [] } }),
    });
    const routes = [...shop.allRoutes, ...probes(), audit];
    const ports = { pos: 0, exchange: 0, outreach: 0, admin: 0, audit: 0 };
    for (const group of groups) ports[group] = await serve(group, routes);
    gateway = await startGateway(ports);
    agent = new Agent({ connect: { ca: gateway.certificate, servername: 'localhost' } });
  });
  after(async () => {
    await agent?.close();
    await gateway?.stop();
    for (const close of closing) close();
    for (const server of servers) server.close().closeAllConnections();
    await shop?.close();
  });

  it('sends each API to the servers of its role', async () => {
    expect((await ask('/pos/v1/logon', shop.tokens.till)).body).to.include({ tillId: 'till1' });
    expect((await ask('/exchange/v1/me', user.token)).body).to.include({ partnerId: 'bank' });
    expect((await ask('/admin/v1/partners', shop.owner)).status).to.equal(200);
    expect((await ask('/audit/v1/events', shop.tokens.till)).status).to.equal(200);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await ask('/outreach/v1/seen', shop.owner)).body).to.include({ 'x-tenant-id': 'demo' });
    const token = await ask('/auth/token', undefined, {
      ...{ method: 'POST', headers: form, body: 'grant_type=password' },
    });
    expect(token.body).to.include({ error: 'unsupported_grant_type' });
    for (const group of groups) expect(gateway.logged()).to.include(`"path":"/${group}/v1/`);
  });

  it('tells the exchange who it is, and lets nobody else tell it', async () => {
    const { status, body } = await ask('/exchange/v1/seen', user.token, { headers: forged });
    expect(status).to.equal(200);
    expect(body).to.include({
      ...{ 'x-user-id': user.userId, 'x-partner-id': 'bank', 'x-tenant-id': 'demo' },
      'x-forwarded-for': '127.0.0.1',
    });
    for (const name of ['x-caller-kind', 'x_user_id', 'x-real-ip', 'forwarded']) {
      expect(body).not.to.have.property(name);
    }
    expect(JSON.stringify(body)).not.to.match(/10\.0\.0\.1|evil|strange|dealer/);
  });

  it('hands no such header on to the other APIs', async () => {
    const { body } = await ask('/pos/v1/seen', shop.tokens.till, { headers: forged });
    for (const name of ['x-user-id', 'x-partner-id', 'x-tenant-id', 'x_user_id', 'forwarded']) {
      expect(body).not.to.have.property(name);
    }
  });

  it('lets nobody through to the exchange without a good token, whatever else they send', async () => {
    const nobody = await ask('/exchange/v1/seen', undefined, { headers: forged });
    expectProblem(nobody, 401, 'credentials-missing');
    const wrong = await ask('/exchange/v1/seen', `${user.token}x`, { headers: forged });
    expectProblem(wrong, 401, 'credentials-invalid');
    expect(wrong.headers['www-authenticate']).to.include('error="invalid_token"');
    const path = '/admin/v1/partners/bank/users';
    const ben = await ask(path, shop.owner, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'ben' },
      body: JSON.stringify({ name: 'Ben', email: 'ben@bank.example', roles: ['reader'] }),
    });
    expect(ben.status).to.equal(201);
    // A till's token is good, and still no partner's: that the exchange says itself.
    const till = await ask('/exchange/v1/seen', shop.tokens.till);
    expect(till.body).to.include({ status: 403, code: 'forbidden' });
  });

  it('asks who it is before messages are reached, but not of those who carry or get them', async () => {
    const nobody = await ask('/outreach/v1/seen', undefined, { headers: forged });
    expectProblem(nobody, 401, 'credentials-missing');
    for (const path of ['/outreach/v1/callbacks/x/y', '/outreach/v1/unsubscribe/x']) {
      const { status, body } = await ask(path, undefined, { headers: forged });
      expect(status, path).to.equal(200);
      for (const name of ['x-user-id', 'x-partner-id', 'x-tenant-id', 'forwarded']) {
        expect(body, path).not.to.have.property(name);
      }
    }
  });

  it('stops whoever was blocked with the next request', async () => {
    const credential = '/admin/v1/partners/bank/credentials';
    const made = await shop.send('post', credential, { label: 'x' }, shop.owner).expect(201);
    const { token, credentialId } = made.body as { token: string; credentialId: string };
    expect((await ask('/exchange/v1/me', token)).status).to.equal(200);
    const ended = `${credential}/${credentialId}/revocation`;
    await shop.send('post', ended, { reason: 'leaked' }, shop.owner).expect(200);
    const refused = await ask('/exchange/v1/me', token);
    expectProblem(refused, 401, 'credentials-invalid');
    expect(refused.headers['www-authenticate']).to.include('The token was revoked');
  });

  it('keeps its own questions and the figures of the inside to itself', async () => {
    for (const path of ['/auth/verify', '/gateway/verify', '/metrics', '/%67ateway/verify']) {
      expectProblem(await ask(path, user.token), 404, 'not-found');
    }
  });

  it('passes the problems of the services on as they are', async () => {
    const { status, body } = await ask('/exchange/v1/users/nobody', user.token);
    expect({ status, code: body['code'] }).to.deep.equal({ status: 400, code: 'invalid-input' });
  });

  it('refuses what is too large before a byte of it was sent', async () => {
    // Announced only: the answer has to come without the body.
    const { hostname, port } = new URL(gateway.url);
    const socket = connectTls({ host: hostname, port: Number(port), ca: gateway.certificate });
    socket.write(
      'POST /pos/v1/purchases/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
        `Authorization: Bearer ${shop.tokens.till}\r\nContent-Length: 3000000\r\n\r\n`,
    );
    let text = '';
    for await (const chunk of socket.setEncoding('utf8')) {
      text += chunk as string;
      if (text.includes('"correlationId"')) break;
    }
    expect(text).to.match(/^HTTP\/1\.1 413 /);
    expect(text).to.include('application/problem+json').and.to.include('body-too-large');
  });

  it('refuses headers that are too large, and what is no HTTP', async () => {
    const large = await ask('/pos/v1/logon', 'x'.repeat(9_000));
    expectProblem(large, 431, 'headers-too-large');
    expectProblem(await ask(`/docs?${'x'.repeat(9_000)}`), 431, 'headers-too-large');
    const { hostname, port } = new URL(gateway.url);
    const socket = connectTls({ host: hostname, port: Number(port), ca: gateway.certificate });
    socket.end('nonsense\r\n\r\n');
    let text = '';
    for await (const chunk of socket.setEncoding('utf8')) text += chunk as string;
    expect(text).to.include('400').and.to.include('malformed-request');
  });

  it('hands server-sent events on one by one', async () => {
    const real = allRoutes().find(({ path }) => path.endsWith('/stream'));
    expect(real?.path).to.equal('/exchange/v1/topics/{topicId}/stream');
    const { body } = await request(`${gateway.url}/exchange/v1/topics/cars/stream`, {
      dispatcher: agent,
      headers: { authorization: `Bearer ${user.token}`, 'accept-encoding': 'gzip' },
    });
    const pieces: string[] = [];
    for await (const piece of body.setEncoding('utf8')) {
      pieces.push(piece as string);
      // The second is made only once the first has arrived.
      if (pieces.length === 1) goOn();
    }
    expect(pieces.map((piece) => piece.trim())).to.deep.equal(['data: first', 'data: second']);
  });

  it('makes whoever hammers the log-on wait', async () => {
    const tried = await Promise.all(Array.from({ length: 80 }, () => ask('/auth/token')));
    const limited = tried.filter(({ status }) => status === 429);
    // 20 at once and 5 a second: how many are let through depends on how long this takes.
    expect(limited.length).to.be.within(10, 60);
    expectProblem(limited[0] as Answer, 429, 'rate-limited');
    expect(limited[0]?.headers['retry-after']).to.equal('1');
    expect(tried.filter(({ status }) => status === 405).length).to.equal(80 - limited.length);
  });

  it('says that a service does not answer, and nothing of its insides', async () => {
    const [pos, exchange] = servers;
    for (const server of [pos, exchange]) server?.close().closeAllConnections();
    // Of the exchange it is the question who it is that has no answer: nobody is let through for that.
    for (const path of ['/pos/v1/seen', '/exchange/v1/seen']) {
      const gone = await ask(path, shop.tokens.till);
      expectProblem(gone, 503, 'service-unavailable');
      expect(JSON.stringify(gone.body)).not.to.match(/127\.0\.0\.1|nginx/);
    }
  });

  it('logs a line for each request, without a token', () => {
    const lines = gateway.logged().split('\n');
    const mine = lines.filter((line) => line.includes('"path":"/exchange/v1/seen"'));
    expect(mine.map((line) => (JSON.parse(line) as { user: string }).user)).to.include(user.userId);
    expect(gateway.logged()).not.to.include(user.token.split('.')[2]);
  });
});
