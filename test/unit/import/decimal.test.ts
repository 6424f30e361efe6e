import { expect } from 'chai';
import fc from 'fast-check';
import { formatMicros, parseDecimal } from '../../../cli/import/decimal.js';

describe('decimals of a file', () => {
  it('are read exactly or not at all', () => {
    expect(parseDecimal('4.95', 3)).to.equal(4_950);
    expect(parseDecimal('-11062.06', 3)).to.equal(-11_062_060);
    expect(parseDecimal('6.0000', 3)).to.equal(6_000);
    for (const text of ['', '1.2345', '1e3', ' 1', '1.', '.5', 'NaN', '9'.repeat(17)]) {
      expect(parseDecimal(text, 3), text).to.equal(null);
    }
  });

  it('come back from text as they went', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (micros) => {
        expect(parseDecimal(formatMicros(micros).replaceAll(',', ''), 6)).to.equal(micros);
      }),
    );
  });

  it('are shown with two places, and more only where they are needed', () => {
    expect(formatMicros(9_747_747_934_000)).to.equal('9,747,747.934');
    expect(formatMicros(-5_000_000)).to.equal('-5.00');
    expect(formatMicros(0)).to.equal('0.00');
  });
});
