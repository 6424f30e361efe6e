/**
 * Gzip in pieces: each block of text is a member of its own, whose header says how long it is. Every gunzip reads such
 * a file as one text; we find the end of the last whole member of a file that was broken off, and go on there.
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

const FIXED_HEADER_BYTES = 10;
/** Flag: an extra field follows the fixed header. */
const HAS_EXTRA = 0x04;
/** Our extra field: its total length 8, the subfield "Kp" of 4 bytes, the length of the member. */
const EXTRA_BYTES = 2 + 4 + 4;
const SUBFIELD = Buffer.from([8, 0, 0x4b, 0x70, 4, 0]);

const compress = promisify(gzip);
const decompress = promisify(gunzip) as (bytes: Buffer) => Promise<Buffer>;

/** The text as one member. */
export const gzipMember = async (text: Buffer): Promise<Buffer> => {
  const plain: Buffer = await compress(text, { level: 6 });
  const header = Buffer.from(plain.subarray(0, FIXED_HEADER_BYTES));
  header[3]! |= HAS_EXTRA;
  header[9] = 0xff; // "unknown system": the same bytes on every one
  const extra = Buffer.alloc(EXTRA_BYTES);
  SUBFIELD.copy(extra);
  extra.writeUInt32LE(plain.length + EXTRA_BYTES, SUBFIELD.length);
  return Buffer.concat([header, extra, plain.subarray(FIXED_HEADER_BYTES)]);
};

export const MEMBER_HEADER_BYTES = FIXED_HEADER_BYTES + EXTRA_BYTES;

/** Length of the member that begins with these bytes; undefined when it is none of ours. */
export const memberLength = (header: Buffer): number | undefined => {
  if (header.length < MEMBER_HEADER_BYTES || header[0] !== 0x1f || header[1] !== 0x8b) return;
  const extra = header.subarray(FIXED_HEADER_BYTES, FIXED_HEADER_BYTES + SUBFIELD.length);
  return extra.equals(SUBFIELD) ? header.readUInt32LE(MEMBER_HEADER_BYTES - 4) : undefined;
};

/** @throws zlib's errors */
export const gunzipMember = (member: Buffer): Promise<Buffer> => decompress(member);
