import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Type } from '@sinclair/typebox';
import { expect } from 'chai';
import request from 'supertest';
import { anyCredentials, everybody, operatorsOnly, tillsOnly } from '../../../api/auth/access.js';
import { type Route, route } from '../../../api/route.js';
import { demo, now, operatorToken, testApi, testServer, tillToken } from './testApi.js';

const echo = route({
  method: 'POST',
  path: '/things/{thingId}/echo/',
  summary: 'Echo',
  tags: ['test'],
  access: tillsOnly,
  params: { thingId: Type.Integer({ minimum: 1 }) },
  query: { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })) },
  body: Type.Object(
    { name: Type.String({ maxLength: 5 }), deep: Type.Optional(Type.Unknown()) },
    { additionalProperties: false },
  ),
  response: Type.Object({ thingId: Type.Integer(), name: Type.String(), limit: Type.Integer() }),
  handle: ({ params, body, query }) => ({
    body: { thingId: params.thingId, name: body.name, limit: query.limit ?? 0 },
    position: 42n,
  }),
});
const whoami = route({
  method: 'GET',
  path: '/whoami',
  summary: 'Who',
  tags: ['test'],
  access: anyCredentials,
  response: Type.Object({ kind: Type.String() }),
  handle: ({ caller }) => ({ body: { kind: caller.kind } }),
});
const broken = route({
  method: 'GET',
  path: '/broken',
  summary: 'Broken',
  tags: ['test'],
  access: everybody,
  response: Type.Object({}),
  handle: () => {
    throw new Error('the password is hunter2');
  },
});
const slow = route({
  method: 'GET',
  path: '/slow',
  summary: 'Slow',
  tags: ['test'],
  access: everybody,
  response: Type.Object({}),
  handle: () => new Promise<never>(() => undefined),
});
const restricted = route({
  method: 'DELETE',
  path: '/things/{thingId}',
  summary: 'Restricted',
  tags: ['test'],
  access: operatorsOnly('owner'),
  params: { thingId: Type.String() },
  status: 204,
  response: Type.Null(),
  handle: () => ({ body: null }),
});
const routes: readonly Route[] = [echo, whoami, broken, slow, restricted];

const till = `Bearer ${tillToken(demo, 'till1')}`;
const posting = (body: string | object, path = '/things/7/echo', options = {}) => {
  const { app, close } = testApi(routes, options);
  close();
  return request(app)
    .post(path)
    .set('authorization', till)
    .set('content-type', 'application/json')
    .send(body);
};

