/**
 * Events as persistent subscriptions send them. Their ReadResp holds the same ReadEvent as that of a read, and a retry
 * count behind it, so what a group holds is cut out of an answer to a read and sent with five bytes more.
 */
import { FRAME_HEADER_BYTES, writeFrameHeader } from '../grpc/frames.js';
import { varintLength, writeVarint } from './bytes.js';
import { dataOf, parseLink } from './linkFrames.js';
import { MalformedMessage, WireReader } from './reader.js';
import { readUuid } from './uuid.js';

const EVENT_FIELD = 0x0a; // both ReadResp.event and ReadEvent.event
const LINK_FIELD = 0x12; // ReadEvent.link
const RETRY_COUNT_FIELD = 0x28; // ReadEvent.retry_count
const ID_FIELD = 0x0a;
const STREAM_IDENTIFIER_FIELD = 0x12;
const STREAM_NAME_FIELD = 0x1a;
const REVISION_FIELD = 0x18;

/** What a group must know of an event it delivers. */
export interface DeliverableEvent {
  /** The ReadEvent without a retry count. */
  readonly body: Buffer;
  /** 16 bytes, as latin1, of the id that the client answers by: the link's where there is one. */
  readonly id: string;
  /** Stream and revision that a link to the event names. */
  readonly stream: string;
  readonly revision: number;
}

interface RecordName {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
}

const nameOf = (record: Buffer): RecordName => {
  const reader = new WireReader(record);
  let id = '';
  let stream = '';
  let revision = 0;
  while (reader.more()) {
    const tag = reader.varint();
    if (tag === ID_FIELD) id = readUuid(reader).toString('latin1', 0, 16);
    else if (tag === STREAM_IDENTIFIER_FIELD) stream = readStreamName(reader);
    else if (tag === REVISION_FIELD) {
      revision = reader.varint();
      break; // nothing behind it is wanted
    } else if (stream !== '')
      break; // revision 0 is left out
    else reader.skip(tag);
  }
  return { id, stream, revision };
};

const readStreamName = (reader: WireReader): string => {
  const end = reader.fieldEnd();
  let name = '';
  while (reader.position < end) {
    const tag = reader.varint();
    if (tag === STREAM_NAME_FIELD) name = reader.bytes().toString('utf8');
    else reader.skip(tag);
  }
  return name;
};

/** Reads the framed ReadResp of an event, its link resolved or not. The body is copied out. */
export const deliverableEvent = (frames: Buffer, start: number, end: number): DeliverableEvent => {
  const outer = new WireReader(frames, start + FRAME_HEADER_BYTES, end);
  if (outer.varint() !== EVENT_FIELD) throw new MalformedMessage('the answer is not an event');
  const body = Buffer.from(outer.bytes());
  const reader = new WireReader(body);
  let event: Buffer | undefined;
  let link: Buffer | undefined;
  while (reader.more()) {
    const tag = reader.varint();
    if (tag === EVENT_FIELD) event = reader.bytes();
    else if (tag === LINK_FIELD) link = reader.bytes();
    else reader.skip(tag);
  }
  if (!link) return { body, ...nameOf(event!) };
  const { id, stream, revision } = nameOf(link);
  if (event) return { body, ...nameOf(event), id };
  const target = parseLink(dataOf(link)); // it is gone; what is parked is a link to the same
  return typeof target === 'object' ? { body, id, ...target } : { body, id, stream, revision };
};

/** The framed ReadResp that delivers an event. */
export const deliveredFrame = (body: Buffer, retries: number): Buffer => {
  const eventLength = body.length + 1 + varintLength(retries);
  const length = 1 + varintLength(eventLength) + eventLength;
  const framed = Buffer.allocUnsafe(FRAME_HEADER_BYTES + length);
  let at = writeFrameHeader(framed, 0, length);
  framed[at++] = EVENT_FIELD;
  at = writeVarint(framed, at, eventLength);
  at += body.copy(framed, at);
  framed[at++] = RETRY_COUNT_FIELD;
  writeVarint(framed, at, retries);
  return framed;
};
