/**
 * Stream names and event types: decoded once, checked so that nothing reaches PostgreSQL that its text type or an
 * index row would refuse, since one refused value would fail the commit of everybody gathered with it.
 */
import { isUtf8 } from 'node:buffer';
import { MalformedMessage } from './reader.js';

/** Longest stream name or event type, bytes. */
export const NAME_BYTES_MAX = 1024;

/** Decodes source[start, end); throws `MalformedMessage` for an empty, overlong or undecodable name. */
export const decodeName = (source: Buffer, start: number, end: number, what: string): string => {
  if (end === start) throw new MalformedMessage(`${what} is missing`);
  if (end - start > NAME_BYTES_MAX)
    throw new MalformedMessage(`${what} is longer than ${NAME_BYTES_MAX} bytes`);
  let highest = 0;
  for (let i = start; i < end; i++) {
    const byte = source[i]!;
    if (byte === 0) throw new MalformedMessage(`${what} contains a zero byte`);
    highest |= byte;
  }
  if (highest < 0x80) return source.toString('latin1', start, end);
  if (!isUtf8(source.subarray(start, end))) throw new MalformedMessage(`${what} is not UTF-8`);
  return source.toString('utf8', start, end);
};
