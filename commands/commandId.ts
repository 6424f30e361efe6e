/**
 * Ids that a repeat arrives at again: uuid v5 (RFC 9562) of what names a command, and of a command and an event's index.
 */
import { hash } from 'node:crypto';

const namespace = Buffer.from('6f1d3f0c6c5e4d0f9d0a1c5b8a7e2f43', 'hex');

const named = (name: string): Buffer => {
  const bytes = Buffer.allocUnsafe(namespace.length + Buffer.byteLength(name));
  namespace.copy(bytes);
  bytes.write(name, namespace.length);
  return bytes;
};

const uuidV5 = (name: string): string => {
  // One shot: a hash object costs more than the hash, and is one more thing to collect.
  const hex = hash('sha1', named(name), 'hex');
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** One command on one stream under one key, whoever sends it and however often. */
export const commandIdOf = (name: string, stream: string, idempotencyKey: string): string =>
  uuidV5(nameOf(name, stream, idempotencyKey));

const nameOf = (name: string, stream: string, idempotencyKey: string): string =>
  `${name}\n${stream}\n${idempotencyKey}`;

/** The same id as four numbers of 32 bits, the first digits first: for who writes it in another way. */
export const commandIdWords = (
  name: string,
  stream: string,
  idempotencyKey: string,
): [number, number, number, number] => {
  // A letter is a byte.
  const digest = hash('sha1', named(nameOf(name, stream, idempotencyKey)), 'binary');
  // Version and variant are where uuids of version 5 have them.
  const version = ((wordAt(digest, 4) & 0xffff_0fff) | 0x5000) >>> 0;
  const variant = ((wordAt(digest, 8) & 0x3fff_ffff) | 0x8000_0000) >>> 0;
  return [wordAt(digest, 0), version, variant, wordAt(digest, 12)];
};

const wordAt = (digest: string, at: number): number =>
  ((digest.charCodeAt(at) << 24) |
    (digest.charCodeAt(at + 1) << 16) |
    (digest.charCodeAt(at + 2) << 8) |
    digest.charCodeAt(at + 3)) >>>
  0;

/** The n-th event of a command. */
export const eventIdOf = (commandId: string, index: number): string =>
  uuidV5(`${commandId}\n${index}`);

/** Tells the body of a repeated command from another body under the same key. 16 hex digits. */
export const fingerprintOf = (input: unknown): string =>
  hash('sha1', JSON.stringify(input), 'hex').slice(0, 16);
