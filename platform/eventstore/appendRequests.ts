/**
 * How the official client (6.2.1, pinned) puts an append into bytes, done by hand for appends of the usual shape; its generated classes do
 * the rest. It encodes every event twice, for one, to learn its size, since it cuts appends above 3 MB into several messages: here the size is
 * reckoned, never too low.
 */
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { varintLength, writeVarint } from './wire.js';

const { BatchAppendReq } = streams;
const { ProposedMessage } = BatchAppendReq;
type Request = InstanceType<typeof BatchAppendReq>;
type Options = InstanceType<typeof BatchAppendReq.Options>;
type Proposed = InstanceType<typeof ProposedMessage>;

/** An id of 36 bytes, the content type, a type of at most 64 letters, and what frames them. */
const namesBytesMax = 512;

/** Its length is all that the client asks for. What is sent is encoded below. */
const sizeOf = function (this: Proposed): Uint8Array {
  const length = this.getData().length + this.getCustomMetadata().length + namesBytesMax;
  return { length } as Uint8Array;
};

/** Fields as protobuf begins them: their number and the kind of their value, in a byte. */
const inRequest = { correlation: 0x0a, options: 0x12, event: 0x1a, isFinal: 0x20 } as const;
const inOptions = {
  stream: 0x0a,
  revision: 0x10,
  none: 0x1a,
  any: 0x22,
  exists: 0x2a,
  deadline: 0x32,
} as const;
const inStream = { name: 0x1a } as const;
const inTime = { seconds: 0x08, nanos: 0x10 } as const;
const inEvent = { id: 0x0a, entry: 0x12, metadata: 0x1a, data: 0x22 } as const;
const inId = { text: 0x12 } as const;
const inEntry = { key: 0x0a, value: 0x12 } as const;

const idLength = 36;
/** A UUID as a field: two tags, two lengths, the text. */
const idFieldLength = 4 + idLength;
const fieldLength = (length: number): number => 1 + varintLength(length) + length;

const withField = (target: Buffer, at: number, tag: number, value: Uint8Array): number => {
  target[at] = tag;
  const begins = writeVarint(target, at + 1, value.length);
  target.set(value, begins);
  return begins + value.length;
};

const withId = (target: Buffer, at: number, tag: number, id: string): number => {
  target[at] = tag;
  target[at + 1] = 2 + idLength;
  target[at + 2] = inId.text;
  target[at + 3] = idLength;
  target.write(id, at + 4, 'latin1');
  return at + idFieldLength;
};

const entryOf = (key: string, value: string): Buffer => {
  const [keyBytes, valueBytes] = [Buffer.from(key), Buffer.from(value)];
  const length = fieldLength(keyBytes.length) + fieldLength(valueBytes.length);
  const entry = Buffer.alloc(fieldLength(length));
  entry[0] = inEvent.entry;
  const at = writeVarint(entry, 1, length);
  withField(entry, withField(entry, at, inEntry.key, keyBytes), inEntry.value, valueBytes);
  return entry;
};

const typesKept = 500;
const kept = new Map<string, Buffer>();
/** What the log is told of an event's type: there are few types, so the bytes are kept. */
const entriesOf = (type: string, contentType: string): Buffer => {
  const key = `${contentType} ${type}`;
  let entries = kept.get(key);
  if (!entries) {
    entries = Buffer.concat([entryOf('content-type', contentType), entryOf('type', type)]);
    if (kept.size < typesKept) kept.set(key, entries);
  }
  return entries;
};

interface Event {
  readonly id: string;
  readonly entries: Buffer;
  readonly metadata: Uint8Array;
  readonly data: Uint8Array;
  readonly length: number;
}

/** @returns null where it is not of the usual shape */
const eventOf = (message: Proposed): Event | null => {
  const id = message.getId()?.getString();
  const known = message.getMetadataMap();
  const type = known.get('type');
  const contentType = known.get('content-type');
  const metadata: unknown = message.getCustomMetadata();
  const data: unknown = message.getData();
  if (id?.length !== idLength || type === undefined || contentType === undefined) return null;
  if (known.getLength() !== 2) return null;
  // The client hands JSON that it wrote itself over as text in base64.
  if (!(metadata instanceof Uint8Array) || !(data instanceof Uint8Array)) return null;
  const entries = entriesOf(type, contentType);
  const length =
    idFieldLength +
    entries.length +
    (metadata.length > 0 ? fieldLength(metadata.length) : 0) +
    (data.length > 0 ? fieldLength(data.length) : 0);
  return { id, entries, metadata, data, length };
};

