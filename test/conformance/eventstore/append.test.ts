/** Appending: what is answered, writers at once, chunks, and an answer in place of an error when that is asked for. */
import {
  ANY,
  EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { expect } from 'chai';
import {
  appendWays,
  counted,
  countedUpTo,
  eventsOf,
  newStream,
  numbersOf,
  useNode,
  withOption,
} from './node.js';

for (const [way, options] of Object.entries(appendWays)) {
  describe(`appending ${way}`, function () {
    this.timeout(120_000);
    const node = useNode();

    it('answers the revision and the place of the last event', async () => {
      const stream = newStream();
      const first = await node.client.appendToStream(stream, countedUpTo(3), {
        expectedRevision: NO_STREAM,
        ...options,
      });
      expect(first).to.include({ success: true, nextExpectedRevision: 2n });
      const second = await node.client.appendToStream(stream, counted(3), {
        expectedRevision: first.nextExpectedRevision,
        ...options,
      });
      expect(second).to.include({ success: true, nextExpectedRevision: 3n });
      expect(second.position!.commit > first.position!.commit).to.equal(true);
      const events = await eventsOf(node.client.readStream(stream));
      expect(events.map(({ revision }) => revision)).to.deep.equal([0n, 1n, 2n, 3n]);
      expect(events[2]!.position).to.deep.equal(first.position);
      expect(events[3]!.position).to.deep.equal(second.position);
    });

    it('expects nothing unless told to', async () => {
      const stream = newStream();
      for (let n = 0; n < 3; n++) {
        const { nextExpectedRevision } = await node.client.appendToStream(
          stream,
          counted(n),
          options,
        );
        expect(nextExpectedRevision).to.equal(BigInt(n));
      }
    });

    it('gives later appends later places, whatever the stream', async () => {
      let last = -1n;
      for (let n = 0; n < 20; n++) {
        const { position } = await node.client.appendToStream(newStream(), counted(n), options);
        expect(position!.commit > last).to.equal(true);
        last = position!.commit;
      }
    });

    it('lets one of many rivals win', async () => {
      const stream = newStream();
      for (const expectedRevision of [NO_STREAM, 0n] as const) {
        const outcomes = await Promise.allSettled(
          Array.from({ length: 12 }, (_nothing, n) =>
            node.client.appendToStream(stream, counted(n), { expectedRevision, ...options }),
          ),
        );
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
        for (const outcome of outcomes)
          if (outcome.status === 'rejected')
            expect(outcome.reason).to.be.instanceOf(WrongExpectedVersionError);
      }
    });

    it('gives writers of one stream, expecting nothing, every revision once', async () => {
      const stream = newStream();
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_nothing, n) =>
          node.client.appendToStream(stream, [counted(n), counted(n)], {
            expectedRevision: ANY,
            ...options,
          }),
        ),
      );
      const revisions = answers.map(({ nextExpectedRevision }) => Number(nextExpectedRevision));
      expect(revisions.sort((a, b) => a - b)).to.deep.equal(
        Array.from({ length: 40 }, (_nothing, n) => 2 * n + 1),
      );
      const numbers = await numbersOf(node.client.readStream(stream));
      for (let i = 0; i < 80; i += 2) expect(numbers[i]).to.equal(numbers[i + 1]);
    });

    it('loses no increment of writers that retry on a conflict', async () => {
      const stream = newStream();
      const increment = async (): Promise<void> => {
        for (;;) {
          const last = { direction: 'backwards', fromRevision: 'end', maxCount: 1 } as const;
          const read = await numbersOf(node.client.readStream(stream, last)).catch(() => []);
          const n = (read[0] ?? -1) + 1;
          const expectedRevision = n === 0 ? NO_STREAM : BigInt(n - 1);
          try {
            await node.client.appendToStream(stream, counted(n), { expectedRevision, ...options });
            return;
          } catch (error) {
            expect(error).to.be.instanceOf(WrongExpectedVersionError);
          }
        }
      };
      await Promise.all(
        Array.from({ length: 4 }, async () => {
          for (let i = 0; i < 5; i++) await increment();
        }),
      );
      expect(await numbersOf(node.client.readStream(stream))).to.deep.equal(
        Array.from({ length: 20 }, (_nothing, n) => n),
      );
    });

    it('refuses what cannot be stored without harm to the appends beside it', async () => {
      const stream = newStream();
      const [nameless, good] = await Promise.allSettled([
        node.client.appendToStream(stream, jsonEvent({ type: '', data: {} }), options),
        node.client.appendToStream(stream, counted(1), options),
      ]);
      expect([nameless.status, good.status]).to.deep.equal(['rejected', 'fulfilled']);
      expect((nameless as PromiseRejectedResult).reason).to.have.property('type', 'unknown');
      expect(await numbersOf(node.client.readStream(stream))).to.deep.equal([1]);
    });

    it('answers a wrong expectation instead of throwing it, if told to', async () => {
      const client = EventStoreDBClient.connectionString(
        withOption(node.connectionString, 'throwOnAppendFailure=false'),
      );
      const stream = newStream();
      await client.appendToStream(stream, countedUpTo(3), options);
      const refused = await client.appendToStream(stream, counted(9), {
        expectedRevision: NO_STREAM,
        ...options,
      });
      expect(refused).to.include({ success: false, position: undefined });
      // In the batch stream this version of the client takes the revision's presence for the revision.
      if ('credentials' in options) expect(refused.nextExpectedRevision).to.equal(2n);
      const missing = await client.appendToStream(newStream(), counted(9), {
        expectedRevision: 4n,
        ...options,
      });
      expect(missing).to.include({ success: false, nextExpectedRevision: -1n });
      expect(await numbersOf(client.readStream(stream))).to.have.length(3);
      await client.dispose();
    });
  });
}

