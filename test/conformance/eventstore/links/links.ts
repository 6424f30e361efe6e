/** Links as a client writes them, and reading what stands in a stream of them. */
import {
  binaryEvent,
  type EventTypeToRecordedEvent,
  type JSONRecordedEvent,
  type ReadStreamOptions,
} from '@eventstore/db-client';
import { type Counted, type Node } from '../node.js';

/** A link to an event. */
export const linkTo = (stream: string, revision: number | bigint, separator = '@') =>
  linkOf(`${revision}${separator}${stream}`);

/** An event of the type of a link, with these data. */
export const linkOf = (data: string) => binaryEvent({ type: '$>', data: Buffer.from(data) });

/** An event as any read or subscription gives it. */
export interface Given {
  readonly event?: EventTypeToRecordedEvent<Counted>;
  readonly link?: JSONRecordedEvent;
  readonly commitPosition?: bigint;
}

/** Everything a read gives. */
export const collected = async (read: AsyncIterable<unknown>): Promise<Given[]> => {
  const given: Given[] = [];
  for await (const resolved of read) given.push(resolved as Given);
  return given;
};

export const readResolved = (node: Node, stream: string, options: ReadStreamOptions = {}) =>
  collected(node.client.readStream(stream, { resolveLinkTos: true, ...options }));

/** The number of the event that each carries, or what it carries instead. */
export const told = (given: readonly Given[]): (number | string)[] =>
  given.map(({ event, link }) => event?.data?.n ?? (link ? 'link only' : 'no event'));
