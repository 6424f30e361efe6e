/**
 * Decodes the requests of Streams/BatchAppend and Streams/Append.
 *
 * An append may arrive in chunks: options come with the first, which may hold no events, and chunks of different
 * appends may interleave; so a decoder returns the parts that are there and leaves putting them together to the
 * service. Field numbers are those of streams.proto.
 */
import type { ExpectedRevision, ProposedEvent } from '../log/append.js';
import { decodeName } from './names.js';
import { MalformedMessage, WireReader } from './reader.js';
import { readUuid } from './uuid.js';

export interface AppendOptions {
  readonly stream: string;
  readonly streamBytes: Buffer;
  readonly expected: ExpectedRevision;
  /** Epoch milliseconds; undefined when the client set none. */
  readonly deadline: number | undefined;
}

export interface BatchAppendChunk {
  /** The body of the correlation id's UUID message, echoed as it came. */
  correlation: Buffer;
  options: AppendOptions | undefined;
  /** Set when options or events cannot be accepted: the reason, for that append alone. */
  fault: string | undefined;
  /** Stream named by faulty options, as far as it could be read. */
  events: ProposedEvent[];
  isFinal: boolean;
}

const NO_BYTES: Buffer = Buffer.alloc(0);
const JSON_CONTENT_TYPE = 'application/json';

export const decodeBatchAppend = (message: Buffer): BatchAppendChunk => {
  const reader = new WireReader(message);
  const chunk: BatchAppendChunk = {
    correlation: NO_BYTES,
    options: undefined,
    fault: undefined,
    events: [],
    isFinal: false,
  };
  while (reader.more()) {
    const tag = reader.varint();
    if (tag === 0x0a) chunk.correlation = reader.bytes();
    else if (tag === 0x12) readGuarded(reader, chunk, readBatchOptions);
    else if (tag === 0x1a) readGuarded(reader, chunk, readBatchEvent);
    else if (tag === 0x20) chunk.isFinal = reader.varint() !== 0;
    else reader.skip(tag);
  }
  return chunk;
};

/** A part that cannot be accepted spoils its own append and not the stream of appends it came in. */
const readGuarded = (
  reader: WireReader,
  chunk: BatchAppendChunk,
  read: (reader: WireReader, end: number, chunk: BatchAppendChunk) => void,
): void => {
  const end = reader.fieldEnd();
  try {
    read(reader, end, chunk);
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error;
    chunk.fault ??= error.message;
  }
  reader.position = end;
};

const readBatchOptions = (reader: WireReader, end: number, chunk: BatchAppendChunk): void => {
  chunk.options = readAppendOptions(reader, end, BATCH_OPTION_TAGS);
};

const readBatchEvent = (reader: WireReader, end: number, chunk: BatchAppendChunk): void => {
  chunk.events.push(readProposedEvent(reader, end));
};

/** One message of a unary append: its options or one event. Throws `MalformedMessage`. */
export const decodeAppend = (message: Buffer): AppendOptions | ProposedEvent => {
  const reader = new WireReader(message);
  while (reader.more()) {
    const tag = reader.varint();
    if (tag === 0x0a) return readAppendOptions(reader, reader.fieldEnd(), UNARY_OPTION_TAGS);
    if (tag === 0x12) return readProposedEvent(reader, reader.fieldEnd());
    reader.skip(tag);
  }
  throw new MalformedMessage('an append request holds neither options nor an event');
};

interface OptionTags {
  readonly revision: number;
  readonly noStream: number;
  readonly any: number;
  readonly streamExists: number;
  readonly deadline: number;
}
const BATCH_OPTION_TAGS: OptionTags = {
  revision: 0x10,
  noStream: 0x1a,
  any: 0x22,
  streamExists: 0x2a,
  deadline: 0x32,
};
const UNARY_OPTION_TAGS: OptionTags = {
  revision: 0x10,
  noStream: 0x1a,
  any: 0x22,
  streamExists: 0x2a,
  deadline: -1,
};

