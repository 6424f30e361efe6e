import { expect } from 'chai';
import { hashSecret, makeSecret, secretMatches } from '../../../commands/credentials.js';

describe('the secret of a token', () => {
  it('matches its own hash and no other', () => {
    const [secret, other] = [makeSecret(), makeSecret()];
    expect(secretMatches(secret, hashSecret(secret))).to.equal(true);
    expect(secretMatches(other, hashSecret(secret))).to.equal(false);
  });

  it('matches nothing that is no whole hash, whatever was compared before', () => {
    const secret = makeSecret();
    const whole = hashSecret(secret);
    expect(secretMatches(secret, whole)).to.equal(true);
    for (const part of ['', whole.slice(0, -1), `${whole}0`]) {
      expect(secretMatches(secret, part), part).to.equal(false);
    }
  });
});
