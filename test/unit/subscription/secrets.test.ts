import { expect } from 'chai';
import {
  createSubscriptionSecrets,
  HeadersUnreadable,
} from '../../../commands/subscription/secrets.js';
import type { SubscriptionId, TenantId } from '../../../domain/ids.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { isGenuine, signatureHeaders } from '../../../workers/webhook/signature.js';

const tenant = 'demo' as TenantId;
const subscriptionId = 'sub_cars1' as SubscriptionId;
const record = {
  ...{ tenant, subscriptionId, secretVersion: 1, overlap: null },
  signing: ['v1' as const, 'v1a' as const],
};
const rotated = { ...record, secretVersion: 2, overlap: { version: 1, until: 5_000 } };
const signed = { id: 'msg_1', timestamp: 1, body: '{}' };

describe('the secrets of a subscription', () => {
  const secrets = createSubscriptionSecrets(createMemoryPersonalKeys());

  it('sign so that what is shown verifies it, by either scheme', async () => {
    const headers = signatureHeaders(await secrets.signingKeys(record, 0), signed);
    const [shown] = await secrets.shown(record, 0);
    expect(shown).to.deep.include({ version: 1, until: null });
    for (const key of [shown?.v1, shown?.v1a]) {
      expect(isGenuine([key ?? ''], headers['webhook-signature'], signed, 1)).to.equal(true);
    }
  });

  it('are the same whenever they are asked for, and different for every subscription and version', async () => {
    const keys = await secrets.signingKeys(record, 0);
    expect(await secrets.signingKeys(record, 9)).to.deep.equal(keys);
    const other = { ...record, subscriptionId: 'sub_cars2' as SubscriptionId };
    const all = [
      ...keys,
      ...(await secrets.signingKeys(other, 0)),
      ...(await secrets.signingKeys({ ...record, secretVersion: 2 }, 0)),
      ...(await secrets.signingKeys({ ...record, tenant: 'other' as TenantId }, 0)),
    ];
    expect(new Set(all).size).to.equal(8);
  });

  it('do not let whoever has the shared one sign by the other', async () => {
    const [v1 = '', v1a = ''] = await secrets.signingKeys(record, 0);
    const [shared, seed] = [v1, v1a].map((key) => Buffer.from(key.split('_')[1] ?? '', 'base64'));
    expect(seed?.subarray(0, 32)).to.not.deep.equal(shared);
  });

  it('sign under both versions while a rotation overlaps, under the new one after it', async () => {
    const before = await secrets.signingKeys(record, 0);
    const during = await secrets.signingKeys(rotated, 4_999);
    expect(during)
      .to.have.length(4)
      .and.to.include.members([...before]);
    expect(await secrets.signingKeys(rotated, 5_000)).to.deep.equal(during.slice(0, 2));
    const shown = await secrets.shown(rotated, 4_999);
    expect(shown.map(({ version, until }) => [version, until])).to.deep.equal([
      [2, null],
      [1, 5_000],
    ]);
  });

  it('show nothing of a scheme that is not used', async () => {
    const [shown] = await secrets.shown({ ...record, signing: ['v1a'] }, 0);
    expect(shown?.v1).to.equal(null);
    expect(shown?.v1a).to.match(/^whpk_/);
  });

  it('seal headers for one subscription', async () => {
    const headers = { authorization: 'Bearer tøken' };
    const sealedHeaders = await secrets.seal(tenant, subscriptionId, headers);
    expect(sealedHeaders).to.not.contain('Bearer');
    const about = { tenant, subscriptionId, sealedHeaders };
    expect(await secrets.headersOf(about)).to.deep.equal(headers);
    expect(await secrets.headersOf({ tenant, subscriptionId })).to.deep.equal({});
    const elsewhere = { ...about, subscriptionId: 'sub_cars2' as SubscriptionId };
    const failure = await secrets.headersOf(elsewhere).then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).to.be.instanceOf(HeadersUnreadable);
  });
});
