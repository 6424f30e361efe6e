import { gunzipSync } from 'node:zlib';
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import type { Carried } from '../../../../platform/logging/gelf/carrier.js';
import {
  chunksMax,
  compressed,
  datagramBytesMax,
  datagramsOf,
} from '../../../../platform/logging/gelf/chunks.js';
import { createShipper, type Shipped } from '../../../../platform/logging/gelf/shipper.js';

const shipping = (answer: (messages: readonly string[]) => Partial<Carried>) => {
  const carried: string[] = [];
  const shipped: Shipped[] = [];
  const troubles: string[] = [];
  let closed = 0;
  const shipper = createShipper({
    carrier: {
      carry: async (messages) => {
        const texts = messages.map(
          (bytes) => (JSON.parse(String(bytes)) as { short_message: string }).short_message,
        );
        const given = { settled: messages.length, refused: 0, error: null, ...answer(texts) };
        carried.push(...texts.slice(0, given.settled));
        return given;
      },
      close: () => void (closed += 1),
    },
    origin: { host: 'h', fields: {} },
    now: () => 0,
    onShipped: (one) => shipped.push(one),
    onTrouble: ({ message }) => troubles.push(message),
    backOff: { firstMs: 1, mostMs: 4 },
  });
  const take = (...lines: string[]) => shipper.take(lines.map((line) => `${line}\n`).join(''));
  return { shipper, take, carried, shipped, troubles, closed: () => closed };
};

describe('handing log lines over', () => {
  it('keeps their order through failures in the middle of a batch, and tells of trouble once', async () => {
    let failures = 4;
    const { shipper, take, carried, troubles, shipped } = shipping(() =>
      failures-- > 0 ? { settled: 2, error: new Error('gone') } : {},
    );
    const lines = Array.from({ length: 50 }, (_, i) => `line ${i}`);
    take(...lines.slice(0, 30));
    take(...lines.slice(30));
    expect(await shipper.stop(1_000)).to.equal(0);
    expect(carried).to.deep.equal(lines);
    expect(troubles).to.deep.equal(['gone']);
    expect(shipped.at(-1)?.complete).to.equal(true);
    expect(shipped.reduce((sum, { sent }) => sum + sent, 0)).to.equal(50);
    expect(shipped.reduce((sum, { chars }) => sum + chars, 0)).to.equal(lines.join('').length + 50);
  });

  it('counts what is refused and goes on behind it', async () => {
    const { shipper, take, shipped } = shipping((texts) => ({
      refused: texts.filter((text) => text === 'bad').length,
    }));
    take('good', 'bad', 'good');
    await shipper.stop(1_000);
    expect(shipped).to.deep.equal([{ sent: 2, refused: 1, chars: 14, complete: true }]);
  });

  it('stops within its deadline though nothing is taken, and says how much is left', async () => {
    const { shipper, take, closed } = shipping(() => ({ settled: 0, error: new Error('gone') }));
    take('a', 'b', 'c');
    const began = performance.now();
    expect(await shipper.stop(150)).to.equal(3);
    expect(performance.now() - began).to.be.within(140, 10_000);
    expect(closed()).to.equal(1);
  });
});

describe('GELF by UDP', () => {
  it('is one datagram where it fits', () => {
    expect(datagramsOf(Buffer.alloc(datagramBytesMax))).to.have.length(1);
    expect(datagramsOf(Buffer.alloc(datagramBytesMax + 1))).to.have.length(2);
  });

  it('is chunks with one id, numbered from 0, that make the message again', () => {
    const message = randomBytes(50_000);
    const chunks = datagramsOf(message) ?? [];
    expect(chunks).to.have.length(7);
    chunks.forEach((chunk, number) => {
      expect(chunk.length).to.be.at.most(datagramBytesMax);
      expect([...chunk.subarray(0, 2), ...chunk.subarray(10, 12)]).to.deep.equal([
        ...[0x1e, 0x0f, number, 7],
      ]);
      expect(chunk.subarray(2, 10).equals(chunks[0]?.subarray(2, 10) ?? chunk)).to.equal(true);
    });
    expect(Buffer.concat(chunks.map((chunk) => chunk.subarray(12))).equals(message)).to.equal(true);
  });

  it('refuses what takes more chunks than there may be', () => {
    expect(datagramsOf(Buffer.alloc(chunksMax * 8_180))).to.have.length(chunksMax);
    expect(datagramsOf(Buffer.alloc(chunksMax * 8_180 + 1))).to.equal(null);
  });

  it('is compressed only where that makes it smaller', () => {
    const short = Buffer.from('{"short_message":"x"}');
    const noise = randomBytes(2_000);
    const text = Buffer.from('much the same, '.repeat(500));
    expect(compressed(short)).to.equal(short);
    expect(compressed(noise)).to.equal(noise);
    expect(compressed(text).length).to.be.lessThan(text.length / 10);
    expect(gunzipSync(compressed(text)).equals(text)).to.equal(true);
  });
});
