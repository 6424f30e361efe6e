/**
 * An append repeated with the same event ids, because its answer was lost: EventStoreDB answers it like the first
 * when the ids stand where it would have put them, or anywhere in the stream when no exact revision is expected.
 */
import {
  ANY,
  type AppendExpectedRevision,
  NO_STREAM,
  STREAM_EXISTS,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { expect } from 'chai';
import {
  appendWays,
  counted,
  countedUpTo,
  newStream,
  numbersOf,
  rejectionOf,
  useNode,
} from './node.js';

for (const [way, options] of Object.entries(appendWays)) {
  describe(`a repeated append ${way}`, function () {
    this.timeout(120_000);
    const node = useNode();

    const append = (
      stream: string,
      events: ReturnType<typeof countedUpTo>,
      expectedRevision: AppendExpectedRevision,
    ) => node.client.appendToStream(stream, events, { expectedRevision, ...options });
    const numbers = (stream: string) => numbersOf(node.client.readStream(stream));

    for (const expectedRevision of [ANY, NO_STREAM] as const) {
      it(`is answered like the first, ${expectedRevision} expected`, async () => {
        const stream = newStream();
        const events = countedUpTo(3);
        const first = await append(stream, events, expectedRevision);
        expect(await append(stream, events, expectedRevision)).to.deep.equal(first);
        await append(stream, [counted(3)], ANY);
        expect(await append(stream, events, expectedRevision)).to.deep.equal(first);
        expect(await numbers(stream)).to.deep.equal([0, 1, 2, 3]);
      });
    }

    for (const expectedRevision of [STREAM_EXISTS, 1n] as const) {
      it(`to a stream of two is answered like the first, ${expectedRevision} expected`, async () => {
        const stream = newStream();
        await append(stream, countedUpTo(2), NO_STREAM);
        const events = [counted(2), counted(3)];
        const first = await append(stream, events, expectedRevision);
        expect(first.nextExpectedRevision).to.equal(3n);
        await append(stream, [counted(4)], 3n);
        expect(await append(stream, events, expectedRevision)).to.deep.equal(first);
        expect(await numbers(stream)).to.deep.equal([0, 1, 2, 3, 4]);
      });
    }

    it('may be a beginning of the first', async () => {
      const stream = newStream();
      const events = countedUpTo(4);
      await append(stream, events, NO_STREAM);
      const again = await append(stream, events.slice(0, 2), NO_STREAM);
      expect(again.nextExpectedRevision).to.equal(1n);
      expect(await numbers(stream)).to.deep.equal([0, 1, 2, 3]);
    });

    for (const expectedRevision of [ANY, STREAM_EXISTS] as const) {
      it(`may be a part out of the middle, ${expectedRevision} expected`, async () => {
        const stream = newStream();
        const events = countedUpTo(4);
        await append(stream, events, NO_STREAM);
        const again = await append(stream, events.slice(1, 3), expectedRevision);
        expect(again.nextExpectedRevision).to.equal(2n);
        expect(await numbers(stream)).to.have.length(4);
      });

      it(`may put together what several stored, ${expectedRevision} expected`, async () => {
        const stream = newStream();
        const events = countedUpTo(3);
        for (const event of events) await append(stream, [event], ANY);
        const again = await append(stream, events, expectedRevision);
        expect(again.nextExpectedRevision).to.equal(2n);
        expect(await numbers(stream)).to.have.length(3);
      });

      it(`may leave out some of the first, ${expectedRevision} expected`, async () => {
        const stream = newStream();
        const [one, two, three] = countedUpTo(3);
        await append(stream, [one!, two!, three!], NO_STREAM);
        const again = await append(stream, [one!, three!], expectedRevision);
        expect(again.nextExpectedRevision).to.equal(2n);
        expect(await numbers(stream)).to.have.length(3);
      });
    }

    for (const expectedRevision of [ANY, NO_STREAM] as const) {
      it(`is refused when it goes on with other events, ${expectedRevision} expected`, async () => {
        const stream = newStream();
        const events = countedUpTo(2);
        await append(stream, events, NO_STREAM);
        const error = await rejectionOf(append(stream, [...events, counted(2)], expectedRevision));
        expect(error).to.be.instanceOf(WrongExpectedVersionError);
        expect(error).to.include({ streamName: stream, actualVersion: 1n });
        expect(await numbers(stream)).to.have.length(2);
      });
    }

    it('is refused when its ids stand at other revisions than expected', async () => {
      const stream = newStream();
      const events = countedUpTo(4);
      await append(stream, events, NO_STREAM);
      const again = await append(stream, [events[1]!], 0n);
      expect(again.nextExpectedRevision).to.equal(1n);
      for (const expectedRevision of [1n, 2n, 9n]) {
        const error = await rejectionOf(append(stream, [events[1]!], expectedRevision));
        expect(error).to.be.instanceOf(WrongExpectedVersionError);
        expect(error).to.include({ expectedVersion: expectedRevision, actualVersion: 3n });
      }
    });

    it('is refused when its events come in another order at an exact revision', async () => {
      const stream = newStream();
      const events = countedUpTo(2);
      await append(stream, events, NO_STREAM);
      const error = await rejectionOf(append(stream, [...events].reverse(), NO_STREAM));
      expect(error).to.be.instanceOf(WrongExpectedVersionError);
    });

    it('keeps the first data when the repetition brings others under the same id', async () => {
      const stream = newStream();
      const event = counted(1);
      await append(stream, [event], NO_STREAM);
      await append(stream, [{ ...event, data: { n: 2 } }], NO_STREAM);
      expect(await numbers(stream)).to.deep.equal([1]);
    });

    it('goes by the stream: the same ids are new in another one', async () => {
      const [one, other] = [newStream(), newStream()];
      const events = countedUpTo(2);
      await append(one, events, ANY);
      const { nextExpectedRevision } = await append(other, events, ANY);
      expect(nextExpectedRevision).to.equal(1n);
      expect(await numbers(other)).to.deep.equal([0, 1]);
    });

    it('is recognised after the stream was deleted, and does not bring it back', async () => {
      const stream = newStream();
      const events = countedUpTo(2);
      await append(stream, events, NO_STREAM);
      await node.client.deleteStream(stream);
      expect((await append(stream, events, NO_STREAM)).nextExpectedRevision).to.equal(1n);
      expect(await rejectionOf(numbers(stream))).to.have.property('type', 'stream-not-found');
    });

    it('is stored once when both are sent at the same time', async () => {
      const stream = newStream();
      const events = countedUpTo(5);
      const answers = await Promise.all([1, 2, 3].map(() => append(stream, events, ANY)));
      expect(
        new Set(answers.map(({ nextExpectedRevision }) => nextExpectedRevision)),
      ).to.have.all.keys(4n);
      expect(await numbers(stream)).to.deep.equal([0, 1, 2, 3, 4]);
    });

    it('does not take two events of one append under one id for a repetition', async () => {
      const stream = newStream();
      const event = counted(1);
      const { nextExpectedRevision } = await append(stream, [event, event], NO_STREAM);
      expect(nextExpectedRevision).to.equal(1n);
      expect(await numbers(stream)).to.deep.equal([1, 1]);
    });
  });
}
