import { expect } from 'chai';
import fc from 'fast-check';
import { BadFrame, frame, FrameDecoder } from '../../../embedded/eventstore/grpc/frames.js';

const cut = (bytes: Buffer, sizes: readonly number[]): Buffer[] => {
  const chunks: Buffer[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
};

describe('cutting a stream of data into messages', () => {
  it('finds the same messages however the data are cut', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 12 });
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(messages, sizes, (sent, cuts) => {
        const bytes = Buffer.concat(sent.map((message) => frame(Buffer.from(message))));
        const received: string[] = [];
        const decoder = new FrameDecoder();
        for (const chunk of cut(bytes, cuts))
          decoder.push(chunk, (message) => received.push(message.toString('hex')));
        expect(received).to.deep.equal(sent.map((message) => Buffer.from(message).toString('hex')));
      }),
    );
  });

  it('refuses compressed messages and messages beyond the limit', () => {
    expect(() => new FrameDecoder().push(Buffer.from([1, 0, 0, 0, 0]), () => {})).to.throw(
      BadFrame,
    );
    expect(() => new FrameDecoder().push(Buffer.from([0, 0xff, 0, 0, 0]), () => {})).to.throw(
      BadFrame,
    );
  });
});
