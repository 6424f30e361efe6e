/**
 * UUIDs as their 16 bytes, which is how PostgreSQL stores and compares them; text only at the edges of the wire.
 */
import { MalformedMessage, type WireReader } from './reader.js';

export const UUID_TEXT_LENGTH = 36;

const HEX_VALUE = new Int8Array(128).fill(-1);
const HEX_PAIR_HIGH = new Uint8Array(256);
const HEX_PAIR_LOW = new Uint8Array(256);
for (let i = 0; i < 256; i++) {
  const pair = i.toString(16).padStart(2, '0');
  HEX_PAIR_HIGH[i] = pair.charCodeAt(0);
  HEX_PAIR_LOW[i] = pair.charCodeAt(1);
}
for (let i = 0; i < 16; i++) {
  HEX_VALUE[i.toString(16).charCodeAt(0)] = i;
  HEX_VALUE[i.toString(16).toUpperCase().charCodeAt(0)] = i;
}

/** Parses the ASCII text of a UUID standing at `at`. */
export const parseUuidText = (source: Buffer, at: number, length: number): Buffer => {
  const uuid = Buffer.allocUnsafe(16);
  let bytes = 0;
  let high = -1;
  for (let i = at; i < at + length; i++) {
    const code = source[i]!;
    if (code === 0x2d) continue;
    const value = code < 128 ? HEX_VALUE[code]! : -1;
    if (value < 0 || bytes === 16) throw new MalformedMessage('an id is not a UUID');
    if (high < 0) high = value;
    else {
      uuid[bytes++] = (high << 4) | value;
      high = -1;
    }
  }
  if (bytes !== 16 || high >= 0) throw new MalformedMessage('an id is not a UUID');
  return uuid;
};

/** Writes the 36 characters of the UUID whose bytes stand at `from`; returns the index after them. */
export const writeUuidText = (source: Buffer, from: number, target: Buffer, at: number): number => {
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) target[at++] = 0x2d;
    const byte = source[from + i]!;
    target[at++] = HEX_PAIR_HIGH[byte]!;
    target[at++] = HEX_PAIR_LOW[byte]!;
  }
  return at;
};

/** Reads an event_store.client.UUID message (text or two halves) that begins with its length. */
export const readUuid = (reader: WireReader): Buffer => {
  const end = reader.fieldEnd();
  let uuid: Buffer | undefined;
  while (reader.position < end) {
    const tag = reader.varint();
    if (tag === 0x12) {
      const textEnd = reader.fieldEnd();
      uuid = parseUuidText(reader.source, reader.position, textEnd - reader.position);
      reader.position = textEnd;
    } else if (tag === 0x0a) uuid = readStructured(reader);
    else reader.skip(tag);
  }
  if (uuid === undefined) throw new MalformedMessage('an id is missing');
  return uuid;
};

const readStructured = (reader: WireReader): Buffer => {
  const end = reader.fieldEnd();
  const uuid = Buffer.alloc(16);
  while (reader.position < end) {
    const tag = reader.varint();
    if (tag === 0x08) uuid.writeBigUInt64BE(reader.varint64(), 0);
    else if (tag === 0x10) uuid.writeBigUInt64BE(reader.varint64(), 8);
    else reader.skip(tag);
  }
  return uuid;
};
