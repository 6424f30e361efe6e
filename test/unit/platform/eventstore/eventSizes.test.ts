import streams from '@eventstore/db-client/generated/streams_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { expect } from 'chai';
import { eventDefinitions } from '../../../../domain/registry.js';
import { reckonEventSizes } from '../../../../platform/eventstore/eventSizes.js';

/** As the client makes it. */
const proposed = (type: string, dataBytes: number, metadataBytes: number) => {
  const message = new streams.BatchAppendReq.ProposedMessage();
  const id = new shared.UUID();
  id.setString('8a7b1a3e-55d5-4d0a-9f43-3a0f0d9b8a11');
  message.setId(id);
  message.getMetadataMap().set('type', type);
  message.getMetadataMap().set('content-type', 'application/octet-stream');
  message.setData(new Uint8Array(dataBytes).fill(123));
  message.setCustomMetadata(new Uint8Array(metadataBytes).fill(125));
  return message;
};

const bytesSent = (message: ReturnType<typeof proposed>): number => {
  const request = new streams.BatchAppendReq();
  request.addProposedMessages(message);
  return request.serializeBinary().length;
};

describe('the size of an event that is appended', () => {
  before(reckonEventSizes);

  it('is never reckoned too low, and by half a kilobyte too high at most', () => {
    const longest = [...eventDefinitions.keys()].reduce((one, other) =>
      other.length > one.length ? other : one,
    );
    for (const type of ['A', longest, 'x'.repeat(64)]) {
      for (const bytes of [0, 100, 200_000, 4_000_000]) {
        const message = proposed(type, bytes, bytes / 2);
        const reckoned = message.serializeBinary().length;
        expect(reckoned).to.be.at.least(bytesSent(message));
        expect(reckoned).to.be.at.most(bytesSent(message) + 512);
      }
    }
  });
});
