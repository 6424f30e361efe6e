import { expect } from 'chai';
import {
  hashPassword,
  passwordFault,
  PasswordsBusy,
  verifyPassword,
} from '../../../commands/passwords.js';

/** 'one good word' at a cost of long ago: quick to check. */
const ofOldCost =
  'scrypt$N=1024,r=4,p=1$AAAAAAAAAAAAAAAAAAAAAA$kvoVtElwecCwvz_CGFTFdNbFy-P67HrpPmjCGUKS7YM';

describe('passwords', () => {
  it('are hashed with a salt and their parameters', async () => {
    const [one, two] = await Promise.all([
      hashPassword('one good word'),
      hashPassword('one good word'),
    ]);
    expect(one)
      .to.match(/^scrypt\$N=32768,r=8,p=1\$/)
      .and.not.equal(two);
    expect(await verifyPassword('one good word', one)).to.equal(true);
    expect(await verifyPassword('one good Word', one)).to.equal(false);
  });

  it('match however the same letters are encoded', async () => {
    const composed = 'caf\u00e9 au lait';
    expect(await verifyPassword('cafe\u0301 au lait', await hashPassword(composed))).to.equal(true);
  });

  it('are checked with the parameters of their own hash', async () => {
    expect(await verifyPassword('one good word', ofOldCost)).to.equal(true);
    const otherCost = ofOldCost.replace('N=1024', 'N=2048');
    expect(await verifyPassword('one good word', otherCost)).to.equal(false);
  });

  it('never match what is not a hash', async () => {
    for (const text of ['', 'scrypt$', 'one good word', 'scrypt$N=1,r=1,p=1$a$b']) {
      expect(await verifyPassword('one good word', text)).to.equal(false);
    }
  });

  it('are refused unchecked when too many wait, and checked again afterwards', async () => {
    const hash = ofOldCost;
    const all = await Promise.allSettled(
      Array.from({ length: 120 }, () => verifyPassword('one good word', hash)),
    );
    const refused = all.filter((result) => result.status === 'rejected');
    expect(refused).to.have.lengthOf(18);
    expect(refused[0]?.reason).to.be.instanceOf(PasswordsBusy);
    expect(all.filter((result) => result.status === 'fulfilled' && result.value)).to.have.lengthOf(
      102,
    );
    expect(await verifyPassword('one good word', hash)).to.equal(true);
  });

  it('that are long and mixed will do', () => {
    for (const password of ['blue house seven', 'Tr0ub4dor&3x', 'пароль подлиннее']) {
      expect(passwordFault(password, 'ann'), password).to.equal(null);
    }
  });
});
