import { expect } from 'chai';
import { createEnrolCustomer } from '../../../../commands/customer/enrolCustomer.js';
import { createErasePerson } from '../../../../commands/customer/erasePerson.js';
import { createPersonalData } from '../../../../commands/personalData.js';
import {
  birthdayTag,
  createBirthdayIndex,
} from '../../../../workers/outreach/policies/birthdayIndex.js';
import { openShop } from '../../commands/account/shop.js';
import { demo } from '../../commands/house.js';
import { eventually } from '../../workers/eventually.js';

describe('the index of birthdays', () => {
  it('knows a day by a keyed hash, and forgets who is erased', async () => {
    const shop = await openShop();
    const { handler, keys, log, now, context } = shop;
    const personalData = createPersonalData(keys);
    const enrol = createEnrolCustomer(handler, personalData);
    const person = { name: 'Ada', birthDate: '1990-05-31' };
    const { userId } = (await enrol(person, context())).answer;
    const index = new Map<string, string>();
    const sizes: number[] = [];
    const closing = new AbortController();
    const { run } = createBirthdayIndex({
      ...{ feed: log, now, personalData, keys },
      onCaughtUp: () => void sizes.push(index.size),
      checkpoints: { load: async () => null, save: async () => undefined },
      store: {
        put: async (_tenant, id, tag) =>
          void (tag === null ? index.delete(id) : index.set(id, tag)),
      },
      onFailed: (error) => {
        throw error;
      },
    });
    const running = run(closing.signal);
    const tag = birthdayTag(await keys.indexKey(demo), '--05-31');
    await eventually(() => expect([...index]).to.deep.equal([[userId, tag]]));
    await eventually(() => expect(sizes).to.deep.equal([1]));
    expect(tag).to.match(/^[0-9a-f]{32}$/);
    const erase = createErasePerson(handler, personalData);
    await erase({ userId, reason: 'asked' }, context());
    await eventually(() => expect(index.size).to.equal(0));
    closing.abort();
    await running;
    await shop.close();
  });
});
