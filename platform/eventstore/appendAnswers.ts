/**
 * How the official client (6.2.1, pinned) learns that an append is stored, taken apart by hand: the usual answer has an id and two numbers.
 * Refusals, and whatever else the log may say, are left to the client's generated classes.
 */
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { MessageReader, unusual } from './wire.js';

const { BatchAppendResp } = streams;
type Answer = InstanceType<typeof BatchAppendResp>;

/** Fields as protobuf begins them: their number and the kind of their value, in a byte. */
const inAnswer = { correlation: 0x0a, success: 0x1a } as const;
const inSuccess = { revision: 0x08, position: 0x1a } as const;
const inPosition = { commit: 0x08, prepare: 0x10 } as const;
const inId = { text: 0x12 } as const;

/** Decoding is synchronous, so one is enough. */
const reader = new MessageReader();

/** In the place of the generated objects that an answer leads to; of their methods it has those that the client calls. */
class Stored {
  private readonly correlation: string;
  private readonly revision: number;
  private readonly commit: number;
  private readonly prepare: number;

  /** Of the message at hand, as the embedded log writes it: EventStoreDB itself says more, and is read the old way. @throws unusual */
  constructor() {
    const end = reader.length;
    if (reader.tag() !== inAnswer.correlation) throw unusual;
    this.correlation = reader.textUpTo(reader.only(inId.text, end));
    if (reader.tag() !== inAnswer.success || reader.endOf(end) !== end) throw unusual;
    if (reader.tag() !== inSuccess.revision) throw unusual;
    this.revision = reader.varint(end);
    if (reader.tag() !== inSuccess.position || reader.endOf(end) !== end) throw unusual;
    if (reader.tag() !== inPosition.commit) throw unusual;
    this.commit = reader.varint(end);
    if (reader.tag() !== inPosition.prepare) throw unusual;
    this.prepare = reader.varint(end);
    if (reader.at !== end) throw unusual;
  }

  hasError(): boolean {
    return false;
  }
  hasSuccess(): boolean {
    return true;
  }
  getSuccess(): this {
    return this;
  }
  getCurrentRevision(): number {
    return this.revision;
  }
  hasPosition(): boolean {
    return true;
  }
  getPosition(): this {
    return this;
  }
  getCommitPosition(): number {
    return this.commit;
  }
  getPreparePosition(): number {
    return this.prepare;
  }

  getCorrelationId(): this {
    return this;
  }
  hasStructured(): boolean {
    return false;
  }
  getString(): string {
    return this.correlation;
  }
}

/** What the generated classes make of it. */
export const decodeAnyAppendAnswer = BatchAppendResp.deserializeBinary.bind(BatchAppendResp);

/** What the client can ask of an answer. @throws what the generated classes throw of bytes that are none */
export const decodeAppendAnswer = (message: Uint8Array): Answer => {
  reader.begin(message);
  try {
    return new Stored() as unknown as Answer;
  } catch (error) {
    if (error !== unusual) throw error;
    return decodeAnyAppendAnswer(message);
  } finally {
    reader.end();
  }
};

/** For all clients of the process or thread. Twice is safe. */
export const decodeAppendAnswersQuickly = (): void => {
  BatchAppendResp.deserializeBinary = decodeAppendAnswer;
};
