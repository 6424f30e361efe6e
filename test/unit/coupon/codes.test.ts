import { expect } from 'chai';
import fc from 'fast-check';
import {
  canonical,
  codesMost,
  printed,
  readTyped,
  seriesCodes,
  seriesNumberMost,
} from '../../../domain/coupon/codes.js';
import type { CouponCode } from '../../../domain/coupon/ids.js';
import { permutation } from '../../../domain/coupon/permutation.js';
import { prfOf } from '../../../commands/coupon/keys.js';

const keys = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
const numbers = fc.integer({ min: 1, max: seriesNumberMost });
const places = fc.integer({ min: 0, max: codesMost - 1 });
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const key = Buffer.alloc(32, 7);
const all = (size: number) => Uint32Array.from({ length: size }, (_, i) => i);

describe('a keyed permutation', () => {
  it('takes the numbers below any size to themselves, each once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000 }), keys, (size, secret) => {
        const { forwards } = permutation(size, prfOf(secret));
        expect(Array.from(forwards(all(size)).sort())).to.deep.equal(Array.from(all(size)));
      }),
      { numRuns: 60 },
    );
  });

  it('is undone backwards, for sizes of every magnitude', () => {
    const sizes = fc.integer({ min: 0, max: 32 }).chain((bits) =>
      fc.record({
        size: fc.integer({ min: 2 ** Math.max(0, bits - 1), max: 2 ** bits }),
        share: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      }),
    );
    fc.assert(
      fc.property(sizes, keys, ({ size, share }, secret) => {
        const value = Math.floor(share * size);
        const { forwards, backwards } = permutation(size, prfOf(secret));
        const image = forwards(Uint32Array.of(value));
        expect(image[0]).to.be.below(size);
        expect(backwards(image)[0]).to.equal(value);
        expect(forwards(backwards(Uint32Array.of(value)))[0]).to.equal(value);
      }),
    );
  });

  it('is another one under another key, and leaves next to nothing where it was', () => {
    const [one, other] = [key, Buffer.alloc(32, 8)].map((secret) =>
      permutation(10_000, prfOf(secret)).forwards(all(10_000)),
    );
    const stayed = one?.filter((image, value) => image === value).length ?? 0;
    const same = one?.filter((image, value) => image === other?.[value]).length ?? 0;
    expect(stayed).to.be.below(10);
    expect(same).to.be.below(10);
  });

  it('refuses sizes that it cannot hold', () => {
    for (const size of [0, -1, 1.5, 2 ** 32 + 1]) {
      expect(() => permutation(size, prfOf(key)), String(size)).to.throw(RangeError);
    }
  });
});

describe('the codes of a series', () => {
  it('are found to be the n-th again, and whole batches are what they are one by one', () => {
    fc.assert(
      fc.property(numbers, keys, places, (number, secret, first) => {
        const { codes, placeOf } = seriesCodes(number, prfOf(secret));
        const count = Math.min(5, codesMost - first);
        const batch = codes(first, count);
        expect(batch.map(placeOf)).to.deep.equal(batch.map((_, i) => first + i));
        expect(codes(first + count - 1, 1)).to.deep.equal(batch.slice(-1));
      }),
    );
  });

  it('are refused with any letter changed', () => {
    const change = fc.record({
      at: fc.nat({ max: 15 }),
      to: fc.constantFrom(...letters),
    });
    fc.assert(
      fc.property(numbers, keys, places, change, (number, secret, n, { at, to }) => {
        const { codes, placeOf } = seriesCodes(number, prfOf(secret));
        const [code = ''] = codes(n, 1);
        fc.pre(code[at] !== to);
        const changed = code.slice(0, at) + to + code.slice(at + 1);
        expect(placeOf(changed as CouponCode)).to.equal(null);
      }),
    );
  });

  it('are never those of another series, even under one key', () => {
    fc.assert(
      fc.property(numbers, numbers, keys, places, (number, other, secret, n) => {
        fc.pre(number !== other);
        const [code = '' as CouponCode] = seriesCodes(number, prfOf(secret)).codes(n, 1);
        expect(seriesCodes(other, prfOf(secret)).placeOf(code)).to.equal(null);
        expect(readTyped(code)).to.include({ kind: 'derived', series: number });
      }),
    );
  });

  it('are all different', () => {
    const batch = seriesCodes(7, prfOf(key)).codes(0, 100_000);
    expect(new Set(batch).size).to.equal(100_000);
    expect(batch.every((code) => /^007[0-9A-HJKMNP-TV-Z]{13}$/.test(code))).to.equal(true);
  });

  it('stay what they are: those in the hands of customers must be known for ever', () => {
    const { codes } = seriesCodes(1, prfOf(key));
    expect(codes(0, 2).map(printed)).to.deep.equal(['0018-H30D-SRPC-0PJG', '001Q-DM1F-GNQ6-N021']);
    expect(codes(codesMost - 1, 1).map(printed)).to.deep.equal(['001A-46MR-5YCJ-37SR']);
  });

  it('end at a thousand million', () => {
    const { codes } = seriesCodes(1, prfOf(key));
    expect(() => codes(codesMost, 1)).to.throw(RangeError);
    expect(codes(codesMost, 0)).to.deep.equal([]);
  });
});

describe('what is typed', () => {
  const [code = '' as CouponCode] = seriesCodes(300, prfOf(key)).codes(4, 1);

  it('is understood in any case and with any separators', () => {
    for (const typed of [code, printed(code), printed(code).toLowerCase(), ` ${code} `]) {
      expect(readTyped(typed)).to.deep.equal({ kind: 'derived', code, series: 300 });
    }
    expect(readTyped(code.replace(/-/g, ' ').split('').join('_'))).to.include({ code });
  });

  it('is understood where letters look like digits', () => {
    expect(readTyped('OOI5-T8VQ-2MZ7-K3HC')).to.include({ code: '0015T8VQ2MZ7K3HC', series: 1 });
    expect(canonical('Spring-lO')).to.equal('SPR1NG10');
  });

  it('is a word where it is shorter, and nothing where it is longer or strange', () => {
    expect(readTyped('spring10')).to.deep.equal({ kind: 'word', code: 'SPR1NG10' });
    for (const typed of [
      '',
      'abc',
      'UUUU-UUUU-UUUU-UUUU',
      `${code}0`,
      'ПРИВЕТ',
      '536365.welcome.1',
      'a/b?c',
      '\0'.repeat(16),
    ]) {
      expect(readTyped(typed), typed).to.equal(null);
    }
  });
});
