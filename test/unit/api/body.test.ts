import { expect } from 'chai';
import fc from 'fast-check';
import { parseJson } from '../../../api/body.js';
import { Refused } from '../../../api/refused.js';

const depthOf = (value: unknown): number =>
  typeof value !== 'object' || value === null
    ? 0
    : 1 + Math.max(0, ...Object.values(value).map(depthOf));

const codeOf = (text: string, jsonDepthMax: number): string => {
  try {
    parseJson(text, { jsonDepthMax });
    return 'parsed';
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
};

describe('the depth of a body', () => {
  // Names and texts made of brackets and quotes among them.
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[[\]{}"\\]{0,6}$/));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, text, fc.integer(), tie('many')),
    many: fc.oneof(
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(text, tie('value'), { maxKeys: 3 }),
    ),
  }));

  it('is what it is nested, whatever its texts look like and however many brackets it has', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 8 }), fc.nat(8), (body, depthMax) => {
        const wanted = depthOf(body) > depthMax ? 'body-too-deep' : 'parsed';
        expect(codeOf(JSON.stringify(body), depthMax)).to.equal(wanted);
      }),
      { numRuns: 500 },
    );
  });
});