describe('appending in chunks', function () {
  this.timeout(120_000);
  const node = useNode();

  it('puts appends together whose chunks interleave, each whole and in order', async () => {
    const streams = Array.from({ length: 8 }, () => newStream());
    // Chunks of a few hundred bytes: every append comes in many, among those of the others.
    const results = await Promise.all(
      streams.map((stream) =>
        node.client.appendToStream(stream, countedUpTo(40), {
          expectedRevision: NO_STREAM,
          batchAppendSize: 300,
        }),
      ),
    );
    for (const [i, stream] of streams.entries()) {
      expect(results[i]!.nextExpectedRevision).to.equal(39n);
      expect(await numbersOf(node.client.readStream(stream))).to.deep.equal(
        Array.from({ length: 40 }, (_nothing, n) => n),
      );
    }
  });

  it('stores an append whole, with nothing of another in between', async () => {
    const marker = await node.client.appendToStream(newStream(), counted(0));
    const streams = Array.from({ length: 6 }, () => newStream());
    await Promise.all(
      streams.map((stream) =>
        node.client.appendToStream(stream, countedUpTo(30), { batchAppendSize: 200 }),
      ),
    );
    const order: string[] = [];
    for await (const { event } of node.client.readAll({ fromPosition: marker.position! }))
      if (streams.includes(event!.streamId) && order.at(-1) !== event!.streamId)
        order.push(event!.streamId);
    expect(order).to.have.length(6);
  });

  it('judges each of many appends sent at once by those before it', async () => {
    const stream = newStream();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_nothing, n) =>
        node.client.appendToStream(stream, counted(n), {
          expectedRevision: n === 0 ? NO_STREAM : BigInt(n - 1),
        }),
      ),
    );
    expect(outcomes.every(({ status }) => status === 'fulfilled')).to.equal(true);
    expect(await numbersOf(node.client.readStream(stream))).to.have.length(20);
  });

  it('gives 64 writers at once places of their own', async () => {
    const positions: bigint[] = [];
    await Promise.all(
      Array.from({ length: 64 }, async () => {
        const stream = newStream();
        for (let n = 0; n < 20; n++) {
          const { position } = await node.client.appendToStream(stream, counted(n), {
            expectedRevision: n === 0 ? NO_STREAM : BigInt(n - 1),
          });
          positions.push(position!.commit);
        }
      }),
    );
    expect(new Set(positions).size).to.equal(64 * 20);
  });
});
