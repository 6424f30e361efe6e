/** Headers of answers, which are mostly those of the answer before. */
import { expect } from 'chai';
import { createHeaderReading } from '../../../platform/outbound/sendOnce.js';

/** In one piece, as a connection reads them. */
const rawOf = (texts: readonly string[], room = 0): Buffer[] => {
  const piece = Buffer.alloc(texts.join('').length + room);
  let at = 0;
  return texts.map((text) => piece.subarray(at, (at += piece.write(text, at))));
};

describe('headers of answers', () => {
  it('are the same object as long as they are the same, byte for byte', () => {
    const reading = createHeaderReading();
    const first = reading.of(rawOf(['Date', '1', 'X-Id', 'a', 'x-id', 'b']));
    expect(first).to.deep.equal({ date: '1', 'x-id': 'a' });
    expect(reading.of(rawOf(['Date', '1', 'X-Id', 'a', 'x-id', 'b']))).to.equal(first);
    expect(reading.of(rawOf(['Date', '2', 'X-Id', 'a', 'x-id', 'b']))).to.deep.equal({
      ...{ date: '2', 'x-id': 'a' },
    });
    expect(reading.of(rawOf(['Date', '2']))).to.deep.equal({ date: '2' });
    expect(reading.of([])).to.deep.equal({});
    expect(reading.of(rawOf(['Date', '1']))).to.deep.equal({ date: '1' });
  });

  it('are read anew where they came in a large piece', () => {
    const reading = createHeaderReading();
    const first = reading.of(rawOf(['Date', '1'], 20_000));
    const again = reading.of(rawOf(['Date', '1'], 20_000));
    expect(again).to.deep.equal(first);
    expect(again).not.to.equal(first);
  });
});
