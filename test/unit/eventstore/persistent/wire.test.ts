import persistentPb from '@eventstore/db-client/generated/persistent_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { FRAME_HEADER_BYTES } from '../../../../embedded/eventstore/grpc/frames.js';
import { ByteBuffer } from '../../../../embedded/eventstore/wire/bytes.js';
import { decodeConsumerMessage } from '../../../../embedded/eventstore/wire/groupReads.js';
import { linkFrame, recordIn } from '../../../../embedded/eventstore/wire/linkFrames.js';
import {
  deliverableEvent,
  deliveredFrame,
} from '../../../../embedded/eventstore/wire/persistentEvents.js';
import { MalformedMessage } from '../../../../embedded/eventstore/wire/reader.js';
import { writeRecordedEvent } from '../../../../embedded/eventstore/wire/recordedEvent.js';

const ID = '0d3f8a52-6b1e-4c57-9f0e-1a2b3c4d5e6f';
const LINK_ID = '7e6d5c4b-3a29-4817-8605-f4e3d2c1b0a9';
const bytesOf = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

interface Recorded {
  id: string;
  stream: string;
  type: string;
  data: string;
  revision: number;
}

/** The framed answer of a read that holds this event, at position 7. */
const framed = ({ id, stream, type, data, revision }: Recorded): Buffer => {
  const name = Buffer.from(stream);
  const source = Buffer.from(type + data);
  const out = new ByteBuffer(1024);
  writeRecordedEvent(out, {
    id: bytesOf(id),
    idStart: 0,
    streamSource: name,
    streamStart: 0,
    streamEnd: name.length,
    source,
    typeStart: 0,
    typeEnd: type.length,
    dataStart: type.length,
    dataEnd: source.length,
    metadataStart: 0,
    metadataEnd: 0,
    isJson: true,
    createdMs: 1,
    revision,
    position: 7,
  });
  return out.take();
};

const event = { id: ID, stream: 'target-1', type: 'Counted', data: '{"n":4}', revision: 4 };
const link = { id: LINK_ID, stream: 'links', type: '$>', data: '4@target-1', revision: 300 };

const decoded = (frame: Buffer) =>
  persistentPb.ReadResp.deserializeBinary(frame.subarray(FRAME_HEADER_BYTES)).getEvent()!;

describe('an event for a persistent subscription', () => {
  it('is cut out of the answer to a read and sent with its retry count', () => {
    const frame = framed(event);
    const { body, id, stream, revision } = deliverableEvent(frame, 0, frame.length);
    expect({ id, stream, revision }).to.deep.equal({
      id: bytesOf(ID).toString('latin1'),
      stream: 'target-1',
      revision: 4,
    });
    for (const retries of [0, 3, 300]) {
      const sent = decoded(deliveredFrame(body, retries));
      expect(sent.hasRetryCount()).to.equal(true);
      expect(sent.getRetryCount()).to.equal(retries);
      expect(sent.getEvent()!.getId()!.getString()).to.equal(ID);
      expect(Buffer.from(sent.getEvent()!.getData_asU8()).toString()).to.equal('{"n":4}');
      expect(sent.getCommitPosition()).to.equal('7');
    }
  });

  it('keeps revision 0, which is not on the wire', () => {
    const frame = framed({ ...event, revision: 0 });
    expect(deliverableEvent(frame, 0, frame.length)).to.include({
      stream: 'target-1',
      revision: 0,
    });
  });

  it('is answered by its link and parked as itself when it came by one', () => {
    const [eventFrame, frame] = [framed(event), framed(link)];
    const resolved = linkFrame(frame, 0, frame.length, recordIn(eventFrame, 0, eventFrame.length));
    const { body, id, stream, revision } = deliverableEvent(resolved, 0, resolved.length);
    expect({ id, stream, revision }).to.deep.equal({
      id: bytesOf(LINK_ID).toString('latin1'),
      stream: 'target-1',
      revision: 4,
    });
    const sent = decoded(deliveredFrame(body, 1));
    expect(sent.getLink()!.getStreamRevision()).to.equal('300');
    expect(sent.getEvent()!.getStreamRevision()).to.equal('4');
  });

  it('is parked as what its link named when it is gone', () => {
    const frame = framed(link);
    const unresolved = linkFrame(frame, 0, frame.length, undefined);
    expect(deliverableEvent(unresolved, 0, unresolved.length)).to.include({
      id: bytesOf(LINK_ID).toString('latin1'),
      stream: 'target-1',
      revision: 4,
    });
  });
});

describe('what a consumer sends', () => {
  const uuid = (text: string) => {
    const message = new sharedPb.UUID();
    message.setString(text);
    return message;
  };

  it('is read as the client writes it', () => {
    const ack = new persistentPb.ReadReq.Ack();
    ack.setIdsList([uuid(ID), uuid(LINK_ID)]);
    const acking = new persistentPb.ReadReq();
    acking.setAck(ack);
    const ids = [ID, LINK_ID].map((id) => bytesOf(id).toString('latin1'));
    expect(decodeConsumerMessage(Buffer.from(acking.serializeBinary()))).to.deep.equal({
      kind: 'ack',
      ids,
    });
    const nack = new persistentPb.ReadReq.Nack();
    nack.setIdsList([uuid(ID)]);
    nack.setAction(persistentPb.ReadReq.Nack.Action.SKIP);
    nack.setReason('überflüssig');
    const nacking = new persistentPb.ReadReq();
    nacking.setNack(nack);
    expect(decodeConsumerMessage(Buffer.from(nacking.serializeBinary()))).to.deep.equal({
      kind: 'nack',
      ids: ids.slice(0, 1),
      action: 'skip',
      reason: 'überflüssig',
    });
  });

  it('is refused as malformed when it is, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200, size: 'max' }), (bytes) => {
        try {
          decodeConsumerMessage(Buffer.from(bytes));
        } catch (error) {
          expect(error).to.be.instanceOf(MalformedMessage);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
