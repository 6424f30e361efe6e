/**
 * GELF over UDP: one datagram where it fits, else chunks that begin with 0x1e 0x0f, eight bytes of an id, a number and how many there are.
 */
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** Of a datagram, with its header: Graylog's receive buffer holds no larger one. */
export const datagramBytesMax = 8_192;
const headerBytes = 12;
const payloadBytes = datagramBytesMax - headerBytes;
export const chunksMax = 128;
/** Below, a gzip header and its dictionary eat what they save. */
const compressFromBytes = 512;

/** Compressed where that makes it smaller. */
export const compressed = (message: Buffer): Buffer => {
  if (message.length < compressFromBytes) return message;
  const smaller = gzipSync(message, { level: 1 });
  return smaller.length < message.length ? smaller : message;
};

/** Null: it takes more chunks than GELF allows. */
export const datagramsOf = (
  message: Buffer,
  id: Buffer = randomBytes(8),
): readonly Buffer[] | null => {
  if (message.length <= datagramBytesMax) return [message];
  const count = Math.ceil(message.length / payloadBytes);
  if (count > chunksMax) return null;
  return Array.from({ length: count }, (_, number) => {
    const header = Buffer.concat([Buffer.from([0x1e, 0x0f]), id, Buffer.from([number, count])]);
    return Buffer.concat([
      header,
      message.subarray(number * payloadBytes, (number + 1) * payloadBytes),
    ]);
  });
};
