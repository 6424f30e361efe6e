import { expect } from 'chai';
import type { Handler } from '../../../../commands/handle.js';
import { LogUnavailable } from '../../../../commands/log.js';
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
    const suppress = suppressing({
      ...{ handler: house.handler, now: () => noon, onTrouble: (error) => troubles.push(error) },
    });
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

  it('is left alone also where the log is away for a moment', async () => {
    const troubles: unknown[] = [];
    const keys: string[] = [];
    const handle: Handler['handle'] = (_command, _input, { idempotencyKey }) => {
      keys.push(idempotencyKey);
      if (keys.length < 3) return Promise.reject(new LogUnavailable('It is away.'));
      return Promise.resolve({} as never);
    };
    const onTrouble = (error: unknown) => troubles.push(error);
    suppressing({ handler: { handle }, now: () => noon, onTrouble, waitMs: 1 })(
      ...([demo, place, '550', `${idOf(1)}-1`] as const),
    );
    for (let turns = 0; turns < 200 && keys.length < 3; turns += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(keys).to.deep.equal(Array(3).fill(`sms ${phoneHash} ${idOf(1)}-1`));
    expect(troubles).to.have.length(2);
  });
});
