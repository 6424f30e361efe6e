/**
 * A run of events in the form they are sent in: their framed bytes back to back, and beside them what is needed to
 * pick among them. Pages from the database and recent commits are both blocks, so a reader treats them alike.
 *
 * Invariant: event i is bytes[starts[i], starts[i + 1]). A block is never changed once it is handed out.
 */
import { ByteBuffer } from '../wire/bytes.js';
import { type EventParts, writeRecordedEvent } from '../wire/recordedEvent.js';

export interface Block {
  readonly bytes: Buffer;
  readonly starts: readonly number[];
  readonly positions: readonly number[];
  readonly revisions: readonly number[];
  /** Names are there only if the block was asked for with them. */
  readonly streams: readonly string[];
  readonly types: readonly string[];
}

export class BlockBuilder implements Block {
  readonly starts: number[] = [0];
  readonly positions: number[] = [];
  readonly revisions: number[] = [];
  readonly streams: string[] = [];
  readonly types: string[] = [];
  private readonly out: ByteBuffer;

  constructor(capacityBytes: number) {
    this.out = new ByteBuffer(capacityBytes);
  }

  get bytes(): Buffer {
    return this.out.bytes;
  }

  add(event: EventParts): void {
    writeRecordedEvent(this.out, event);
    this.starts.push(this.out.length);
    this.positions.push(event.position);
    this.revisions.push(event.revision);
  }

  addNamed(event: EventParts, stream: string, type: string): void {
    this.add(event);
    this.streams.push(stream);
    this.types.push(type);
  }
}

export const blockLength = (block: Block): number => block.positions.length;

/** The bytes of events [from, to). */
export const blockBytes = (block: Block, from: number, to: number): Buffer =>
  block.bytes.subarray(block.starts[from], block.starts[to]);

/** Index of the first event at `position` or after it. */
export const indexFrom = (block: Block, position: number): number => {
  let low = 0;
  let high = block.positions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (block.positions[middle]! < position) low = middle + 1;
    else high = middle;
  }
  return low;
};
