import { expect } from 'chai';
import fc from 'fast-check';
import { segmentsOf } from '../../../domain/template/segments.js';

const told = (text: string): string => {
  const { encoding, segments, units, left } = segmentsOf(text);
  return `${encoding} ${segments}: ${units}, ${left} left`;
};

describe('the segments of a short message', () => {
  it('hold 160 signs of the alphabet of GSM, and 153 each of several', () => {
    expect(told('')).to.equal('gsm7 1: 0, 160 left');
    expect(told('x'.repeat(160))).to.equal('gsm7 1: 160, 0 left');
    expect(told('x'.repeat(161))).to.equal('gsm7 2: 161, 145 left');
    expect(told('x'.repeat(306))).to.equal('gsm7 2: 306, 0 left');
    expect(told('x'.repeat(307))).to.equal('gsm7 3: 307, 152 left');
    expect(told('x'.repeat(459))).to.equal('gsm7 3: 459, 0 left');
  });

  it('count a sign of the extension table twice, and never tear it apart', () => {
    for (const sign of '^{}\\[~]|€\f') expect(told(sign)).to.equal('gsm7 1: 2, 158 left');
    expect(told(`${'x'.repeat(158)}€`)).to.equal('gsm7 1: 160, 0 left');
    expect(told(`${'x'.repeat(159)}€`)).to.equal('gsm7 2: 161, 145 left');
    // The 153rd place stays empty: the sign of two goes to the second part.
    expect(told(`${'x'.repeat(152)}€${'x'.repeat(10)}`)).to.equal('gsm7 2: 164, 141 left');
    expect(told(`${'x'.repeat(152)}€${'x'.repeat(151)}`)).to.equal('gsm7 2: 305, 0 left');
    expect(told(`${'x'.repeat(152)}€${'x'.repeat(152)}`)).to.equal('gsm7 3: 306, 152 left');
  });

  it('know every sign of the alphabet, and those that only look like one', () => {
    expect(told('@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ')).to.match(/^gsm7 1: 31,/);
    expect(told('¤¡ÄÖÑÜ§¿äöñüà')).to.match(/^gsm7 1: 13,/);
    for (const sign of ['ç', '`', 'á', 'Α', 'ё', '\u00a0', '’', '\t']) {
      expect(segmentsOf(sign).encoding, sign).to.equal('ucs2');
    }
  });

  it('hold 70 signs as soon as one is foreign, and 67 each of several', () => {
    expect(told('я'.repeat(70))).to.equal('ucs2 1: 70, 0 left');
    expect(told('я'.repeat(71))).to.equal('ucs2 2: 71, 63 left');
    expect(told('я'.repeat(134))).to.equal('ucs2 2: 134, 0 left');
    expect(told(`${'x'.repeat(159)}я`)).to.equal('ucs2 3: 160, 41 left');
    expect(told('€'.repeat(70) + 'я')).to.equal('ucs2 2: 71, 63 left');
  });

  it('count what lies beyond sixteen bits twice, and never tear it apart', () => {
    expect(told('😀')).to.equal('ucs2 1: 2, 68 left');
    expect(told('😀'.repeat(35))).to.equal('ucs2 1: 70, 0 left');
    expect(told(`${'я'.repeat(66)}😀${'я'.repeat(4)}`)).to.equal('ucs2 2: 72, 61 left');
    expect(told(`${'я'.repeat(67)}${'😀'.repeat(33)}я`)).to.equal('ucs2 2: 134, 0 left');
    expect(told(`${'я'.repeat(66)}${'😀'.repeat(34)}`)).to.equal('ucs2 3: 134, 65 left');
  });

  it('name the signs that made it dear', () => {
    expect(segmentsOf('“Half price” – today’s offer “now”').because).to.deep.equal([
      ...['“', '”', '–', '’'],
    ]);
    expect(segmentsOf('Half price').because).to.deep.equal([]);
  });

  it('are never fewer than the places need, nor more than one place a part is lost', () => {
    const signs = fc.array(fc.constantFrom(...'ab€{я😀'), { maxLength: 400 });
    fc.assert(
      fc.property(signs, (list) => {
        const { encoding, segments, units, left } = segmentsOf(list.join(''));
        const part = encoding === 'gsm7' ? 153 : 67;
        if (segments === 1) return units <= (encoding === 'gsm7' ? 160 : 70);
        const lost = segments * part - units - left;
        return lost >= 0 && lost < segments && left >= 0 && left < part;
      }),
    );
  });
});
