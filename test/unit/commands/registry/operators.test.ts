import { expect } from 'chai';
import { authenticateOperator } from '../../../../commands/authentication.js';
import { changeOperatorPassword } from '../../../../commands/registry/changeOperatorPassword.js';
import { registerMerchant } from '../../../../commands/registry/registerMerchant.js';
import { registerOperator } from '../../../../commands/registry/registerOperator.js';
import { registerTenant } from '../../../../commands/registry/registerTenant.js';
import { revokeMerchant } from '../../../../commands/registry/revokeMerchant.js';
import { revokeOperator } from '../../../../commands/registry/revokeOperator.js';
import { revokeTenant } from '../../../../commands/registry/revokeTenant.js';
import type { MerchantId, OperatorId } from '../../../../domain/ids.js';
import { failure } from '../failure.js';
import { demo, type House, openHouse } from '../house.js';
import { quickPasswords } from '../quickPasswords.js';

const ann = {
  operatorId: 'ann' as OperatorId,
  name: 'Ann',
  password: 'blue house seven',
  roles: ['manager' as const],
};
const tenant = { name: 'Demo', currency: 'GBP', gsrnPrefix: '8018000010' };

describe('operators', () => {
  quickPasswords();
  let house: House;
  beforeEach(async () => {
    house = openHouse();
    await house.handler.handle(registerTenant, tenant, house.context());
    await house.handler.handle(registerOperator, ann, house.context());
  });
  afterEach(() => house.close());

  const login = (password: string, id: OperatorId = ann.operatorId) =>
    authenticateOperator(house.directory, demo, id, password);
  const change = (input: object, actor = 'owner') =>
    house.handler.handle(
      changeOperatorPassword,
      { operatorId: ann.operatorId, password: 'green door eight', ...input },
      house.context({ actor: { kind: 'operator', id: actor } }),
    );

  it('log in with their password alone', async () => {
    expect((await login(ann.password))?.caller.roles).to.deep.equal(['manager']);
    expect(await login('blue house eight')).to.equal(null);
    expect(await login(ann.password, 'bob' as OperatorId)).to.equal(null);
  });

  it('leave no trace of the password in the log', async () => {
    const facts = house.log.facts.map(({ data, metadata }) => JSON.stringify({ data, metadata }));
    expect(facts.join()).not.to.include(ann.password);
    const again = { ...ann, operatorId: 'bob' as OperatorId, password: 'another one here' };
    await house.handler.handle(registerOperator, again, house.context({ idempotencyKey: 'k' }));
    const before = house.log.facts.at(-1)?.metadata.fingerprint;
    const other = openHouse();
    await other.handler.handle(registerTenant, tenant, other.context());
    await other.handler.handle(
      registerOperator,
      { ...again, password: 'something else now' },
      other.context({ idempotencyKey: 'k' }),
    );
    await other.close();
    expect(other.log.facts.at(-1)?.metadata.fingerprint).to.equal(before);
  });

  it('must know their password to change it', async () => {
    const refused = await failure(change({ currentPassword: 'wrong' }, 'ann'));
    expect(refused).to.include({ code: 'credentials-refused' });
    expect(await failure(change({}, 'ann'))).to.include({ code: 'credentials-refused' });
    await change({ currentPassword: ann.password }, 'ann');
    expect(await login(ann.password)).to.equal(null);
    expect(await login('green door eight')).not.to.equal(null);
  });

  it('may be given another password by somebody else', async () => {
    await change({});
    expect(await login('green door eight')).not.to.equal(null);
  });

  it('keep the hash when the password is set to what it was', async () => {
    expect((await change({ password: ann.password })).repeated).to.equal(true);
    expect(house.types()).not.to.include('OperatorPasswordChanged');
  });

  it('cannot choose a password that is guessed first', async () => {
    for (const password of [
      'aaaaaaaaaaaa',
      'abcdefghijkl',
      'password123',
      'ann ann ann ann',
      'x',
    ]) {
      const refused = await failure(change({ password }));
      expect(refused, password).to.have.nested.property('faults[0].pointer', '/password');
    }
  });

  it('are locked out once they are revoked', async () => {
    expect(await login(ann.password)).not.to.equal(null);
    await house.handler.handle(
      revokeOperator,
      { operatorId: ann.operatorId, reason: 'left' },
      house.context(),
    );
    expect(await login(ann.password)).to.equal(null);
  });

  it('are locked out with their tenant', async () => {
    await house.handler.handle(revokeTenant, { reason: 'ended' }, house.context());
    expect(await login(ann.password)).to.equal(null);
  });

  it('are locked out with their merchant', async () => {
    const { handler, context } = house;
    const shop = { merchantId: 1 as MerchantId, name: 'Baker', timeZone: 'UTC' };
    await handler.handle(registerMerchant, shop, context());
    const bob = { ...ann, operatorId: 'bob' as OperatorId, merchantId: shop.merchantId };
    await handler.handle(registerOperator, bob, context());
    expect(await login(bob.password, bob.operatorId)).not.to.equal(null);
    await handler.handle(
      revokeMerchant,
      { merchantId: shop.merchantId, reason: 'left' },
      context(),
    );
    expect(await login(bob.password, bob.operatorId)).to.equal(null);
  });
});
