import { expect } from 'chai';
import { createPersonalData, SealBroken } from '../../../commands/personalData.js';
import type { TenantId, UserId } from '../../../domain/ids.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { behavesAsPersonalKeys } from '../../contract/personalKeys.js';
import { failure } from './failure.js';

const demo = 'demo' as TenantId;
const ann = '8018000010000000000000013' as UserId;
const bob = '8018000010000000000000020' as UserId;
const person = { name: 'Ann Ångström', phone: '+442079460018', birthDate: '1980-12-31' };

describe('personal data', () => {
  const data = createPersonalData(createMemoryPersonalKeys());

  it('opens as it was sealed', async () => {
    expect(await data.open(demo, ann, await data.seal(demo, ann, person))).to.deep.equal(person);
  });

  it('is sealed otherwise each time, and shows nothing of what it holds', async () => {
    const [one, two] = [await data.seal(demo, ann, person), await data.seal(demo, ann, person)];
    expect(one).not.to.equal(two);
    expect(one).to.match(/^[A-Za-z0-9_-]+$/);
    expect(Buffer.from(one, 'base64url').toString('latin1')).not.to.include('Ann');
  });

  it('does not open for another customer or tenant', async () => {
    const sealed = await data.seal(demo, ann, person);
    await data.seal(demo, bob, person);
    expect(await failure(data.open(demo, bob, sealed))).to.be.instanceOf(SealBroken);
  });

  it('does not open elsewhere even under the same key', async () => {
    const keys = createMemoryPersonalKeys();
    const oneKey = () => keys.create(demo, ann);
    const own = createPersonalData({ ...keys, create: oneKey, find: oneKey });
    const sealed = await own.seal(demo, ann, person);
    expect(await failure(own.open(demo, bob, sealed))).to.be.instanceOf(SealBroken);
    const other = 'other' as TenantId;
    expect(await failure(own.open(other, ann, sealed))).to.be.instanceOf(SealBroken);
  });

  it('does not open when a single bit was changed', async () => {
    const sealed = Buffer.from(await data.seal(demo, ann, person), 'base64url');
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      const opening = data.open(demo, ann, changed.toString('base64url'));
      expect(await failure(opening), `byte ${index}`).to.be.instanceOf(SealBroken);
    }
    const cut = sealed.subarray(0, 20).toString('base64url');
    expect(await failure(data.open(demo, ann, cut))).to.be.instanceOf(SealBroken);
  });

  it('is gone once the key is destroyed', async () => {
    const own = createPersonalData(createMemoryPersonalKeys());
    const sealed = await own.seal(demo, ann, person);
    await own.destroy(demo, ann);
    expect(await own.open(demo, ann, sealed)).to.equal(null);
  });

  it('spends no key on a person of whom nothing is known', async () => {
    const keys = createMemoryPersonalKeys();
    const own = createPersonalData(keys);
    expect(await own.seal(demo, ann, {})).to.equal('');
    expect(await keys.find(demo, ann)).to.equal(null);
    expect(await own.open(demo, ann, '')).to.deep.equal({});
  });

  it('is found by a hash of the tenant, the kind and the value', async () => {
    const hash = await data.hash(demo, 'phone', person.phone);
    expect(hash).to.match(/^[0-9a-f]{64}$/);
    expect(await data.hash(demo, 'phone', person.phone)).to.equal(hash);
    expect(await data.hash(demo, 'email', person.phone)).not.to.equal(hash);
    expect(await data.hash('other' as TenantId, 'phone', person.phone)).not.to.equal(hash);
  });
});

describe('personal keys in memory', () => {
  const keys = createMemoryPersonalKeys();
  behavesAsPersonalKeys(() => keys);
});
