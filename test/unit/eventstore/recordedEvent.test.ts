import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { FrameDecoder } from '../../../embedded/eventstore/grpc/frames.js';
import { TOMBSTONE_REVISION } from '../../../embedded/eventstore/log/append.js';
import { ByteBuffer } from '../../../embedded/eventstore/wire/bytes.js';
import { writeRecordedEvent } from '../../../embedded/eventstore/wire/recordedEvent.js';

interface Plain {
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
  readonly isJson: boolean;
  readonly createdMs: number;
  readonly revision: number;
  readonly position: number;
}

const encode = (event: Plain): Buffer => {
  const parts = [event.stream, event.type, event.data, event.metadata].map((part) =>
    Buffer.from(part as string),
  );
  const ends = parts.map((_part, i) =>
    parts.slice(0, i + 1).reduce((sum, { length }) => sum + length, 0),
  );
  const source = Buffer.concat(parts);
  const out = new ByteBuffer(16);
  writeRecordedEvent(out, {
    id: Buffer.from(event.id.replaceAll('-', ''), 'hex'),
    idStart: 0,
    streamSource: source,
    streamStart: 0,
    streamEnd: ends[0]!,
    source,
    typeStart: ends[0]!,
    typeEnd: ends[1]!,
    dataStart: ends[1]!,
    dataEnd: ends[2]!,
    metadataStart: ends[2]!,
    metadataEnd: ends[3]!,
    isJson: event.isJson,
    createdMs: event.createdMs,
    revision: event.revision,
    position: event.position,
  });
  return out.take();
};

/** What the generated class of the official client reads from the frame. */
const decode = (framed: Buffer): Plain => {
  const messages: Buffer[] = [];
  new FrameDecoder().push(framed, (message) => messages.push(message));
  expect(messages).to.have.length(1);
  const event = streamsPb.ReadResp.deserializeBinary(messages[0]!).getEvent()!;
  const record = event.getEvent()!;
  expect(event.getCommitPosition()).to.equal(record.getCommitPosition());
  expect(record.getPreparePosition()).to.equal(record.getCommitPosition());
  const system = record.getMetadataMap();
  return {
    id: record.getId()!.getString(),
    stream: Buffer.from(record.getStreamIdentifier()!.getStreamName_asU8()).toString('utf8'),
    type: system.get('type')!,
    data: record.getData_asU8(),
    metadata: record.getCustomMetadata_asU8(),
    isJson: system.get('content-type') === 'application/json',
    createdMs: Number(BigInt(system.get('created')!) / 10_000n),
    revision: Number(record.getStreamRevision()),
    position: Number(record.getCommitPosition()),
  };
};

describe('encoding a recorded event', () => {
  it('is read by the official client as it was, whatever it holds', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 });
    const number = fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 53 - 2 }));
    const bytes = fc.uint8Array({ maxLength: 400 });
    const events = fc.record({
      id: fc.uuid(),
      stream: name,
      type: name,
      data: bytes,
      metadata: bytes,
      isJson: fc.boolean(),
      createdMs: fc.integer({ min: 0, max: 8e12 }),
      revision: number,
      position: number,
    });
    fc.assert(
      fc.property(events, (event) => {
        const read = decode(encode(event));
        expect({ ...read, data: [...read.data], metadata: [...read.metadata] }).to.deep.equal({
          ...event,
          data: [...event.data],
          metadata: [...event.metadata],
        });
      }),
      { numRuns: 300 },
    );
  });

  it('shows a tombstone at the largest revision there is', () => {
    const bytes = new Uint8Array();
    const framed = encode({
      id: '5243c2a8-83a9-4b5a-ad37-32a3fbaba248',
      stream: 's',
      type: '$streamDeleted',
      data: bytes,
      metadata: bytes,
      isJson: true,
      createdMs: 1,
      revision: TOMBSTONE_REVISION,
      position: 9,
    });
    const record = streamsPb.ReadResp.deserializeBinary(framed.subarray(5)).getEvent()!.getEvent()!;
    expect(record.getStreamRevision()).to.equal('9223372036854775807');
  });
});
