import { expect } from 'chai';
import fc from 'fast-check';
import { offsetOfFault } from '../../../api/jsonFault.js';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('the place where JSON is broken', () => {
  const cases: readonly [string, number][] = [
    ['', 0],
    ['  ', 2],
    ['{"a":1,}', 7],
    ['{a:1}', 1],
    ['[1,2', 4],
    ['[1 2]', 3],
    ['{"a" 1}', 5],
    ['{"a":tru}', 5],
    ['{"a":01}', 6],
    ['{"a":"x\n"}', 5],
    ['{"a":1} x', 8],
    ['nope', 0],
    ['[1]]', 3],
    ['{]', 1],
    ["{'a':1}", 1],
    ['{"a":-}', 5],
  ];
  for (const [text, offset] of cases) {
    it(`in ${JSON.stringify(text)} is ${offset}`, () =>
      expect(offsetOfFault(text)).to.equal(offset));
  }

  it('lies behind everything that is good, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', ',', '}', ']', ':', '"', 'x', '0', '\\', ' '),
        (json, place, junk) => {
          const cut = place % (json.length + 1);
          const text = json.slice(0, cut) + junk + json.slice(cut + 1);
          const offset = offsetOfFault(text);
          if (isJson(text)) return offset === text.length;
          // Nothing before it was at fault: cut there, the text would only be too short.
          return offset <= text.length && offsetOfFault(text.slice(0, offset)) === offset;
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
