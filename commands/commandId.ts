/**
 * Ids that a repeat arrives at again: uuid v5 (RFC 9562) of what names a command, and of a command and an event's index.
 */
import { hash } from 'node:crypto';

const namespace = Buffer.from('6f1d3f0c6c5e4d0f9d0a1c5b8a7e2f43', 'hex');

/** 40 hex digits, of which an id takes the first 32. */
const digestOf = (name: string): string => {
  const named = Buffer.allocUnsafe(namespace.length + Buffer.byteLength(name));
  namespace.copy(named);
  named.write(name, namespace.length);
  // One shot: a hash object costs more than the hash, and is one more thing to collect.
  return hash('sha1', named, 'hex');
};

const uuidV5 = (name: string): string => {
  const hex = digestOf(name);
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** One command on one stream under one key, whoever sends it and however often. */
export const commandIdOf = (name: string, stream: string, idempotencyKey: string): string =>
  uuidV5(nameOf(name, stream, idempotencyKey));

const nameOf = (name: string, stream: string, idempotencyKey: string): string =>
  `${name}\n${stream}\n${idempotencyKey}`;

const wordHex = 8;

/** The same id as four numbers of 32 bits, the first digits first: for who writes it in another way. */
export const commandIdWords = (
  name: string,
  stream: string,
  idempotencyKey: string,
): [number, number, number, number] => {
  const hex = digestOf(nameOf(name, stream, idempotencyKey));
  const word = (index: number): number =>
    Number.parseInt(hex.slice(index * wordHex, (index + 1) * wordHex), 16);
  // Version and variant are where uuids of version 5 have them.
  const version = ((word(1) & 0xffff_0fff) | 0x5000) >>> 0;
  const variant = ((word(2) & 0x3fff_ffff) | 0x8000_0000) >>> 0;
  return [word(0), version, variant, word(3)];
};

/** The n-th event of a command. */
export const eventIdOf = (commandId: string, index: number): string =>
  uuidV5(`${commandId}\n${index}`);

/** Tells the body of a repeated command from another body under the same key. 16 hex digits. */
export const fingerprintOf = (input: unknown): string =>
  hash('sha1', JSON.stringify(input), 'hex').slice(0, 16);
