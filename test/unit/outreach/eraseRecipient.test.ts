/** Somebody who is known by an address alone is forgotten. */
import { expect } from 'chai';
import { addressHash } from '../../../commands/message/addresses.js';
import { createEraseRecipient } from '../../../commands/message/eraseRecipient.js';
import { messageSubject, openMessage, sealMessage } from '../../../commands/message/sealing.js';
import { KeyDestroyed } from '../../../commands/personalData.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { demo, openHouse } from '../commands/house.js';

describe('erasing a recipient', () => {
  it('destroys the key of the address, for ever, and records it once', async () => {
    const house = openHouse();
    const { keys, handler, log } = house;
    const programme = { name: 'Demo', currency: 'GBP', gsrnPrefix: '8018000010' };
    await handler.handle(registerTenant, programme, house.context());
    const indexKey = await keys.indexKey(demo);
    const address = addressHash(indexKey, { kind: 'phone', phone: '+37126123456' });
    const subject = messageSubject(null, { phone: address });
    const key = await keys.create(demo, subject);
    const content = { addresses: {}, text: { text: 'hello' } };
    const sealed = sealMessage(key, demo, subject, content);
    expect(await openMessage(keys, demo, { subject, sealed })).to.deep.equal(content);

    const erase = createEraseRecipient(handler, keys);
    for (const idempotencyKey of ['one', 'two']) {
      const asked = { kind: 'phone', address, reason: 'asked for' } as const;
      const { answer } = await erase(asked, house.context({ idempotencyKey }));
      expect(answer).to.deep.equal({ kind: 'phone' });
    }
    expect(await openMessage(keys, demo, { subject, sealed })).to.equal(null);
    const refused = await keys.create(demo, subject).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(KeyDestroyed);
    expect(house.types().filter((type) => type === 'RecipientErased')).to.have.length(1);
    expect(log.facts.at(-1)?.data).to.include({ subject, address });
    const alone = log.facts.filter(({ type }) => type === 'AddressSuppressed');
    const onChannels = alone.map(({ data }) => (data as { channel: string }).channel);
    expect(onChannels).to.have.members(['sms', 'whatsapp', 'viber']);
    expect(JSON.stringify(log.facts.map(({ data }) => data))).to.not.include('26123456');
    await house.close();
  });
});