describe('the server', () => {
  it('answers with the position and the correlation id', async () => {
    const { app } = testApi(routes);
    const answer = await request(app)
      .post('/things/7/echo/?limit=3')
      .set('authorization', till)
      .set('x-request-id', 'my.request-1')
      .send({ name: 'ann' });
    expect(answer.status).to.equal(200);
    expect(answer.body).to.deep.equal({ thingId: 7, name: 'ann', limit: 3 });
    expect(answer.headers['kopilka-position']).to.equal('42');
    expect(answer.headers['x-request-id']).to.equal('my.request-1');
    expect(answer.headers['content-security-policy']).to.contain("default-src 'none'");
    expect(answer.headers['x-powered-by']).to.equal(undefined);
  });

  it('takes the trace id of traceparent for the correlation', async () => {
    const trace = '0af7651916cd43dd8448eb211c80319c';
    const answer = await request(testApi(routes).app)
      .get('/whoami')
      .set('traceparent', `00-${trace}-b7ad6b7169203331-01`);
    expect(answer.headers['x-request-id']).to.equal(trace);
  });

  it('names every fault of a body with its pointer', async () => {
    const answer = await posting({ name: 'too long', extra: 1 });
    expect(answer.status).to.equal(400);
    expect(answer.headers['content-type']).to.equal('application/problem+json');
    expect(answer.body.code).to.equal('invalid-input');
    expect(answer.body.faults).to.have.deep.members([
      { in: 'body', pointer: '/extra', reason: 'is not a known field' },
      { in: 'body', pointer: '/name', reason: 'must NOT have more than 5 characters' },
    ]);
  });

  it('refuses a body that is too large, told before or while it arrives', async () => {
    const limits = { bodyBytesMax: 100 };
    const answer = await posting({ name: 'x'.repeat(200) }, undefined, { limits });
    expect([answer.status, answer.body.code, answer.body.bytesMax]).to.deep.equal([
      413,
      'body-too-large',
      100,
    ]);
    const streamed = request(testApi(routes, { limits }).app)
      .post('/things/7/echo')
      .set('authorization', till)
      .set('content-type', 'application/json')
      .set('transfer-encoding', 'chunked');
    streamed.write('{"name":"');
    streamed.write('x'.repeat(200));
    expect((await streamed).status).to.equal(413);
  });

  it('refuses a body that is nested too deeply, brackets in strings not counted', async () => {
    const nested = `{"name":"a","deep":${'['.repeat(40)}${']'.repeat(40)}}`;
    const answer = await posting(nested);
    expect([answer.status, answer.body.code, answer.body.depthMax]).to.deep.equal([
      400,
      'body-too-deep',
      32,
    ]);
    const text = await posting({ name: 'a', deep: '[{"\\'.repeat(50) });
    expect(text.status).to.equal(200);
  });

  it('says where JSON is broken', async () => {
    const answer = await posting('{\n  "name": tru }');
    expect(answer.status).to.equal(400);
    expect(answer.body).to.include({ code: 'broken-json', offset: 12, line: 2, column: 11 });
    const early = await posting('{"name": "a"');
    expect(early.body).to.include({ code: 'broken-json', detail: 'The body ends too early.' });
  });

  it('refuses what is not JSON by its type', async () => {
    const answer = await request(testApi(routes).app)
      .post('/things/7/echo')
      .set('authorization', till)
      .set('content-type', 'text/plain')
      .send('{}');
    expect([answer.status, answer.body.code]).to.deep.equal([415, 'unsupported-media-type']);
  });

  it('refuses a missing body, and a body where none belongs', async () => {
    const { app } = testApi(routes);
    const missing = await request(app).post('/things/7/echo').set('authorization', till);
    expect([missing.status, missing.body.code]).to.deep.equal([400, 'body-missing']);
    expect(missing.body.detail).to.equal('Send a JSON body; it needs `name`.');
    const unexpected = await request(app).get('/whoami').set('authorization', till).send({ a: 1 });
    expect([unexpected.status, unexpected.body.code]).to.deep.equal([400, 'body-unexpected']);
  });

  it('refuses faults of the path and of the query in their own terms', async () => {
    const path = await posting({ name: 'a' }, '/things/abc/echo');
    expect(path.body.faults).to.deep.equal([
      { in: 'path', pointer: '/thingId', reason: 'must be integer' },
    ]);
    const encoded = await posting({ name: 'a' }, '/things/%E0%A4%A/echo');
    expect(encoded.body.faults[0].reason).to.equal('is not properly percent-encoded');
    for (const [place, part] of [
      ['/things/1%00/echo', 'path'],
      ['/things/1/echo?limit=%00', 'query'],
    ] as const) {
      const { body } = await posting({ name: 'a' }, place);
      expect(body.faults[0]).to.include({ in: part, reason: 'holds the character U+0000' });
    }
    const query = await posting({ name: 'a' }, '/things/1/echo?limit=1000');
    expect(query.body.faults).to.deep.equal([
      { in: 'query', pointer: '/limit', reason: 'must be <= 100' },
    ]);
    const unknown = await posting({ name: 'a' }, '/things/1/echo?size=1');
    expect(unknown.body.faults).to.deep.equal([
      { in: 'query', pointer: '/size', reason: 'is not a known parameter' },
    ]);
    const twice = await posting({ name: 'a' }, '/things/1/echo?limit=1&limit=2');
    expect(twice.body.faults[0].reason).to.equal('is given more than once');
  });

  it('tells a path that is not there from a method that it does not know', async () => {
    const { app } = testApi(routes);
    const nowhere = await request(app).get('/nowhere').set('authorization', till);
    expect([nowhere.status, nowhere.body.code]).to.deep.equal([404, 'not-found']);
    const method = await request(app).put('/whoami').set('authorization', till);
    expect([method.status, method.body.code]).to.deep.equal([405, 'method-not-allowed']);
    expect(method.headers['allow']).to.equal('GET');
  });

  it('says nothing of a bug but its correlation id, and logs all of it', async () => {
    const { app, lines } = testApi(routes);
    const answer = await request(app).get('/broken').set('x-request-id', 'bug-1');
    expect(answer.status).to.equal(500);
    expect(answer.body).to.deep.equal({
      type: '/docs/errors#internal-error',
      title: 'Something went wrong on our side',
      status: 500,
      detail: 'Tell the operators the correlation id.',
      code: 'internal-error',
      correlationId: 'bug-1',
    });
    const [line] = lines;
    expect(line?.message).to.equal('request failed');
    expect((line?.fields['err'] as Error).message).to.equal('the password is hunter2');
  });

  it('ends a request that takes too long', async () => {
    const { app, close } = testApi(routes, { limits: { requestTimeoutMs: 40 } });
    const answer = await request(app).get('/slow');
    close();
    expect([answer.status, answer.body.code]).to.deep.equal([503, 'request-timeout']);
    expect(answer.headers['retry-after']).to.equal('1');
  });

  it('carries nothing out for a client that is gone by its turn', async () => {
    let carriedOut = 0;
    const touch = route({
      method: 'GET',
      path: '/touch',
      summary: 'Touch',
      tags: ['test'],
      access: anyCredentials,
      response: Type.Object({ kind: Type.String() }),
      handle: () => {
        carriedOut += 1;
        return { body: { kind: 'till' } };
      },
    });
    const { api, lines } = testServer([touch]);
    const server = createServer(api.app);
    server.prependListener('request', (request) => request.destroy());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.end(`GET /touch HTTP/1.1\r\nhost: kopilka\r\nauthorization: ${till}\r\n\r\n`);
    await Promise.all([once(client, 'close'), once(server, 'request')]);
    await api.inFlight.drained();
    api.inFlight.close();
    server.close();
    expect(carriedOut).to.equal(0);
    expect(lines.map(({ fields }) => fields['code'])).to.deep.equal(['malformed-request']);
  });

  it('limits the rate of each credential by itself', async () => {
    let at = now;
    const { app } = testApi(routes, { perSecond: 1, burst: 2, now: () => at });
    const ask = (token: string) => request(app).get('/whoami').set('authorization', token);
    expect((await ask(till)).status).to.equal(200);
    expect((await ask(till)).status).to.equal(200);
    const third = await ask(till);
    expect([third.status, third.body.code]).to.deep.equal([429, 'rate-limited']);
    expect(third.headers['retry-after']).to.equal('1');
    expect((await ask(`Bearer ${tillToken(demo, 'till2')}`)).status).to.equal(200);
    at += 1_000;
    expect((await ask(till)).status).to.equal(200);
  });

  it('keeps one wide line of each request, without ids of the path', async () => {
    const { app, lines } = testApi(routes);
    await request(app)
      .delete('/things/secret')
      .set('authorization', `Bearer ${operatorToken(demo, 'owner')}`);
    expect(lines).to.have.length(1);
    expect(lines[0]?.fields).to.include({
      method: 'DELETE',
      route: '/things/{thingId}',
      status: 204,
      tenant: 'demo',
      actor: 'operator:owner',
    });
    expect(JSON.stringify(lines)).not.to.contain('secret');
  });
});
