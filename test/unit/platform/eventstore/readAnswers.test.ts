/** The quick way to an answer of the log says what the client's own way says, of any answer; and of bytes that are none as well. */
import { convertGrpcEvent } from '@eventstore/db-client/dist/utils/convertGrpcEvent.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  decodeAnyAnswer,
  decodeReadAnswer,
  recordedIn,
} from '../../../../platform/eventstore/readAnswers.js';
import { unusual } from '../../../../platform/eventstore/wire.js';

const { ReadResp } = streams;
const { ReadEvent } = ReadResp;
const { RecordedEvent } = ReadEvent;
type Answer = InstanceType<typeof ReadResp>;

interface Recorded {
  readonly id: string;
  readonly stream: string;
  readonly revision: bigint;
  readonly prepare: bigint;
  readonly commit: bigint;
  readonly known: readonly (readonly [string, string])[];
  readonly metadata: Uint8Array;
  readonly data: Uint8Array;
}

const recordedEvent = (given: Recorded): InstanceType<typeof RecordedEvent> => {
  const event = new RecordedEvent();
  const id = new shared.UUID();
  id.setString(given.id);
  event.setId(id);
  const stream = new shared.StreamIdentifier();
  stream.setStreamName(Buffer.from(given.stream));
  event.setStreamIdentifier(stream);
  event.setStreamRevision(String(given.revision));
  event.setPreparePosition(String(given.prepare));
  event.setCommitPosition(String(given.commit));
  for (const [key, value] of given.known) event.getMetadataMap().set(key, value);
  event.setCustomMetadata(given.metadata);
  event.setData(given.data);
  return event;
};

const answerOf = (
  event: Recorded,
  { link, position }: { readonly link?: Recorded; readonly position?: bigint | 'none' },
): Buffer => {
  const read = new ReadEvent();
  read.setEvent(recordedEvent(event));
  if (link) read.setLink(recordedEvent(link));
  if (position === 'none') read.setNoPosition(new shared.Empty());
  else if (position !== undefined) read.setCommitPosition(String(position));
  const answer = new ReadResp();
  answer.setEvent(read);
  return Buffer.from(answer.serializeBinary());
};

/** What the client asks of an event. */
const told = (event: InstanceType<typeof RecordedEvent> | undefined) =>
  event && {
    id: event.hasId() && !event.getId()?.hasStructured() ? event.getId()?.getString() : undefined,
    stream: event.hasStreamIdentifier()
      ? Buffer.from(event.getStreamIdentifier()?.getStreamName() ?? []).toString('hex')
      : undefined,
    revision: String(event.getStreamRevision()),
    prepare: String(event.getPreparePosition()),
    commit: String(event.getCommitPosition()),
    type: event.getMetadataMap().get('type'),
    contentType: event.getMetadataMap().get('content-type'),
    created: event.getMetadataMap().get('created'),
    metadata: Buffer.from(event.getCustomMetadata_asU8()).toString('hex'),
    data: Buffer.from(event.getData()).toString('hex'),
  };

const toldBy = (answer: Answer) => {
  const read = answer.hasEvent() ? answer.getEvent() : undefined;
  return {
    confirmation: answer.hasConfirmation?.() ?? false,
    checkpoint: answer.hasCheckpoint?.() ?? false,
    notFound: answer.hasStreamNotFound?.() ?? false,
    caughtUp: answer.hasCaughtUp?.() ?? false,
    event: read?.hasEvent() ? told(read.getEvent()) : undefined,
    link: read?.hasLink() ? told(read.getLink()) : undefined,
    position: read?.hasCommitPosition() ? String(read.getCommitPosition()) : undefined,
  };
};

const outcome = (decode: (bytes: Uint8Array) => Answer, bytes: Uint8Array): unknown => {
  try {
    return toldBy(decode(new Uint8Array(bytes)));
  } catch {
    return 'refused';
  }
};

const number64 = fc.oneof(
  fc.nat().map(BigInt),
  fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }),
  fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 63n - 1n }),
);
const someBytes = fc.oneof(
  fc.json().map((json): Uint8Array => Buffer.from(json)),
  fc.uint8Array({ maxLength: 300 }),
);
const known = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.string(), fc.nat()).map(([type, ms]): [string, string][] => [
      ['type', type],
      ['content-type', 'application/json'],
      ['created', `${ms}0000`],
    ]),
  },
  fc.array(
    fc.tuple(
      fc.constantFrom('type', 'content-type', 'created', 'typ', 'created2', ''),
      fc.constantFrom('application/json', 'application/octet-stream', '17', '', 'Grüße'),
    ),
    { maxLength: 5 },
  ),
);
const recorded = fc.record<Recorded>({
  id: fc.oneof(fc.uuid(), fc.constant('')),
  stream: fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('account-1')),
  revision: number64,
  prepare: number64,
  commit: number64,
  known,
  metadata: someBytes,
  data: someBytes,
});

