/** Appends are put into the bytes that the client itself would send, or that mean the same; their sizes are never reckoned too low. */
import protobuf from 'google-protobuf/google/protobuf/timestamp_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { eventDefinitions } from '../../../../domain/registry.js';
import {
  encodeAnyAppend,
  encodeAppend,
  encodeAppendsQuickly,
} from '../../../../platform/eventstore/appendRequests.js';

const { BatchAppendReq } = streams;
const { ProposedMessage, Options } = BatchAppendReq;
type Request = InstanceType<typeof BatchAppendReq>;

const someId = '8a7b1a3e-55d5-4d0a-9f43-3a0f0d9b8a11';

const idOf = (text: string) => {
  const id = new shared.UUID();
  id.setString(text);
  return id;
};

interface Event {
  readonly id: string;
  readonly known: readonly (readonly [string, string])[];
  readonly data: Uint8Array | string;
  readonly metadata: Uint8Array | string;
}

/** As the client makes it. */
const proposed = ({ id, known, data, metadata }: Event) => {
  const message = new ProposedMessage();
  message.setId(idOf(id));
  for (const [key, value] of known) message.getMetadataMap().set(key, value);
  message.setData(data);
  message.setCustomMetadata(metadata);
  return message;
};

type Expected = 'any' | 'no_stream' | 'stream_exists' | 'nothing' | bigint;

interface Append {
  readonly stream: string;
  readonly expected: Expected;
  readonly deadlineMs: number | undefined;
  readonly correlation: string;
  readonly events: readonly Event[];
  readonly isFinal: boolean;
  readonly isFollowUp: boolean;
}

const expectingIn = (options: InstanceType<typeof Options>, expected: Expected): void => {
  if (expected === 'any') options.setAny(new shared.Empty());
  else if (expected === 'no_stream') options.setNoStream(new shared.Empty());
  else if (expected === 'stream_exists') options.setStreamExists(new shared.Empty());
  else if (expected !== 'nothing') options.setStreamPosition(String(expected));
};

const requestOf = (append: Append): Request => {
  const options = new Options();
  const stream = new shared.StreamIdentifier();
  stream.setStreamName(Uint8Array.from(Buffer.from(append.stream)));
  options.setStreamIdentifier(stream);
  if (append.deadlineMs !== undefined) {
    options.setDeadline(protobuf.Timestamp.fromDate(new Date(append.deadlineMs)));
  }
  expectingIn(options, append.expected);
  const request = new BatchAppendReq();
  if (!append.isFollowUp) request.setOptions(options);
  request.setCorrelationId(idOf(append.correlation));
  request.setIsFinal(append.isFinal);
  for (const event of append.events) request.addProposedMessages(proposed(event));
  return request;
};

const known = (type: string): [string, string][] => [
  ['type', type],
  ['content-type', 'application/json'],
];
const content = fc.oneof(
  { weight: 6, arbitrary: fc.uint8Array({ maxLength: 400 }) },
  fc.json().map((json) => Buffer.from(json).toString('base64')),
);
const event = fc.record<Event>({
  id: fc.oneof({ weight: 9, arbitrary: fc.uuid() }, fc.string()),
  known: fc.oneof(
    { weight: 6, arbitrary: fc.string({ unit: 'grapheme' }).map(known) },
    fc.constantFrom(known('').slice(0, 1), [...known('A'), ['more', 'words'] as const], []),
  ),
  data: content,
  metadata: content,
});
const append = fc.record<Append>({
  stream: fc.string({ unit: 'grapheme', maxLength: 300 }),
  expected: fc.oneof(
    fc.constantFrom<Expected>('any', 'no_stream', 'stream_exists', 'nothing'),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fc.nat().map(BigInt),
  ),
  deadlineMs: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 1, max: 4_000_000_000_000 }) },
    fc.constantFrom(0, -1, 1_700_000_000_000, undefined),
  ),
  correlation: fc.oneof({ weight: 9, arbitrary: fc.uuid() }, fc.constant('')),
  events: fc.array(event, { maxLength: 5 }),
  isFinal: fc.boolean(),
  isFollowUp: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
});

const meaning = (bytes: Uint8Array): unknown =>
  BatchAppendReq.deserializeBinary(Uint8Array.from(bytes)).toObject();

const usual: Append = {
  stream: 'account-Müller',
  expected: 4n,
  deadlineMs: 1_714_817_472_345,
  correlation: someId,
  events: [{ id: someId, known: known('A'), data: Buffer.from('{}'), metadata: Buffer.from('{}') }],
  isFinal: true,
  isFollowUp: false,
};

describe('a request to append', () => {
  before(encodeAppendsQuickly);

  it('means what the generated classes would have said', () => {
    fc.assert(
      fc.property(append, (given) => {
        const request = requestOf(given);
        expect(meaning(encodeAppend(request))).to.deep.equal(
          meaning(encodeAnyAppend.call(request)),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('has the very bytes of the generated classes in the usual case', () => {
    for (const expected of ['any', 'no_stream', 'stream_exists', 0n, 4n, 70_000n] as const) {
      const request = requestOf({ ...usual, expected });
      const quick = encodeAppend(request);
      expect(quick).to.be.instanceOf(Buffer); // the generated classes make no Buffer
      const bytes = Buffer.from(encodeAnyAppend.call(request));
      expect(Buffer.from(quick).toString('hex')).to.equal(bytes.toString('hex'));
    }
  });

  it('is never reckoned too small, and by half a kilobyte an event too large at most', () => {
    const longest = [...eventDefinitions.keys()].reduce((one, other) =>
      other.length > one.length ? other : one,
    );
    for (const type of ['A', longest, 'x'.repeat(64)]) {
      for (const bytes of [0, 100, 200_000, 4_000_000]) {
        const data = new Uint8Array(bytes).fill(123);
        const metadata = new Uint8Array(bytes / 2).fill(125);
        const message = proposed({ id: someId, known: known(type), data, metadata });
        const request = new BatchAppendReq();
        request.addProposedMessages(message);
        const sent = encodeAnyAppend.call(request).length;
        const reckoned = message.serializeBinary().length;
        expect(reckoned).to.be.at.least(sent);
        expect(reckoned).to.be.at.most(sent + 512);
      }
    }
  });
});
