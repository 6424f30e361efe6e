/**
 * Every route of the product against every kind of credential. The routes' handlers are replaced: what is tried is who gets as far.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import request from 'supertest';
import { Client } from 'undici';
import type { Route } from '../../../api/route.js';
import type { TenantId } from '../../../domain/ids.js';
import { type PartnerRole, partnerRoles } from '../../../domain/partner/role.js';
import { packageRoot } from '../../../platform/packageRoot.js';
import { renderAccessReference } from '../../../api/accessReference.js';
import { allRoutes } from './allRoutes.js';
import { type Promised, readAccess } from './matrix/documented.js';
import {
  appToken,
  demo,
  now,
  operatorToken,
  partnerClientToken,
  partnerToken,
  partnerUserToken,
  other,
  roles,
  testApi,
  tillToken,
} from './testApi.js';

const gone = 'gone' as TenantId;
const admitted = 'admitted';

interface Credential {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What a route says that asks for credentials: admitted, or the code; a function where it depends on the route. */
  readonly expected: string | ((access: Promised) => string);
}

const bearer = (token: string, till?: string) => ({
  authorization: `Bearer ${token}`,
  ...(till === undefined ? {} : { 'x-till-token': till }),
});
const till = tillToken(demo, 'till1');
const app = appToken(demo, 'app1');
const forPartner =
  (...held: PartnerRole[]): Credential['expected'] =>
  ({ partner }) =>
    held.some((role) => partner.includes(role)) ? admitted : 'forbidden';
const forTill: Credential['expected'] = (access) => (access.till ? admitted : 'forbidden');