const withEvent = (target: Buffer, begins: number, event: Event): number => {
  target[begins] = inRequest.event;
  let at = writeVarint(target, begins + 1, event.length);
  at = withId(target, at, inEvent.id, event.id);
  target.set(event.entries, at);
  at += event.entries.length;
  if (event.metadata.length > 0) at = withField(target, at, inEvent.metadata, event.metadata);
  return event.data.length > 0 ? withField(target, at, inEvent.data, event.data) : at;
};

/** Which revision is expected, as a field; null where a number is too large for ours. */
const expectationOf = (options: Options): { tag: number; value: number } | null => {
  if (options.hasStreamPosition()) {
    const value = Number(options.getStreamPosition());
    return Number.isSafeInteger(value) ? { tag: inOptions.revision, value } : null;
  }
  if (options.hasNoStream()) return { tag: inOptions.none, value: 0 };
  if (options.hasAny()) return { tag: inOptions.any, value: 0 };
  return options.hasStreamExists() ? { tag: inOptions.exists, value: 0 } : null;
};

/** Room for all but the stream's name: the expectation, the deadline, tags and lengths. */
const optionsRoom = 64;

/** @returns null where they are not of the usual shape */
const optionsBytes = (options: Options): Uint8Array | null => {
  const name: unknown = options.getStreamIdentifier()?.getStreamName();
  const expectation = expectationOf(options);
  const deadline = options.getDeadline();
  const seconds = deadline?.getSeconds() ?? -1;
  const nanos = deadline?.getNanos() ?? -1;
  if (!(name instanceof Uint8Array) || name.length === 0 || !expectation) return null;
  if (!Number.isSafeInteger(seconds) || seconds <= 0 || nanos < 0) return null;
  const target = Buffer.allocUnsafe(optionsRoom + name.length);
  target[0] = inOptions.stream;
  let at = writeVarint(target, 1, fieldLength(name.length));
  at = withField(target, at, inStream.name, name);
  target[at] = expectation.tag; // with a number, or with a message of no fields, whose length is 0
  at = writeVarint(target, at + 1, expectation.value);
  target[at] = inOptions.deadline;
  target[at + 1] = 1 + varintLength(seconds) + (nanos > 0 ? 1 + varintLength(nanos) : 0);
  target[at + 2] = inTime.seconds;
  at = writeVarint(target, at + 3, seconds);
  if (nanos > 0) {
    target[at] = inTime.nanos;
    at = writeVarint(target, at + 1, nanos);
  }
  return target.subarray(0, at);
};

/** What the generated classes make of it. */
export const encodeAnyAppend = BatchAppendReq.prototype.serializeBinary;

/** The bytes of a request to append, as the log is sent them. */
export const encodeAppend = (request: Request): Uint8Array => {
  const correlation = request.getCorrelationId()?.getString();
  const given = request.getOptions();
  const options = given && optionsBytes(given);
  if (correlation?.length !== idLength || !options) return encodeAnyAppend.call(request);
  const isFinal = request.getIsFinal();
  const events: Event[] = [];
  let length = idFieldLength + fieldLength(options.length) + (isFinal ? 2 : 0);
  for (const message of request.getProposedMessagesList()) {
    const event = eventOf(message);
    if (!event) return encodeAnyAppend.call(request);
    events.push(event);
    length += fieldLength(event.length);
  }
  const target = Buffer.allocUnsafe(length);
  let at = withId(target, 0, inRequest.correlation, correlation);
  at = withField(target, at, inRequest.options, options);
  for (const event of events) at = withEvent(target, at, event);
  if (isFinal) {
    target[at] = inRequest.isFinal;
    target[at + 1] = 1;
  }
  return target;
};

/** For all clients of the process or thread. Twice is safe. */
export const encodeAppendsQuickly = (): void => {
  ProposedMessage.prototype.serializeBinary = sizeOf;
  BatchAppendReq.prototype.serializeBinary = function (this: Request) {
    return encodeAppend(this);
  };
};
