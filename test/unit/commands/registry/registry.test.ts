import { expect } from 'chai';
import { createAuthenticator } from '../../../../api/auth/authenticate.js';
import { hashSecret, parseToken } from '../../../../commands/credentials.js';
import { registerApp } from '../../../../commands/registry/registerApp.js';
import { registerNumberedMerchant } from '../../../../commands/registry/registerMerchant.js';
import { registerNumberedPointOfSale } from '../../../../commands/registry/registerPointOfSale.js';
import { registerTenant } from '../../../../commands/registry/registerTenant.js';
import { registerTill } from '../../../../commands/registry/registerTill.js';
import { revokeApp } from '../../../../commands/registry/revokeApp.js';
import { revokeMerchant } from '../../../../commands/registry/revokeMerchant.js';
import { revokePointOfSale } from '../../../../commands/registry/revokePointOfSale.js';
import { revokeTenant } from '../../../../commands/registry/revokeTenant.js';
import { revokeTill } from '../../../../commands/registry/revokeTill.js';
import { InvalidInput } from '../../../../commands/validation.js';
import type { TenantId } from '../../../../domain/ids.js';
import type { TillRegistered } from '../../../../domain/till/till.js';
import type { EventOf } from '../../../../domain/event.js';
import { failure } from '../failure.js';
import { demo, type House, openHouse } from '../house.js';

const tenant = { name: 'Demo', currency: 'GBP', gsrnPrefix: '8018000010' };
const baker = { name: 'Baker', timeZone: 'Europe/London' };
const reason = 'it was time';