const credentials: readonly Credential[] = [
  { name: 'nothing', headers: {}, expected: 'credentials-missing' },
  {
    name: 'another scheme',
    headers: { authorization: 'Basic eDp5' },
    expected: 'credentials-invalid',
  },
  { name: 'nonsense', headers: bearer('nonsense'), expected: 'credentials-invalid' },
  { name: 'a till', headers: bearer(till), expected: forTill },
  {
    name: 'a till with a wrong secret',
    headers: bearer(tillToken(demo, 'till1', 'y'.repeat(43))),
    expected: 'credentials-invalid',
  },
  {
    name: 'an unknown till',
    headers: bearer(tillToken(demo, 'nosuch')),
    expected: 'credentials-invalid',
  },
  {
    name: 'a revoked till',
    headers: bearer(tillToken(demo, 'revoked')),
    expected: 'token-revoked',
  },
  {
    name: 'a till of a revoked merchant',
    headers: bearer(tillToken(demo, 'till3')),
    expected: 'merchant-revoked',
  },
  {
    name: 'a till of a closed shop',
    headers: bearer(tillToken(demo, 'closedshop')),
    expected: 'point-of-sale-revoked',
  },
  {
    name: 'a till of a closed programme',
    headers: bearer(tillToken(gone, 'till1')),
    expected: 'tenant-revoked',
  },
  {
    name: 'an app alone',
    headers: bearer(app),
    expected: (access) =>
      access.app ? admitted : access.till ? 'till-token-missing' : 'forbidden',
  },
  { name: 'an app for a till', headers: bearer(app, till), expected: forTill },
  {
    name: 'an app for a till of another programme',
    headers: bearer(app, tillToken(other, 'till1')),
    expected: 'foreign-tenant',
  },
  {
    name: 'an app for a revoked till',
    headers: bearer(app, tillToken(demo, 'revoked')),
    expected: 'token-revoked',
  },
  {
    name: 'an app for what is no till',
    headers: bearer(app, app),
    expected: 'credentials-invalid',
  },
  {
    name: 'a revoked app for a till',
    headers: bearer(appToken(demo, 'revoked'), till),
    expected: 'token-revoked',
  },
  {
    name: 'an app with a wrong secret',
    headers: bearer(appToken(demo, 'app1', 'y'.repeat(43)), till),
    expected: 'credentials-invalid',
  },
  {
    name: 'a partner',
    headers: bearer(partnerToken(demo, 'partner1a')),
    expected: forPartner('publisher', 'subscriber', 'reader'),
  },
  ...partnerRoles.flatMap((role): Credential[] => [
    {
      name: `a partner's user: ${role}`,
      headers: bearer(partnerUserToken(demo, 'partner1', role.slice(0, 8))),
      expected: forPartner(role),
    },
    {
      name: `a partner's program: ${role}`,
      headers: bearer(partnerToken(demo, role)),
      expected: forPartner(role),
    },
    {
      name: `a partner's program with a JWT: ${role}`,
      headers: bearer(partnerClientToken(demo, 'partner1', role)),
      expected: forPartner(role),
    },
  ]),
  {
    name: "a partner's user, named rightly by a gateway",
    headers: {
      ...bearer(partnerUserToken(demo, 'partner1', 'reader')),
      'x-partner-id': 'partner1',
      'x-tenant-id': 'demo',
    },
    expected: forPartner('reader'),
  },
  ...Object.entries({
    'x-user-id': 'pu00000000000000000000',
    'x-partner-id': 'left',
    'x-tenant-id': 'other',
  }).map(([name, value]): Credential => ({
    name: `a partner's user with a forged ${name}`,
    headers: { ...bearer(partnerUserToken(demo, 'partner1', 'reader')), [name]: value },
    expected: 'identity-mismatch',
  })),
  {
    name: 'headers of a gateway without a token',
    headers: { 'x-user-id': 'owner', 'x-partner-id': 'partner1', 'x-tenant-id': 'demo' },
    expected: 'credentials-missing',
  },
  ...['blocked', 'removed'].map((name): Credential => ({
    name: `a partner's user who was ${name}`,
    headers: bearer(partnerUserToken(demo, 'partner1', name, { session: 2 })),
    expected: 'token-revoked',
  })),
  {
    name: "a partner's user in a session that ended",
    headers: bearer(partnerUserToken(demo, 'partner1', 'reader', { session: 0 })),
    expected: 'token-revoked',
  },
  {
    name: "a partner's user of another programme",
    headers: bearer(partnerUserToken('nowhere' as TenantId, 'partner1', 'reader')),
    expected: 'tenant-revoked',
  },
  {
    name: "a partner's user as somebody of another partner",
    headers: bearer(partnerUserToken(demo, 'left', 'reader')),
    expected: 'token-revoked',
  },
  {
    name: 'a user of a partner that was taken out',
    headers: bearer(partnerUserToken(demo, 'left', 'leftover')),
    expected: 'token-revoked',
  },
  {
    name: "a partner's user whose token is over",
    headers: bearer(partnerUserToken(demo, 'partner1', 'reader', { expiresAt: now - 1_000 })),
    expected: 'token-expired',
  },
  {
    name: 'a program with a JWT of a revoked token',
    headers: bearer(partnerClientToken(demo, 'partner1', 'partner1b')),
    expected: 'token-revoked',
  },
  {
    name: 'a program with a JWT for another partner',
    headers: bearer(partnerClientToken(demo, 'left', 'partner1a')),
    expected: 'token-revoked',
  },
  {
    name: 'a partner by a revoked token',
    headers: bearer(partnerToken(demo, 'partner1b')),
    expected: 'token-revoked',
  },
  {
    name: 'a partner that was taken out',
    headers: bearer(partnerToken(demo, 'lefta')),
    expected: 'token-revoked',
  },
  {
    name: 'a partner with a wrong secret',
    headers: bearer(partnerToken(demo, 'partner1a', 'y'.repeat(43))),
    expected: 'credentials-invalid',
  },
  {
    name: 'a partner of a closed programme',
    headers: bearer(partnerToken(gone, 'partner1a')),
    expected: 'tenant-revoked',
  },
  {
    name: 'an app for a partner',
    headers: bearer(app, partnerToken(demo, 'partner1a')),
    expected: 'credentials-invalid',
  },
  ...roles.map((role): Credential => ({
    name: `an operator: ${role}`,
    headers: bearer(operatorToken(demo, role)),
    expected: (access) => (access.operator.includes(role) ? admitted : 'forbidden'),
  })),
  {
    name: 'a revoked operator',
    headers: bearer(operatorToken(demo, 'revoked')),
    expected: 'token-revoked',
  },
  {
    name: 'an operator whose token is over',
    headers: bearer(operatorToken(demo, 'owner', now - 1_000)),
    expected: 'token-expired',
  },
  {
    name: 'an operator of a closed programme',
    headers: bearer(operatorToken(gone, 'owner')),
    expected: 'tenant-revoked',
  },
  {
    name: "an operator's token with another's signature",
    headers: bearer(
      operatorToken(demo, 'owner').replace(
        /[^.]+$/,
        operatorToken(demo, 'cashier').split('.')[2] ?? '',
      ),
    ),
    expected: 'credentials-invalid',
  },
];

/** By the page of the reference; that it is complete and the routes' own is tried at the end. */
const page = readAccess();
const expectedOf = (route: Route, { expected }: Credential): string => {
  const promised = page.get(`${route.method} ${route.path}`);
  if (!promised) return 'a row of docs/reference/access.md';
  if (promised.everybody || promised.monitoring) return admitted;
  return typeof expected === 'string' ? expected : expected(promised);
};

