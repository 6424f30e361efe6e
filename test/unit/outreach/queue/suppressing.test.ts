import { expect } from 'chai';
import { releaseAddress } from '../../../../commands/consent/suppressions.js';
import { registerTenant } from '../../../../commands/registry/registerTenant.js';
import { suppressing } from '../../../../platform/compose/suppressing.js';
import { demo, openHouse } from '../../commands/house.js';
import { idOf, noon, phoneHash } from './known.js';

describe('an address that nothing arrives at', () => {
  const place = { channel: 'sms', address: phoneHash } as const;
  const settled = async (): Promise<void> => {
    for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate);
  };

  it('is left alone again after it was released, once for each attempt that says so', async () => {
    const house = openHouse(() => noon);
    const troubles: unknown[] = [];
    const suppress = suppressing(
      house.handler,
      () => noon,
      (error) => troubles.push(error),
    );
    const tenant = { name: 'demo', currency: 'EUR', gsrnPrefix: '9525000001' };
    await house.handler.handle(registerTenant, tenant, house.context());
    const told = async (attempt: number): Promise<void> => {
      suppress(demo, place, '550', `${idOf(1)}-${attempt}`);
      await settled();
    };
    const types = () => house.types().filter((type) => type.startsWith('Address'));
    await told(1);
    await told(1);
    await house.handler.handle(releaseAddress, place, house.context());
    await told(1);
    expect(types()).to.deep.equal(['AddressSuppressed', 'AddressReleased']);
    await told(2);
    expect(types()).to.deep.equal(['AddressSuppressed', 'AddressReleased', 'AddressSuppressed']);
    expect(troubles).to.deep.equal([]);
    await house.close();
  });
});
