/**
 * Every state a stream can be in, against every revision an append may expect, in both methods of appending.
 */
import {
  ANY,
  type AppendExpectedRevision,
  NO_STREAM,
  STREAM_EXISTS,
  StreamDeletedError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { expect } from 'chai';
import { appendWays, counted, countedUpTo, newStream, rejectionOf, useNode } from './node.js';

/** What an append is answered: the revision it was stored at, or what is said of the stream. */
type Answer = { storedAt: bigint } | { streamIsAt: bigint | typeof NO_STREAM } | 'deleted';
type Client = ReturnType<typeof useNode>['client'];

interface State {
  readonly prepare: (client: Client, stream: string) => Promise<unknown>;
  readonly answers: readonly (readonly [AppendExpectedRevision, Answer])[];
}

const withThreeEvents = (client: Client, stream: string) =>
  client.appendToStream(stream, countedUpTo(3));
const deleted = async (client: Client, stream: string) => {
  await withThreeEvents(client, stream);
  await client.deleteStream(stream);
};

const states: Record<string, State> = {
  'a stream that was never written': {
    prepare: async () => {},
    answers: [
      [ANY, { storedAt: 0n }],
      [NO_STREAM, { storedAt: 0n }],
      [STREAM_EXISTS, { streamIsAt: NO_STREAM }],
      [0n, { streamIsAt: NO_STREAM }],
    ],
  },
  'a stream of three events': {
    prepare: withThreeEvents,
    answers: [
      [ANY, { storedAt: 3n }],
      [NO_STREAM, { streamIsAt: 2n }],
      [STREAM_EXISTS, { storedAt: 3n }],
      [0n, { streamIsAt: 2n }],
      [2n, { storedAt: 3n }],
      [7n, { streamIsAt: 2n }],
    ],
  },
  'a deleted stream': {
    prepare: deleted,
    answers: [
      [ANY, { storedAt: 3n }],
      [NO_STREAM, { storedAt: 3n }],
      [STREAM_EXISTS, 'deleted'],
      [0n, { streamIsAt: 2n }],
      [2n, { storedAt: 3n }],
      [7n, { streamIsAt: 2n }],
    ],
  },
  'a stream begun anew': {
    prepare: async (client, stream) => {
      await deleted(client, stream);
      await client.appendToStream(stream, counted(3));
    },
    answers: [
      [ANY, { storedAt: 4n }],
      [NO_STREAM, { streamIsAt: 3n }],
      [STREAM_EXISTS, { storedAt: 4n }],
      [2n, { streamIsAt: 3n }],
      [3n, { storedAt: 4n }],
    ],
  },
  'a tombstoned stream': {
    prepare: async (client, stream) => {
      await withThreeEvents(client, stream);
      await client.tombstoneStream(stream);
    },
    answers: [
      [ANY, 'deleted'],
      [NO_STREAM, 'deleted'],
      [STREAM_EXISTS, 'deleted'],
      [2n, 'deleted'],
      [7n, 'deleted'],
    ],
  },
  'a stream that has only metadata': {
    prepare: (client, stream) => client.setStreamMetadata(stream, { maxCount: 10 }),
    answers: [
      [ANY, { storedAt: 0n }],
      [NO_STREAM, { storedAt: 0n }],
      [STREAM_EXISTS, { storedAt: 0n }],
      [0n, { streamIsAt: NO_STREAM }],
    ],
  },
  'a stream all of whose events are truncated': {
    prepare: async (client, stream) => {
      await withThreeEvents(client, stream);
      await client.setStreamMetadata(stream, { truncateBefore: 3 });
    },
    answers: [
      [ANY, { storedAt: 3n }],
      [NO_STREAM, { streamIsAt: 2n }],
      [STREAM_EXISTS, { storedAt: 3n }],
      [2n, { storedAt: 3n }],
    ],
  },
};

const describeAnswer = (answer: Answer): string => {
  if (answer === 'deleted') return 'is refused since the stream is deleted';
  if ('storedAt' in answer) return `is stored as revision ${answer.storedAt}`;
  return `is refused, the stream being at ${answer.streamIsAt}`;
};

for (const [way, options] of Object.entries(appendWays)) {
  describe(`an expected revision, ${way}`, function () {
    this.timeout(120_000);
    const node = useNode();

    for (const [state, { prepare, answers }] of Object.entries(states)) {
      for (const [expectedRevision, answer] of answers) {
        it(`${expectedRevision} of ${state} ${describeAnswer(answer)}`, async () => {
          const stream = newStream();
          await prepare(node.client, stream);
          const appending = node.client.appendToStream(stream, counted(9), {
            expectedRevision,
            ...options,
          });
          if (answer !== 'deleted' && 'storedAt' in answer) {
            const result = await appending;
            expect(result).to.include({ success: true, nextExpectedRevision: answer.storedAt });
            return;
          }
          const error = await rejectionOf(appending);
          expect(error).to.have.property('streamName', stream);
          if (answer === 'deleted') {
            expect(error).to.be.instanceOf(StreamDeletedError);
            expect(error).to.have.property('type', 'stream-deleted');
            return;
          }
          expect(error).to.be.instanceOf(WrongExpectedVersionError);
          const { type, actualVersion, expectedVersion } = error as WrongExpectedVersionError;
          expect({ type, actualVersion }).to.deep.equal({
            type: 'wrong-expected-version',
            actualVersion: answer.streamIsAt,
          });
          // Some versions of the server say NO_STREAM by the largest revision in the unary method.
          if (expectedRevision === NO_STREAM)
            expect([NO_STREAM, 2n ** 64n - 1n]).to.include(expectedVersion);
          else expect(expectedVersion).to.equal(expectedRevision);
        });
      }
    }
  });
}
