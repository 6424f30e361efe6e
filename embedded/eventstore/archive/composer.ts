/**
 * Turns events into the text of an archive: gathers lines into chunks, closes each with its mark, and hands the text
 * out in blocks of whole chunks. Holds one block and no more.
 */
import { createHash, type Hash } from 'node:crypto';
import { eventLine, type LoggedEvent } from './eventLine.js';
import {
  type ArchiveHeader,
  CHUNK_BYTES_MAX,
  CHUNK_EVENTS_MAX,
  type ChunkMark,
  type EndMark,
} from './format.js';

/** Where an archive stands after one of its marks. */
export interface ArchiveState {
  /** Of every byte so far. */
  readonly hash: Hash;
  readonly chunks: number;
  readonly events: number;
  /** 0 before the first event. */
  readonly lastPosition: number;
}

/** Chunks in a block: large enough to compress well, small enough to lose. */
const BLOCK_CHUNKS = 4;

export class ArchiveComposer {
  private readonly hash: Hash;
  private chunks: number;
  private events: number;
  private lastPosition: number;
  private block: Buffer[] = [];
  private lines: string[] = [];
  private lineBytes = 0;
  private full: Buffer | undefined;

  private constructor(state: ArchiveState) {
    ({ hash: this.hash, chunks: this.chunks, events: this.events } = state);
    this.lastPosition = state.lastPosition;
  }

  static begin(header: ArchiveHeader): ArchiveComposer {
    const composer = new ArchiveComposer({
      hash: createHash('sha256'),
      chunks: 0,
      events: 0,
      lastPosition: header.after?.position ?? 0,
    });
    composer.write(`${JSON.stringify(header)}\n`);
    return composer;
  }

  /** Goes on with an archive that ends in a mark. */
  static resume(state: ArchiveState): ArchiveComposer {
    return new ArchiveComposer(state);
  }

  get eventCount(): number {
    return this.events;
  }

  add(event: LoggedEvent): void {
    const line = eventLine(event);
    this.lines.push(line);
    this.lineBytes += line.length;
    this.lastPosition = event.position;
    this.events++;
    if (this.lines.length === CHUNK_EVENTS_MAX || this.lineBytes >= CHUNK_BYTES_MAX) this.close();
  }

  /** The blocks completed since the last call, in one piece. */
  take(): Buffer | undefined {
    const { full } = this;
    this.full = undefined;
    return full;
  }

  /** The rest of the text, with the end. */
  finish(): Buffer {
    if (this.lines.length > 0) this.close();
    const end: EndMark = {
      end: true,
      chunks: this.chunks,
      events: this.events,
      lastPosition: this.lastPosition,
      sha256: this.hash.copy().digest('hex'),
    };
    this.write(`${JSON.stringify(end)}\n`);
    return Buffer.concat([...(this.full ? [this.full] : []), ...this.block]);
  }

  private close(): void {
    this.write(this.lines.join(''));
    const mark: ChunkMark = {
      chunk: ++this.chunks,
      events: this.lines.length,
      lastPosition: this.lastPosition,
      sha256: this.hash.copy().digest('hex'),
    };
    this.write(`${JSON.stringify(mark)}\n`);
    this.lines = [];
    this.lineBytes = 0;
    if (this.chunks % BLOCK_CHUNKS !== 0) return;
    this.full = Buffer.concat([...(this.full ? [this.full] : []), ...this.block]);
    this.block = [];
  }

  private write(text: string): void {
    const bytes = Buffer.from(text);
    this.hash.update(bytes);
    this.block.push(bytes);
  }
}
