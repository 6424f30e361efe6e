import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { prfOf } from '../../../commands/coupon/keys.js';
import { gsrn } from '../../../domain/gsrn.js';
import { referralCodes } from '../../../domain/referral/codes.js';

const codes = referralCodes(prfOf(Buffer.alloc(32, 7)));
const customers = fc.bigInt({ min: 0n, max: 10n ** 24n - 1n }).map((number) => gsrn('', number));

describe('referral codes', () => {
  it('lead back to the customer, however they are typed', () => {
    fc.assert(
      fc.property(customers, fc.constantFrom(' ', '-', '_', ''), (userId, between) => {
        const code = codes.codeOf(userId);
        expect(code).to.match(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
        const typed = code.toLowerCase().replaceAll('-', between).replaceAll('0', 'o');
        expect(codes.userOf(typed)).to.equal(userId);
      }),
    );
  });

  it('tell neither the number nor who comes next, and are others under another key', () => {
    const [one, next] = [1n, 2n].map((n) => codes.codeOf(gsrn('8018000010', n)));
    expect([...(one ?? '')].filter((letter, i) => letter === next?.[i]).length).to.be.below(12);
    const others = referralCodes(prfOf(randomBytes(32)));
    expect(others.userOf(one ?? '')).to.not.equal(gsrn('8018000010', 1n));
  });

  it('are not what has another length or other letters, or is too large a number', () => {
    for (const typed of [
      '',
      'SPRING10',
      '0'.repeat(17),
      'U'.repeat(16),
      'Z'.repeat(16),
      '💥'.repeat(8),
    ]) {
      expect(codes.userOf(typed), typed).to.equal(null);
    }
  });

  it('lead nowhere near the customer where one letter is wrong', () => {
    const userId = gsrn('8018000010', 1n);
    const code = codes.codeOf(userId).replaceAll('-', '');
    const wrong = `${code.slice(0, 15)}${code.endsWith('A') ? 'B' : 'A'}`;
    expect(codes.userOf(wrong)?.startsWith('8018000010')).to.not.equal(true);
  });
});