/** An answer, of the shape that the log gives in most cases, now and then of another. */
const answer = fc
  .tuple(
    recorded,
    fc.option(recorded, { freq: 5, nil: undefined }),
    fc.constantFrom('same', 'none', 'absent', 'other'),
    number64,
  )
  .map(([event, link, where, other]) => {
    const position = { same: event.commit, none: 'none' as const, absent: undefined, other }[where];
    return answerOf(event, {
      ...(link ? { link } : {}),
      ...(position === undefined ? {} : { position }),
    });
  });

const usual: Recorded = {
  id: '0f8fad5b-d9cb-469f-a165-70867728950e',
  stream: 'account-Müller',
  revision: 3n,
  prepare: 70_000n,
  commit: 70_000n,
  known: [
    ['type', 'PurchaseRecorded'],
    ['content-type', 'application/json'],
    ['created', '17148174723450000'],
  ],
  metadata: Buffer.from('{"by":"till"}'),
  data: Buffer.from('{"total":1290}'),
};

describe('answers of the log', () => {
  it('are decoded quickly where they are of the usual shape', () => {
    const quick = decodeReadAnswer(new Uint8Array(answerOf(usual, { position: 70_000n })));
    expect(quick).not.to.be.instanceOf(ReadResp);
    expect(toldBy(quick).event?.type).to.equal('PurchaseRecorded');
    expect(toldBy(quick).position).to.equal('70000');
  });

  it('say what the generated classes say of them', () => {
    fc.assert(
      fc.property(answer, (bytes) => {
        expect(outcome(decodeReadAnswer, bytes)).to.deep.equal(outcome(decodeAnyAnswer, bytes));
      }),
      { numRuns: 500 },
    );
  });

  it('have the events that the client makes of them, or are left to it', () => {
    const clients = (bytes: Uint8Array): unknown => {
      const event = decodeAnyAnswer(bytes).getEvent();
      return event && convertGrpcEvent(event).event;
    };
    let taken = 0;
    const json = fc.json().map((text) => Buffer.from(text));
    const created = fc.oneof(fc.constant('17148174723450001'), fc.nat().map(String), fc.string());
    const event = fc
      .record({ data: fc.oneof(json, someBytes), metadata: fc.oneof(json, someBytes), created })
      .map(({ data, metadata, created: at }) => {
        const known = usual.known.map(
          ([key, value]) => [key, key === 'created' ? at : value] as const,
        );
        return answerOf({ ...usual, data, metadata, known }, { position: usual.commit });
      });
    fc.assert(
      fc.property(event, (bytes) => {
        let told: unknown;
        try {
          told = recordedIn(bytes);
        } catch (error) {
          expect(error).to.equal(unusual);
          return;
        }
        taken += 1;
        expect(told).to.deep.equal(clients(bytes));
      }),
      { numRuns: 500 },
    );
    expect(taken).to.be.above(20);
    const caughtUp = new ReadResp();
    caughtUp.setCaughtUp(new ReadResp.CaughtUp());
    expect(recordedIn(caughtUp.serializeBinary())).to.equal(null);
    expect(() => recordedIn(answerOf(usual, { link: usual }))).to.throw(unusual.message);
  });

  it('are left to the generated classes where they are of another kind', () => {
    const caughtUp = new ReadResp();
    caughtUp.setCaughtUp(new ReadResp.CaughtUp());
    const checkpoint = new ReadResp();
    const place = new ReadResp.Checkpoint();
    place.setCommitPosition('7');
    checkpoint.setCheckpoint(place);
    for (const each of [caughtUp, checkpoint, new ReadResp()]) {
      expect(decodeReadAnswer(each.serializeBinary()).toObject()).to.deep.equal(each.toObject());
    }
    const linked = decodeReadAnswer(answerOf(usual, { link: usual }));
    expect(linked).to.be.instanceOf(ReadResp);
  });

  it('that are cut off or damaged are taken or refused as before', () => {
    const damage = fc.tuple(answer, fc.nat(), fc.nat(255), fc.boolean());
    fc.assert(
      fc.property(damage, ([bytes, place, byte, cut]) => {
        const broken = Uint8Array.from(bytes);
        broken[place % broken.length] = byte;
        const given = cut ? broken.subarray(0, place % broken.length) : broken;
        const quick = outcome(decodeReadAnswer, given);
        // Each decoder has a way of its own to say of text that it is no UTF-8.
        fc.pre(!JSON.stringify(quick).includes('\uFFFD'));
        expect(quick).to.deep.equal(outcome(decodeAnyAnswer, given));
      }),
      { numRuns: 1_000 },
    );
  });

  it('keep nothing of the message that was read before', () => {
    const bare = { ...usual, metadata: new Uint8Array(0), data: new Uint8Array(0), revision: 0n };
    decodeReadAnswer(answerOf(usual, { position: 70_000n }));
    const next = toldBy(decodeReadAnswer(answerOf(bare, { position: 'none' })));
    expect(next.position).to.equal(undefined);
    expect(next.event).to.deep.include({ metadata: '', data: '', revision: '0' });
  });
});
