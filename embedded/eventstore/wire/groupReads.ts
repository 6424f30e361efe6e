/**
 * Decodes what a consumer sends on PersistentSubscriptions/Read: first what it subscribes to, then its answers, which
 * come one for each message delivered and so are read in place.
 */
import { ALL } from '../persistent/definition.js';
import type { NackAction } from '../persistent/group.js';
import { MalformedMessage, WireReader } from './reader.js';
import { readUuid } from './uuid.js';

export type ConsumerMessage =
  | { kind: 'subscribe'; source: string; group: string; bufferSize: number }
  | { kind: 'ack'; ids: string[] }
  | { kind: 'nack'; ids: string[]; action: NackAction; reason: string };

/** By their numbers on the wire. */
const ACTIONS: readonly NackAction[] = ['unknown', 'park', 'retry', 'skip', 'stop'];

/** Throws `MalformedMessage`. */
export const decodeConsumerMessage = (bytes: Buffer): ConsumerMessage => {
  const reader = new WireReader(bytes);
  while (reader.more()) {
    const tag = reader.varint();
    if (tag === 0x0a) return readOptions(new WireReader(reader.bytes()));
    if (tag === 0x12) return readAnswer(new WireReader(reader.bytes()), 'ack');
    if (tag === 0x1a) return readAnswer(new WireReader(reader.bytes()), 'nack');
    reader.skip(tag);
  }
  throw new MalformedMessage('the request is empty');
};

const readOptions = (reader: WireReader): ConsumerMessage => {
  let source = '';
  let group = '';
  let bufferSize = 0;
  while (reader.more()) {
    const tag = reader.varint();
    if (tag === 0x0a) source = readStreamName(new WireReader(reader.bytes()));
    else if (tag === 0x12) group = reader.bytes().toString('utf8');
    else if (tag === 0x18) bufferSize = reader.varint();
    else if (tag === 0x2a) {
      reader.bytes();
      source = ALL;
    } else reader.skip(tag);
  }
  return { kind: 'subscribe', source, group, bufferSize };
};

const readStreamName = (reader: WireReader): string => {
  let name = '';
  while (reader.more()) {
    const tag = reader.varint();
    if (tag === 0x1a) name = reader.bytes().toString('utf8');
    else reader.skip(tag);
  }
  return name;
};

const readAnswer = (reader: WireReader, kind: 'ack' | 'nack'): ConsumerMessage => {
  const ids: string[] = [];
  let action: NackAction = 'unknown';
  let reason = '';
  while (reader.more()) {
    const tag = reader.varint();
    if (tag === 0x12) ids.push(readUuid(reader).toString('latin1', 0, 16));
    else if (tag === 0x18) action = ACTIONS[reader.varint()] ?? 'unknown';
    else if (tag === 0x22) reason = reader.bytes().toString('utf8');
    else reader.skip(tag);
  }
  return kind === 'ack' ? { kind, ids } : { kind, ids, action, reason };
};
