/**
 * The size an append may have. A server charges data, metadata and two bytes for each character of the type, and says
 * its limit (1 MiB by default) in the error; the cases learn it from there.
 */
import { randomUUID } from 'node:crypto';
import { binaryEvent, MaxAppendSizeExceededError } from '@eventstore/db-client';
import { expect } from 'chai';
import { appendWays, counted, newStream, numbersOf, rejectionOf, useNode } from './node.js';

const TYPE = 'Scanned';
const TYPE_BYTES = TYPE.length * 2;

const sized = (bytes: number, metadata?: Buffer) =>
  binaryEvent({
    type: TYPE,
    data: Buffer.alloc(bytes - TYPE_BYTES - (metadata?.length ?? 0), 7),
    ...(metadata ? { metadata } : {}),
  });

for (const [way, options] of Object.entries(appendWays)) {
  describe(`the size of an append ${way}`, function () {
    this.timeout(120_000);
    const node = useNode();
    let limit: number;

    const append = (events: ReturnType<typeof sized> | ReturnType<typeof sized>[]) =>
      node.client.appendToStream(newStream(), events, options);
    const refusalOf = async (appending: Promise<unknown>) => {
      const error = await rejectionOf(appending);
      expect(error).to.be.instanceOf(MaxAppendSizeExceededError);
      return error as MaxAppendSizeExceededError;
    };

    before(async () => {
      limit = (await refusalOf(append(sized(3_000_000)))).maxAppendSize;
    });

    it('is refused above the limit, which the error names', async () => {
      const error = await refusalOf(append(sized(limit + 1)));
      expect(error).to.include({ type: 'maximum-append-size-exceeded', maxAppendSize: limit });
      expect(limit).to.be.a('number').greaterThan(1000);
    });

    it('may be exactly the limit', async () => {
      expect(await append(sized(limit))).to.include({ success: true, nextExpectedRevision: 0n });
    });

    it('counts metadata', async () => {
      const metadata = Buffer.alloc(2000, 1);
      await append(sized(limit, metadata));
      await refusalOf(append(sized(limit + 1, metadata)));
    });

    it('is that of all its events together', async () => {
      const half = Math.floor(limit / 2);
      const { nextExpectedRevision } = await append([sized(half), sized(limit - half)]);
      expect(nextExpectedRevision).to.equal(1n);
      await refusalOf(append([sized(half), sized(limit - half), sized(100)]));
    });

    it('stores nothing of an append that is refused, and takes the next', async () => {
      const stream = newStream();
      await refusalOf(
        node.client.appendToStream(
          stream,
          [sized(100), ...Array.from({ length: 5 }, () => sized(limit - 1))],
          options,
        ),
      );
      expect(await rejectionOf(numbersOf(node.client.readStream(stream)))).to.have.property(
        'type',
        'stream-not-found',
      );
      await node.client.appendToStream(stream, counted(1), options);
      expect(await numbersOf(node.client.readStream(stream))).to.deep.equal([1]);
    });

    it('is refused when it is more than one chunk of the client', async () => {
      const events = Array.from({ length: 8 }, () => sized(limit - 1));
      expect((await refusalOf(append(events))).maxAppendSize).to.equal(limit);
    });

    it('harms no append beside it', async () => {
      const outcomes = await Promise.allSettled([
        append(sized(100)),
        append(sized(limit + 1)),
        append(sized(100)),
        append(Array.from({ length: 4 }, () => sized(limit - 1))),
        append(sized(100)),
      ]);
      expect(outcomes.map(({ status }) => status)).to.deep.equal([
        'fulfilled',
        'rejected',
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
    });

    it('gives every byte back', async () => {
      const stream = newStream();
      const data = Buffer.from(Array.from({ length: 200_000 }, (_nothing, n) => (n * 31) % 256));
      const event = binaryEvent({ id: randomUUID(), type: TYPE, data });
      await node.client.appendToStream(stream, event, options);
      for await (const read of node.client.readStream(stream))
        expect(Buffer.compare(Buffer.from(read.event!.data as Uint8Array), data)).to.equal(0);
    });
  });
}