const readAppendOptions = (reader: WireReader, end: number, tags: OptionTags): AppendOptions => {
  let streamBytes = NO_BYTES;
  let expected: ExpectedRevision = 'any';
  let deadline: number | undefined;
  while (reader.position < end) {
    const tag = reader.varint();
    if (tag === 0x0a) streamBytes = readStreamIdentifier(reader);
    else if (tag === tags.revision) expected = reader.varint();
    else if (tag === tags.deadline) deadline = readTimestamp(reader);
    else {
      if (tag === tags.noStream) expected = 'no_stream';
      else if (tag === tags.any) expected = 'any';
      else if (tag === tags.streamExists) expected = 'stream_exists';
      reader.skip(tag);
    }
  }
  const stream = decodeName(streamBytes, 0, streamBytes.length, 'the stream name');
  return { stream, streamBytes, expected, deadline };
};

/** The UTF-8 bytes of the name in an event_store.client.StreamIdentifier that begins with its length. */
const readStreamIdentifier = (reader: WireReader): Buffer => {
  const end = reader.fieldEnd();
  let name = NO_BYTES;
  while (reader.position < end) {
    const tag = reader.varint();
    if (tag === 0x1a) name = reader.bytes();
    else reader.skip(tag);
  }
  return name;
};

const readTimestamp = (reader: WireReader): number => {
  const end = reader.fieldEnd();
  let milliseconds = 0;
  while (reader.position < end) {
    const tag = reader.varint();
    if (tag === 0x08) milliseconds += reader.varint() * 1000;
    else if (tag === 0x10) milliseconds += reader.varint() / 1e6;
    else reader.skip(tag);
  }
  return milliseconds;
};

const readProposedEvent = (reader: WireReader, end: number): ProposedEvent => {
  const event = {
    id: NO_BYTES,
    type: '',
    isJson: false,
    source: reader.source,
    typeStart: 0,
    typeEnd: 0,
    dataStart: 0,
    dataEnd: 0,
    metadataStart: 0,
    metadataEnd: 0,
  };
  while (reader.position < end) {
    const tag = reader.varint();
    if (tag === 0x0a) event.id = readUuid(reader);
    else if (tag === 0x12) readMetadataEntry(reader, event);
    else if (tag === 0x1a) {
      event.metadataEnd = reader.fieldEnd();
      event.metadataStart = reader.position;
      reader.position = event.metadataEnd;
    } else if (tag === 0x22) {
      event.dataEnd = reader.fieldEnd();
      event.dataStart = reader.position;
      reader.position = event.dataEnd;
    } else reader.skip(tag);
  }
  if (event.id.length === 0) throw new MalformedMessage('an event has no id');
  event.type = decodeName(event.source, event.typeStart, event.typeEnd, 'the type of an event');
  return event;
};

/** An entry of the system metadata: of `type` and `content-type` note the value, pass over any other. */
const readMetadataEntry = (
  reader: WireReader,
  event: { source: Buffer; isJson: boolean; typeStart: number; typeEnd: number },
): void => {
  const end = reader.fieldEnd();
  let keyStart = 0;
  let keyEnd = 0;
  let valueStart = 0;
  let valueEnd = 0;
  while (reader.position < end) {
    const tag = reader.varint();
    if (tag === 0x0a) {
      keyEnd = reader.fieldEnd();
      keyStart = reader.position;
      reader.position = keyEnd;
    } else if (tag === 0x12) {
      valueEnd = reader.fieldEnd();
      valueStart = reader.position;
      reader.position = valueEnd;
    } else reader.skip(tag);
  }
  const keyLength = keyEnd - keyStart;
  if (keyLength === 4 && event.source.toString('latin1', keyStart, keyEnd) === 'type') {
    event.typeStart = valueStart;
    event.typeEnd = valueEnd;
  } else if (
    keyLength === 12 &&
    event.source.toString('latin1', keyStart, keyEnd) === 'content-type'
  ) {
    event.isJson =
      valueEnd - valueStart === JSON_CONTENT_TYPE.length &&
      event.source.toString('latin1', valueStart, valueEnd) === JSON_CONTENT_TYPE;
  }
};
