import { expect } from 'chai';
import fc from 'fast-check';
import { compilePattern, PatternRefused } from '../../../domain/schema/pattern.js';
import { processorMsOf } from '../processorTime.js';

const piece = fc.constantFrom(
  'a',
  'b',
  '\\d',
  '[^a]',
  '[a-c1]',
  '.',
  '\\w',
  '\\s',
  'é',
  '\\.',
  '\\u0061',
);
const sign = fc.constantFrom('', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '*?', '{0}');
const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  pattern: fc
    .tuple(
      fc.constantFrom('', '^'),
      fc.array(fc.array(tie('part'), { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
      fc.constantFrom('', '$'),
    )
    .map(([start, parts, end]) => `${start}${parts.map((one) => one.join('')).join('|')}${end}`),
  part: fc.oneof(
    { maxDepth: 2 },
    fc.tuple(piece, sign).map((both) => both.join('')),
    fc.tuple(tie('pattern'), sign).map(([inside, after]) => `(${inside})${after}`),
  ),
}));
const text = fc.string({
  unit: fc.constantFrom('a', 'b', 'c', '1', ' ', '.', 'é', '\n', '😀'),
  maxLength: 8,
});

describe('patterns of schemas', () => {
  it('find what the language finds', () => {
    fc.assert(
      fc.property(pattern, text, (source, given) => {
        fc.pre(source.length <= 300);
        let compiled;
        try {
          compiled = compilePattern(source);
        } catch (error) {
          if (error instanceof PatternRefused && /states/.test(error.message)) return;
          throw error;
        }
        expect(compiled.test(given), `/${source}/ on ${JSON.stringify(given)}`).to.equal(
          new RegExp(source, 'u').test(given),
        );
      }),
      { numRuns: 600 },
    );
  });

  it('take no longer for those over which the language would despair', () => {
    const took = processorMsOf(() => {
      for (const source of [
        '^(a+)+$',
        '(a*)*b',
        '^(a|a)*$',
        '(x+x+)+y',
        '^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*$',
      ]) {
        compilePattern(source).test(`${'a'.repeat(20_000)}!`);
      }
    });
    expect(took).to.be.lessThan(1_500);
  });

  it('are refused where no such machine can run them', () => {
    for (const source of [
      '(?=a)',
      '(?<!a)b',
      '(a)\\1',
      '\\bword',
      '(?<n>a)\\k<n>',
      'a{1000}',
      '(((a{20}){20}){20})',
      '((((){999}){999}){999})',
      '(',
      'x'.repeat(301),
    ]) {
      expect(() => compilePattern(source), source).to.throw(PatternRefused);
    }
    for (const source of [
      '^[A-Z]{2}\\d{4,10}$',
      '^\\p{L}+$',
      '(?:a|b)?c',
      '(?<year>\\d{4})-\\d\\d',
      '',
      '^$',
    ]) {
      expect(() => compilePattern(source), source).to.not.throw();
    }
    expect(compilePattern('^\\p{Lu}\\p{L}+$').test('Škoda')).to.equal(true);
  });
});