describe('registering the programme', () => {
  let house: House;
  beforeEach(async () => {
    house = openHouse();
    await house.handler.handle(registerTenant, tenant, house.context());
  });
  afterEach(() => house.close());

  const merchant = () => registerNumberedMerchant(house.handler, baker, house.context());
  const shop = async () => {
    const { merchantId } = (await merchant()).answer;
    const context = house.context();
    const input = { merchantId, name: 'High Street' };
    return (await registerNumberedPointOfSale(house.handler, input, context)).answer;
  };
  const till = async () =>
    (
      await house.handler.handle(
        registerTill,
        { ...(await shop()), name: 'Front' },
        house.context(),
      )
    ).answer;

  /** Who the API takes the bearer of a token for. */
  const admitted = (token: string | null) => {
    const { directory } = house;
    const { authenticate } = createAuthenticator({ directory, verifyToken: () => null });
    try {
      return authenticate({ authorization: `Bearer ${token}` }, 0);
    } catch {
      return null;
    }
  };

  it('needs a tenant first', async () => {
    const context = house.context({ tenant: 'nobody' as TenantId });
    const refused = await failure(registerNumberedMerchant(house.handler, baker, context));
    expect(refused).to.include({ code: 'tenant-not-found' });
  });

  it('refuses a currency and a time zone that do not exist, with a pointer', async () => {
    const context = house.context({ tenant: 'second' as TenantId });
    const input = { ...tenant, currency: 'ABC' };
    const noCurrency = await failure(house.handler.handle(registerTenant, input, context));
    expect(noCurrency).to.be.instanceOf(InvalidInput);
    expect(noCurrency).to.have.nested.property('faults[0].pointer', '/currency');
    const nowhere = { ...baker, timeZone: 'Europe/Nowhere' };
    const noZone = await failure(registerNumberedMerchant(house.handler, nowhere, house.context()));
    expect(noZone).to.have.nested.property('faults[0].pointer', '/timeZone');
  });

  it('numbers merchants from 1, each with the next', async () => {
    expect((await merchant()).answer.merchantId).to.equal(1);
    const second = { ...baker, name: 'Butcher' };
    const { answer } = await registerNumberedMerchant(house.handler, second, house.context());
    expect(answer.merchantId).to.equal(2);
  });

  it('gives a repeat under the same key the number it had', async () => {
    const context = house.context();
    const first = await registerNumberedMerchant(house.handler, baker, context);
    await registerNumberedMerchant(house.handler, { ...baker, name: 'Butcher' }, house.context());
    const again = await registerNumberedMerchant(house.handler, baker, context);
    expect(again).to.deep.include({ answer: first.answer, repeated: true });
    expect(house.directory.counts().merchants).to.equal(2);
  });

  it('gives each its own number when many ask at once', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `Shop ${index}`);
    const handled = await Promise.all(
      names.map((name) =>
        registerNumberedMerchant(house.handler, { ...baker, name }, house.context()),
      ),
    );
    const numbers = handled.map(({ answer }) => Number(answer.merchantId)).sort((a, b) => a - b);
    expect(numbers).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('takes a number that is given', async () => {
    const input = { ...baker, merchantId: 77 as never };
    const { answer } = await registerNumberedMerchant(house.handler, input, house.context());
    expect(answer.merchantId).to.equal(77);
  });

  it('answers the token of a till once, and keeps only its hash', async () => {
    const { token, tillId } = await till();
    const parsed = parseToken(token ?? '');
    expect(parsed).to.include({ kind: 'till', tenant: demo, id: tillId });
    const fact = house.log.facts.find(({ type }) => type === 'TillRegistered');
    const { secretHash } = fact?.data as EventOf<typeof TillRegistered>['data'];
    expect(secretHash).to.equal(hashSecret(parsed?.secret ?? ''));
    const everything = JSON.stringify(house.log.facts, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(everything).not.to.include(parsed?.secret);
  });

  it('repeats the registration of a till without its token', async () => {
    const input = { ...(await shop()), name: 'Front' };
    const context = house.context();
    const first = (await house.handler.handle(registerTill, input, context)).answer;
    const again = (await house.handler.handle(registerTill, input, context)).answer;
    expect(again).to.deep.equal({ ...first, token: null });
    expect(house.types().filter((type) => type === 'TillRegistered')).to.have.lengthOf(1);
  });

  it('refuses a till in the shop of another merchant', async () => {
    const { pointOfSaleId } = await shop();
    const other = { ...baker, name: 'Butcher' };
    const { answer } = await registerNumberedMerchant(house.handler, other, house.context());
    const input = { merchantId: answer.merchantId, pointOfSaleId, name: 'Front' };
    const refused = await failure(house.handler.handle(registerTill, input, house.context()));
    expect(refused).to.include({ code: 'point-of-sale-not-found' });
  });

  it('lets a till in until it, its shop, its merchant or the tenant is revoked', async () => {
    const { handler, context } = house;
    const revocations = [
      async () => {
        const { tillId, token } = await till();
        return { token, end: () => handler.handle(revokeTill, { tillId, reason }, context()) };
      },
      async () => {
        const { pointOfSaleId, token } = await till();
        const end = () => handler.handle(revokePointOfSale, { pointOfSaleId, reason }, context());
        return { token, end };
      },
      async () => {
        const { merchantId, token } = await till();
        return {
          token,
          end: () => handler.handle(revokeMerchant, { merchantId, reason }, context()),
        };
      },
      async () => {
        const { token } = await till();
        return { token, end: () => handler.handle(revokeTenant, { reason }, context()) };
      },
    ];
    for (const prepare of revocations) {
      const { token, end } = await prepare();
      expect(admitted(token)).to.include({ kind: 'till', tenant: demo });
      await end();
      expect(admitted(token)).to.equal(null);
    }
  });

  it('refuses a till token with another secret, tenant or kind', async () => {
    const token = (await till()).token ?? '';
    const letter = token.endsWith('A') ? 'B' : 'A';
    for (const forged of [
      token.slice(0, -1) + letter,
      token.replace('.demo.', '.other.'),
      token.replace('kpt', 'kpa'),
      token.slice(0, -1),
      '',
      'kpt.demo',
    ]) {
      expect(admitted(forged), forged).to.equal(null);
    }
  });

  it('lets an app in until it is revoked', async () => {
    const { handler, context } = house;
    const input = { name: 'Integrator' };
    const { appId, token } = (await handler.handle(registerApp, input, context())).answer;
    expect(admitted(token)).to.include({ kind: 'app', appId });
    await handler.handle(revokeApp, { appId, reason }, context());
    expect(admitted(token)).to.equal(null);
  });
});
