/**
 * Links on the wire: an event of type `$>` whose data are `<revision>@<stream>`. Works on answers as they are sent,
 * finding the links among framed ReadResp messages and putting the event a link points to in front of it, so that
 * neither storing nor reading without resolution knows anything of links.
 *
 * What is no event (a checkpoint, caughtUp) and what is no link passes unchanged.
 */
import { FRAME_HEADER_BYTES, writeFrameHeader } from '../grpc/frames.js';
import { copyBytes, varintLength, writeVarint } from './bytes.js';
import { WireReader } from './reader.js';

export const LINK_EVENT_TYPE = '$>';

/** The event that a link names. */
export interface LinkTarget {
  readonly stream: string;
  readonly revision: number;
}

/** metadata["type"] = "$>" as an entry of a RecordedEvent's map. */
const LINK_TYPE_ENTRY = Buffer.from('\x0a\x04type\x12\x02$>', 'latin1');
const EVENT_FIELD = 0x0a; // both ReadResp.event and ReadEvent.event
const LINK_FIELD = 0x12; // ReadEvent.link
const METADATA_ENTRY_FIELD = 0x32;
const CUSTOM_METADATA_FIELD = 0x3a;
const DATA_FIELD = 0x42;
const NOTHING: Buffer = Buffer.alloc(0);

/** Where the frame that begins at `start` ends. */
export const frameEnd = (frames: Buffer, start: number): number =>
  start + FRAME_HEADER_BYTES + frames.readUInt32BE(start + 1);

/** The RecordedEvent in the frame [start, end) of an unresolved event; undefined when the frame holds no event. */
export const recordIn = (frames: Buffer, start: number, end: number): Buffer | undefined => {
  const reader = new WireReader(frames, start + FRAME_HEADER_BYTES, end);
  if (!reader.more() || reader.varint() !== EVENT_FIELD) return undefined;
  reader.end = reader.fieldEnd();
  return reader.varint() === EVENT_FIELD ? reader.bytes() : undefined;
};

/** The data of a RecordedEvent. */
export const dataOf = (record: Buffer): Buffer => fieldOf(record, DATA_FIELD);

/** The metadata of a RecordedEvent that its writer gave it. */
export const metadataOf = (record: Buffer): Buffer => fieldOf(record, CUSTOM_METADATA_FIELD);

const fieldOf = (record: Buffer, field: number): Buffer => {
  const reader = new WireReader(record);
  while (reader.more()) {
    const tag = reader.varint();
    if (tag === field) return reader.bytes();
    reader.skip(tag);
  }
  return NOTHING;
};

/** The data and metadata of a RecordedEvent that is a link; undefined when it is none. */
export const linkIn = (record: Buffer): { data: Buffer; metadata: Buffer } | undefined => {
  const reader = new WireReader(record);
  const link = { data: NOTHING, metadata: NOTHING };
  let isLink = false;
  while (reader.more()) {
    const tag = reader.varint();
    if (tag === METADATA_ENTRY_FIELD) isLink = reader.bytes().equals(LINK_TYPE_ENTRY) || isLink;
    else if (tag === CUSTOM_METADATA_FIELD) link.metadata = reader.bytes();
    else if (tag === DATA_FIELD) link.data = reader.bytes();
    else reader.skip(tag);
  }
  return isLink ? link : undefined;
};

/** Where the event that a link names stands in the log, if the metadata begin by saying so; a hint, to be verified. */
export const positionHint = (metadata: Buffer): number | undefined => {
  const [, position] = /^\{"\$c":(\d{1,15}),/.exec(metadata.toString('latin1', 0, 32)) ?? [];
  return position === undefined ? undefined : Number(position);
};

/**
 * What the data of a link name. Undefined when they begin with no number: such an event is sent as it is. 'nothing'
 * when they name no event that could be, which is answered like a link to an event that is gone.
 */
export const parseLink = (data: Buffer): LinkTarget | 'nothing' | undefined => {
  const text = data.toString('utf8');
  const at = text.indexOf('@');
  const number = at < 0 ? text : text.slice(0, at);
  if (!/^\s*[+-]?\d{1,19}\s*$/.test(number)) return undefined;
  const revision = Number(number);
  const stream = at < 0 ? '' : text.slice(at + 1);
  if (stream === '' || stream.includes('\0') || !Number.isSafeInteger(revision) || revision < 0)
    return 'nothing';
  return { stream, revision };
};

/** The frame of a link with the event it points to; without one the link stands alone. */
export const linkFrame = (
  frames: Buffer,
  start: number,
  end: number,
  target: Buffer | undefined,
): Buffer => {
  const reader = new WireReader(frames, start + FRAME_HEADER_BYTES, end);
  reader.varint();
  reader.end = reader.fieldEnd();
  reader.varint();
  const link = reader.bytes();
  const rest = frames.subarray(reader.position, reader.end); // the position
  const length =
    (target ? 1 + varintLength(target.length) + target.length : 0) +
    (1 + varintLength(link.length) + link.length) +
    rest.length;
  const message = 1 + varintLength(length) + length;
  const framed = Buffer.allocUnsafe(FRAME_HEADER_BYTES + message);
  let at = writeFrameHeader(framed, 0, message);
  framed[at++] = EVENT_FIELD;
  at = writeVarint(framed, at, length);
  if (target) at = writeField(framed, at, EVENT_FIELD, target);
  at = writeField(framed, at, LINK_FIELD, link);
  copyBytes(rest, 0, rest.length, framed, at);
  return framed;
};

const writeField = (target: Buffer, start: number, tag: number, value: Buffer): number => {
  target[start] = tag;
  const at = writeVarint(target, start + 1, value.length);
  return copyBytes(value, 0, value.length, target, at);
};
