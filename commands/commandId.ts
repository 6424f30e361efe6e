/**
 * Ids that a repeat arrives at again: uuid v5 (RFC 9562) of what names a command, and of a command and an event's index.
 */
import { createHash } from 'node:crypto';

const namespace = Buffer.from('6f1d3f0c6c5e4d0f9d0a1c5b8a7e2f43', 'hex');

const uuidV5 = (space: Buffer, name: string): string => {
  const bytes = createHash('sha1').update(space).update(name).digest();
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

/** One command on one stream under one key, whoever sends it and however often. */
export const commandIdOf = (name: string, stream: string, idempotencyKey: string): string =>
  uuidV5(namespace, `${name}\n${stream}\n${idempotencyKey}`);

/** The n-th event of a command. */
export const eventIdOf = (commandId: string, index: number): string =>
  uuidV5(namespace, `${commandId}\n${index}`);

/** Tells the body of a repeated command from another body under the same key. 16 hex digits. */
export const fingerprintOf = (input: unknown): string =>
  createHash('sha1').update(JSON.stringify(input)).digest('hex').slice(0, 16);
