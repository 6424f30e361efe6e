import { expect } from 'chai';
import type { Express } from 'express';
import request from 'supertest';
import type { AdminOptions } from '../../../api/admin/routes.js';
import { adminRoutes } from '../../../api/admin/routes.js';
import { auditRoutes } from '../../../api/audit/routes.js';
import { registerOperator } from '../../../commands/registry/registerOperator.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import type { MerchantId, OperatorId, TenantId } from '../../../domain/ids.js';
import type { Role } from '../../../domain/operator/operator.js';
import { rule } from '../account/spec.js';
import { now, operatorToken, testApi } from '../api/testApi.js';
import { openHouse } from '../commands/house.js';
import { quickPasswords } from '../commands/quickPasswords.js';

const demo = 'demo' as TenantId;
const password = 'a long enough password';

describe('the console', () => {
  quickPasswords();
  let app: Express;
  let close: () => void;

  before(async () => {
    const house = openHouse(() => now);
    const { handler, directory } = house;
    const context = () => house.context({ tenant: demo, now });
    const named = { name: 'Demo', currency: 'GBP', gsrnPrefix: '8018000' };
    await handler.handle(registerTenant, named, context());
    const options = { handler, homeTenant: demo } as AdminOptions; // no read models here
    const history = {
      stream: () => Promise.resolve({ facts: [], next: null }),
      search: () => Promise.resolve({ facts: [], next: null, scanned: 0 }),
    };
    const routes = [...adminRoutes(options), ...auditRoutes({ history })];
    ({ app, close } = testApi(routes, { directory }));
    const operator = (id: string, role: Role) =>
      handler.handle(
        registerOperator,
        { operatorId: id as OperatorId, name: id, password, roles: [role] },
        context(),
      );
    for (const role of ['owner', 'manager', 'analyst', 'auditor'] as const)
      await operator(role, role);
    await send('owner', 'post', '/admin/v1/merchants', { name: 'One', timeZone: 'UTC' }).expect(
      201,
    );
    await send('owner', 'post', '/admin/v1/merchants', { name: 'Two', timeZone: 'UTC' }).expect(
      201,
    );
    await handler.handle(
      registerOperator,
      {
        ...{ operatorId: 'manager2' as OperatorId, name: 'Bound', password },
        ...{ roles: ['manager' as const], merchantId: 2 as MerchantId },
      },
      context(),
    );
  });
  after(() => close());

  const send = (
    login: string,
    method: 'get' | 'post' | 'put',
    path: string,
    body?: object,
    tenant = demo,
  ): request.Test => {
    const call = request(app)
      [method](path)
      .set('authorization', `Bearer ${operatorToken(tenant, login)}`);
    return body === undefined ? call : call.send(body);
  };

  it('registers a shop and its till, whose token is shown once', async () => {
    const shop = await send('manager', 'post', '/admin/v1/points-of-sale', {
      merchantId: 1,
      name: 'A',
    }).expect(201);
    const { pointOfSaleId } = shop.body;
    const till = { tillId: 'tilla', merchantId: 1, pointOfSaleId, name: 'Till' };
    const register = () =>
      send('manager', 'post', '/admin/v1/tills', till).set('idempotency-key', 'k1');
    const first = await register().expect(201);
    expect(first.body.token).to.match(/^kpt\.demo\.tilla\./);
    const second = await register().expect(200);
    expect(second.body.token).to.equal(null);
    const listed = await send('auditor', 'get', '/admin/v1/tills').expect(200);
    expect(listed.body.items).to.deep.equal([{ ...till, status: 'active' }]);
    await send('manager', 'post', '/admin/v1/tills/tilla/revocation', { reason: 'stolen' }).expect(
      200,
    );
    const after = await send('auditor', 'get', '/admin/v1/tills').expect(200);
    expect(after.body.items[0].status).to.equal('revoked');
  });

  it('lists a page at a time, in the order of numbers', async () => {
    const first = await send('owner', 'get', '/admin/v1/merchants?limit=1').expect(200);
    expect(first.body).to.deep.include({ next: '1' });
    const second = await send('owner', 'get', '/admin/v1/merchants?limit=1&after=1').expect(200);
    expect(second.body.items[0]).to.deep.include({ merchantId: 2, status: 'active' });
    expect(second.body.next).to.equal(null);
  });

  it('keeps an operator of one merchant to that merchant', async () => {
    const own = await send('manager2', 'get', '/admin/v1/merchants').expect(200);
    expect(own.body.items.map((item: { merchantId: number }) => item.merchantId)).to.deep.equal([
      2,
    ]);
    const shop = { merchantId: 1, name: 'B' };
    const foreign = await send('manager2', 'post', '/admin/v1/points-of-sale', shop).expect(403);
    expect(foreign.body.code).to.equal('foreign-merchant');
    await send('manager2', 'post', '/admin/v1/points-of-sale', { ...shop, merchantId: 2 }).expect(
      201,
    );
    await send('manager2', 'post', '/admin/v1/merchants', { name: 'X', timeZone: 'UTC' }).expect(
      403,
    );
    await send('manager2', 'post', '/admin/v1/merchants/2/revocation', { reason: 'x' }).expect(403);
  });

  it('leaves the rule and the operators to owners', async () => {
    await send('manager', 'put', '/admin/v1/programme', { rule }).expect(403);
    const set = await send('owner', 'put', '/admin/v1/programme', { rule }).expect(200);
    expect(set.body.version).to.equal(1);
    const shown = await send('analyst', 'get', '/admin/v1/programme').expect(200);
    expect(shown.body).to.deep.equal({ version: 1, rule });
    const person = { operatorId: 'new', name: 'New', password, roles: ['cashier'] };
    await send('manager', 'post', '/admin/v1/operators', person).expect(403);
    const made = await send('owner', 'post', '/admin/v1/operators', person).expect(201);
    expect(JSON.stringify(made.body)).not.to.contain(password);
    const listed = await send('auditor', 'get', '/admin/v1/operators').expect(200);
    expect(JSON.stringify(listed.body)).not.to.match(/hash|scrypt/);
  });

  it('lets everybody change their own password with the current one, and owners any', async () => {
    const changed = { password: 'another long passphrase' };
    const path = '/admin/v1/operators/analyst/password';
    const without = await send('analyst', 'post', path, changed).expect(401);
    expect(without.body.code).to.equal('credentials-refused');
    await send('analyst', 'post', path, { ...changed, currentPassword: password }).expect(200);
    await send('manager', 'post', path, changed).expect(403);
    await send('owner', 'post', path, { password: 'a third long passphrase' }).expect(200);
  });

  describe('opening another programme', () => {
    const tenant = {
      tenantId: 'second',
      name: 'Second',
      currency: 'USD',
      gsrnPrefix: '8018009',
      rule: { ...rule, currency: 'USD' },
      owner: { operatorId: 'boss', name: 'Boss', password },
    };
    const open = (login: string, body: object, from = demo) =>
      send(login, 'post', '/admin/v1/tenants', body, from).set('idempotency-key', 'second');

    it('is for owners of the home tenant', async () => {
      await open('manager', tenant).expect(403);
      const made = await open('owner', tenant).expect(201);
      expect(made.body).to.include({ tenantId: 'second', currency: 'USD', status: 'active' });
      const third = { ...tenant, tenantId: 'third' };
      const refused = await open('boss', third, 'second' as TenantId).expect(403);
      expect(refused.body.code).to.equal('forbidden');
    });

    it('may be repeated, and lets nobody into a programme that exists', async () => {
      await open('owner', tenant).expect(200);
      const intruder = { ...tenant, owner: { ...tenant.owner, operatorId: 'intruder' } };
      const refused = await open('owner', intruder).expect(409);
      expect(refused.body.code).to.equal('already-registered');
      const seen = await send(
        'boss',
        'get',
        '/admin/v1/operators',
        undefined,
        'second' as TenantId,
      );
      expect(seen.body.items.map((item: { operatorId: string }) => item.operatorId)).to.deep.equal([
        'boss',
      ]);
    });

    it('is ended by its own owner, and the home tenant by nobody: no other could be opened then', async () => {
      const end = (login: string, tenant: TenantId) =>
        send(login, 'post', '/admin/v1/tenant/revocation', { reason: 'over' }, tenant);
      const refused = await end('owner', demo).expect(409);
      expect(refused.body.code).to.equal('home-programme');
      expect(refused.body.detail).to.contain('KOPILKA_HOME_TENANT');
      const shown = await send('owner', 'get', '/admin/v1/tenant').expect(200);
      expect(shown.body.status).to.equal('active');
      await open('owner', { ...tenant, tenantId: 'passing' }).expect(201);
      const passing = 'passing' as TenantId;
      await end('boss', passing).expect(200);
      await send('boss', 'get', '/admin/v1/tenant', undefined, passing).expect(403);
    });

    it('shows nothing of one programme to the other', async () => {
      const merchants = await send(
        'boss',
        'get',
        '/admin/v1/merchants',
        undefined,
        'second' as TenantId,
      );
      expect(merchants.body.items).to.deep.equal([]);
      const shown = await send('boss', 'get', '/admin/v1/tenant', undefined, 'second' as TenantId);
      expect(shown.body.tenantId).to.equal('second');
    });
  });

  describe('the history', () => {
    it('of another programme is not there', async () => {
      await send('auditor', 'get', '/audit/v1/streams/till-demo.tilla').expect(200);
      const foreign = await send('auditor', 'get', '/audit/v1/streams/till-other.tilla').expect(
        404,
      );
      expect(foreign.body.detail).to.include('<category>-demo.<id>');
      await send('auditor', 'get', '/audit/v1/streams/$all').expect(404);
    });

    it('is for the whole programme, not for one merchant', async () => {
      await send('manager2', 'get', '/audit/v1/events').expect(403);
      await send(
        'auditor',
        'get',
        '/audit/v1/events?type=TillRevoked,TillRegistered&limit=5',
      ).expect(200);
    });

    it('tells which types there are not, and those they may have been meant for', async () => {
      const query = 'type=TillRevoked,tillregistred,Nope';
      const { body } = await send('auditor', 'get', `/audit/v1/events?${query}`).expect(400);
      expect(body.faults).to.deep.equal([
        {
          in: 'query',
          pointer: '/type/1',
          reason:
            'is "tillregistred", and there is no such type of event; did you mean TillRegistered?',
        },
        {
          in: 'query',
          pointer: '/type/2',
          reason: 'is "Nope", and there is no such type of event',
        },
      ]);
    });

    it('names every fault of a question', async () => {
      const faulty = await send('auditor', 'get', '/audit/v1/events?since=soon').expect(400);
      expect(faulty.body.faults[0]).to.include({ in: 'query', pointer: '/since' });
      await send('auditor', 'get', '/audit/v1/purchases/p1/why').expect(400);
    });
  });
});
