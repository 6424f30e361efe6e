/** What every store of personal keys does. */
import { expect } from 'chai';
import { KeyDestroyed, type PersonalKeys } from '../../commands/personalData.js';
import type { TenantId, UserId } from '../../domain/ids.js';

const demo = 'demo' as TenantId;
const other = 'other' as TenantId;
let serial = 0;
const someone = () => `${(serial += 1)}`.padStart(25, '0') as UserId;

export const behavesAsPersonalKeys = (keysOf: () => PersonalKeys): void => {
  it('makes a key of 32 bytes once, and finds it again', async () => {
    const keys = keysOf();
    const ann = someone();
    expect(await keys.find(demo, ann)).to.equal(null);
    const key = await keys.create(demo, ann);
    expect(key).to.have.lengthOf(32);
    expect(await keys.create(demo, ann)).to.deep.equal(key);
    expect(await keys.find(demo, ann)).to.deep.equal(key);
  });

  it('makes one key when many ask at once', async () => {
    const keys = keysOf();
    const ann = someone();
    const made = await Promise.all(Array.from({ length: 10 }, () => keys.create(demo, ann)));
    expect(new Set(made.map((key) => key.toString('hex'))).size).to.equal(1);
  });

  it('gives each person of each tenant another key', async () => {
    const keys = keysOf();
    const [ann, bob] = [someone(), someone()];
    const made = [
      await keys.create(demo, ann),
      await keys.create(demo, bob),
      await keys.create(other, ann),
    ];
    expect(new Set(made.map((key) => key.toString('hex'))).size).to.equal(3);
  });

  it('makes and finds many at once, in the order that was asked', async () => {
    const keys = keysOf();
    const [ann, bob, erased] = [someone(), someone(), someone()];
    const known = await keys.create(demo, bob);
    await keys.destroy(demo, erased);
    const many = await keys.createMany(demo, [ann, bob, erased, ann]);
    expect(many[1]).to.deep.equal(known);
    expect(many[2]).to.equal(null);
    expect(many[0]).to.have.lengthOf(32);
    expect(many[3]).to.deep.equal(many[0]);
    expect(await keys.find(demo, ann)).to.deep.equal(many[0]);
    expect(await keys.createMany(demo, [])).to.deep.equal([]);
  });

  it('makes one key of each when many ask for many at once', async () => {
    const keys = keysOf();
    const people = Array.from({ length: 20 }, someone);
    const asked = [people, [...people].reverse(), people];
    const [one, turned, other] = await Promise.all(
      asked.map((subjects) => keys.createMany(demo, subjects)),
    );
    expect(one).not.to.include(null);
    expect(other).to.deep.equal(one);
    expect([...(turned ?? [])].reverse()).to.deep.equal(one);
  });

  it('destroys a key for ever', async () => {
    const keys = keysOf();
    const ann = someone();
    await keys.create(demo, ann);
    await keys.destroy(demo, ann);
    await keys.destroy(demo, ann);
    expect(await keys.find(demo, ann)).to.equal(null);
    const again = await keys.create(demo, ann).catch((error: unknown) => error);
    expect(again).to.be.instanceOf(KeyDestroyed);
  });

  it('makes no key for a person who was erased before there was one', async () => {
    const keys = keysOf();
    const ann = someone();
    await keys.destroy(demo, ann);
    const made = await keys.create(demo, ann).catch((error: unknown) => error);
    expect(made).to.be.instanceOf(KeyDestroyed);
  });

  it('keeps one index key per tenant', async () => {
    const keys = keysOf();
    const key = await keys.indexKey(demo);
    expect(key).to.have.lengthOf(32);
    expect(await keys.indexKey(demo)).to.deep.equal(key);
    expect(await keys.indexKey(other)).not.to.deep.equal(key);
  });
};