describe('access', () => {
  const routes = allRoutes();
  const probed = routes.map((route): Route => ({
    ...route,
    handle: () => ({ body: admitted, contentType: 'text/plain', status: 200 }),
    checkedBy: 'command',
    body: null,
    idempotencyKey: 'none',
  }));
  const { app: probes, close } = testApi(probed);
  // One server for ten thousand requests, over a connection that they share.
  let server: Server;
  let client: Client;
  before((done) => {
    server = createServer(probes).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      client = new Client(`http://127.0.0.1:${port}`, { pipelining: 50 });
      done();
    });
  });
  after(async () => {
    close();
    await client.close();
    server.close();
    server.closeAllConnections();
  });
  const probe = async (route: Route, headers: Credential['headers']): Promise<string> => {
    const answer = await client.request({
      method: route.method,
      path: route.path.replace(/\{\w+\}/g, '1'),
      headers,
      // Nothing is done by these requests: they may go one after the other without waiting.
      idempotent: true,
      blocking: false,
    });
    const text = await answer.body.text();
    return answer.statusCode === 200 ? text : (JSON.parse(text) as { code: string }).code;
  };

  it('covers the whole product', () => {
    expect(routes.length).to.be.greaterThan(70);
    const prefixes = new Set(routes.map(({ path }) => path.split('/')[1]));
    expect([...prefixes]).to.include.members([
      'pos',
      'admin',
      'audit',
      'exchange',
      'auth',
      'docs',
      'health',
      'metrics',
    ]);
  });

  for (const credential of credentials) {
    it(`of ${credential.name}`, async () => {
      const tried = routes.map(async (route) => {
        const got = await probe(route, credential.headers);
        const expected = expectedOf(route, credential);
        return got === expected ? [] : [`${route.method} ${route.path}: ${got}, not ${expected}`];
      });
      expect((await Promise.all(tried)).flat()).to.deep.equal([]);
    });
  }

  it('is open to everybody in few places, and these are they', () => {
    const open = routes.filter(({ access }) => access.kind === 'public');
    expect(open.map(({ method, path }) => `${method} ${path}`).sort()).to.deep.equal([
      'GET /',
      'GET /.well-known/jwks.json',
      'GET /docs',
      'GET /docs/assets/{name}',
      'GET /docs/errors',
      'GET /health/live',
      'GET /health/ready',
      'GET /openapi.json',
      'GET /outreach/v1/unsubscribe/{token}',
      'POST /auth/logon',
      'POST /auth/password',
      'POST /auth/token',
      'POST /outreach/v1/callbacks/{tenant}/{providerId}',
      'POST /outreach/v1/unsubscribe/{token}',
      'POST /pos/v1/logon',
    ]);
  });

  it('of a reader changes nothing of the exchange but the own login', () => {
    const changes = routes.filter(
      ({ method, access }) =>
        method !== 'GET' && access.kind === 'credentials' && access.partner?.includes('reader'),
    );
    expect(changes.map(({ method, path }) => `${method} ${path}`)).to.deep.equal([
      'POST /exchange/v1/me/password',
      'POST /exchange/v1/me/logoff',
    ]);
  });

  it('tells a token that was cut from one that is wrong', async () => {
    const cut = tillToken(demo, 'till1').slice(0, -1);
    const { body } = await request(testApi(routes).app).get('/pos/v1/logon').set(bearer(cut));
    expect(body.detail).to.equal('This token is not whole: copy it again.');
  });

  it('is written down as it is', () => {
    const file = join(packageRoot, 'docs/reference/access.md');
    expect(readFileSync(file, 'utf8')).to.equal(renderAccessReference(routes));
  });
});

describe('the metrics', () => {
  const metrics = allRoutes().filter(({ path }) => path === '/metrics');
  const open = (monitoringToken?: string) =>
    testApi(metrics, monitoringToken === undefined ? {} : { monitoringToken }).app;
  const ask = (through: Record<string, string>, token?: string) =>
    request(open(token)).get('/metrics').set(through);

  it('are open to the machine itself', async () => {
    expect((await ask({})).status).to.equal(200);
  });

  it('are closed to whoever comes through a gateway without the token', async () => {
    const gateway = { 'x-forwarded-for': '127.0.0.1' };
    expect((await ask(gateway)).body.code).to.equal('credentials-missing');
    const guess = { ...gateway, authorization: 'Bearer ' };
    expect((await ask(guess)).body.code).to.equal('credentials-invalid');
    const right = { ...gateway, authorization: 'Bearer secret' };
    expect((await ask(right)).body.code).to.equal('credentials-invalid');
    expect((await ask(right, 'secret')).status).to.equal(200);
    expect((await ask({ ...gateway, authorization: 'Bearer wrong' }, 'secret')).status).to.equal(
      401,
    );
  });
});
