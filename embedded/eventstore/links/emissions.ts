/** Makes the events that a link index writes: its links, and the checkpoint that goes with them. */
import { randomBytes } from 'node:crypto';
import type { Emission } from '../log/append.js';
import { LINK_EVENT_TYPE } from '../wire/linkFrames.js';
import type { IndexLink } from './linkIndex.js';

const CHECKPOINT_EVENT_TYPE = '$ProjectionCheckpoint';

/** An event of the node itself, with an id of its own. */
export const ownEmission = (stream: string, event: OwnEvent): Emission => {
  const parts = [event.type, event.data, event.metadata].map((part) => Buffer.from(part));
  const id = randomBytes(16);
  id[6] = (id[6]! & 0x0f) | 0x40; // a random UUID, version 4
  id[8] = (id[8]! & 0x3f) | 0x80;
  const source = Buffer.concat(parts);
  const typeEnd = parts[0]!.length;
  const dataEnd = typeEnd + parts[1]!.length;
  return {
    stream,
    streamBytes: Buffer.from(stream),
    event: {
      id,
      type: event.type,
      isJson: event.isJson,
      source,
      typeStart: 0,
      typeEnd,
      dataStart: typeEnd,
      dataEnd,
      metadataStart: dataEnd,
      metadataEnd: source.length,
    },
  };
};

interface OwnEvent {
  readonly type: string;
  readonly isJson: boolean;
  readonly data: string;
  readonly metadata: string;
}

/** Metadata name the position of the event linked to and its stream, by EventStoreDB's keys. */
export const linkEmission = (link: IndexLink, position: number): Emission =>
  ownEmission(link.stream, {
    type: LINK_EVENT_TYPE,
    isJson: false,
    data: link.target,
    metadata: JSON.stringify({
      $c: position,
      $p: position,
      $o: link.about,
      ...(link.isDeletion ? { $deleted: -1 } : {}),
    }),
  });

/** Everything up to `position` is indexed. Its shape is that of a system projection's, so a copied log goes on. */
export const checkpointEmission = (stream: string, position: number): Emission =>
  ownEmission(stream, {
    type: CHECKPOINT_EVENT_TYPE,
    isJson: true,
    data: '{}',
    metadata: JSON.stringify({ $c: position, $p: position }),
  });

/** The position that a checkpoint's metadata name; throws for metadata of something else. */
export const checkpointPosition = (metadata: Buffer): number => {
  const { $c: position } = JSON.parse(metadata.toString('utf8')) as { $c?: unknown };
  if (typeof position !== 'number' || !Number.isSafeInteger(position))
    throw new Error('the checkpoint of a link index names no position');
  return position;
};
