/** What every store of signing keys does. */
import { expect } from 'chai';
import { makeSigningKey, type SigningKeys } from '../../commands/signingKeys.js';

export const behavesAsSigningKeys = (open: () => SigningKeys): void => {
  const [older, newer] = [makeSigningKey(1_000), makeSigningKey(2_000)];
  let keys: SigningKeys;
  before(() => (keys = open()));
  const listed = async () => (await keys.list()).sort((a, b) => a.createdAt - b.createdAt);

  it('gives back what was added, once', async () => {
    await keys.add(older);
    await keys.add(older);
    await keys.add(newer);
    expect(await listed()).to.deep.equal([older, newer]);
  });

  it('retires the older keys and leaves the newer open', async () => {
    await keys.retire(newer.createdAt, 5_000);
    expect(await listed()).to.deep.equal([{ ...older, retiredAt: 5_000 }, newer]);
  });

  it('does not retire a key twice', async () => {
    await keys.retire(newer.createdAt, 9_000);
    expect((await listed())[0]).to.have.property('retiredAt', 5_000);
  });

  it('forgets keys that were retired long ago', async () => {
    await keys.forget(5_000);
    expect(await listed()).to.have.lengthOf(2);
    await keys.forget(5_001);
    expect(await listed()).to.deep.equal([newer]);
  });

  it('removes one key, and removes it once', async () => {
    await keys.add(older);
    await keys.remove(newer.kid);
    await keys.remove(newer.kid);
    expect(await listed()).to.deep.equal([older]);
  });
};
