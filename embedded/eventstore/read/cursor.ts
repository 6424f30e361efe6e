/**
 * Cursors walk the log or one stream forwards, over history and live alike: what is recent comes from memory, what is
 * older by pages, and never beyond the published head. Nothing is held between two steps.
 */
import { TOMBSTONE_REVISION } from '../log/append.js';
import { type Block, blockLength, indexFrom } from '../log/block.js';
import type { EventLog } from '../log/eventLog.js';
import { PAGE_ROWS_MAX } from '../log/pages.js';
import { type PageRead, rowsUpToPageEnd } from '../log/sharedPages.js';

/** Events [from, to) of a block. */
export interface BlockRange {
  readonly block: Block;
  readonly from: number;
  readonly to: number;
}

export interface Cursor {
  /** The next events from memory; undefined when they are not there or there are none yet. */
  nextRecent(): BlockRange | undefined;
  /** True when everything published has been walked. */
  isAtHead(): boolean;
  /** The next events from the database; an empty range when it had none. */
  nextPage(): Promise<BlockRange>;
  /** True once the walk has come to the tombstone that closes its stream. */
  readonly isClosed: boolean;
  /** Calls `wake` when there may be more; returns how to stop that. */
  watch(wake: () => void): () => void;
}

const PAGE_ROWS_FIRST = 64;

const wholeBlock = (block: Block): BlockRange => ({ block, from: 0, to: blockLength(block) });

/** Pages grow as a reader goes on, so that one who wants a single event does not pay for a thousand. */
class PageSize {
  private rows = PAGE_ROWS_FIRST / 2;

  next(): number {
    this.rows = Math.min(this.rows * 2, PAGE_ROWS_MAX);
    return this.rows;
  }
}

export class AllCursor implements Cursor {
  readonly isClosed = false;
  private readonly size = new PageSize();
  /** The page after the last one, being read while that one is sent. */
  private ahead: Promise<PageRead> | undefined;

  constructor(
    private readonly log: EventLog,
    /** Position of the next event wanted. */
    private next: number,
    private readonly named: boolean,
  ) {}

  isAtHead(): boolean {
    return this.next > this.log.recent.head;
  }

  nextRecent(): BlockRange | undefined {
    if (this.isAtHead()) return undefined;
    const block = this.log.recent.blockAt(this.next);
    if (!block) return undefined;
    const from = indexFrom(block, this.next);
    const to = blockLength(block);
    this.next = block.positions[to - 1]! + 1;
    return { block, from, to };
  }

  async nextPage(): Promise<BlockRange> {
    const { block, head } = await (this.ahead ?? this.fetch());
    this.ahead = undefined;
    this.next = (block.positions.at(-1) ?? head) + 1;
    if (!this.isAtHead() && !this.log.recent.blockAt(this.next)) {
      this.ahead = this.fetch();
      this.ahead.catch(() => {}); // whoever asks for the page gets the error
    }
    return wholeBlock(block);
  }

  /** Reads the page at `next`. */
  private fetch(): Promise<PageRead> {
    return this.log.sharedPages.read({
      from: this.next,
      rowsMax: rowsUpToPageEnd(this.next, this.size.next()),
      head: this.log.recent.head,
      named: this.named,
    });
  }

  watch(wake: () => void): () => void {
    return this.log.recent.watch(wake);
  }
}

export class StreamCursor implements Cursor {
  isClosed = false;
  private readonly size = new PageSize();
  /** Every event of the stream up to this position has been walked; 0 while that is not known. */
  private walkedTo = 0;

  constructor(
    private readonly log: EventLog,
    private readonly stream: string,
    /** Revision of the next event wanted. */
    private next: number,
  ) {}

  isAtHead(): boolean {
    return this.walkedTo > 0 && this.walkedTo >= this.log.recent.head;
  }

  nextRecent(): BlockRange | undefined {
    while (this.walkedTo > 0 && this.walkedTo < this.log.recent.head) {
      const block = this.log.recent.blockAt(this.walkedTo + 1);
      if (!block) return undefined;
      const from = this.indexInStream(block, indexFrom(block, this.walkedTo + 1));
      if (from < 0) {
        this.walkedTo = block.positions.at(-1)!;
        continue;
      }
      let to = from + 1;
      while (to < blockLength(block) && block.streams[to] === this.stream) to++;
      this.next = block.revisions[to - 1]! + 1;
      this.walkedTo = block.positions[to - 1]!;
      return this.beforeTombstone({ block, from, to });
    }
    return undefined;
  }

  async nextPage(): Promise<BlockRange> {
    const { head } = this.log.recent;
    const last = await this.log.head(this.stream);
    const { metadata } = last;
    const visible = await this.log.firstVisible(this.stream, last, head);
    const block = await this.log.pages.read({
      stream: this.stream,
      from: Math.max(this.next, Math.min(visible, Number.MAX_SAFE_INTEGER)),
      backwards: false,
      rowsMax: this.size.next(),
      head,
      named: false,
      ...(metadata?.maxAgeS === undefined
        ? {}
        : { fromCreatedMs: Date.now() - metadata.maxAgeS * 1000 }),
    });
    if (blockLength(block) === 0) this.walkedTo = Math.max(head, 1);
    else this.next = block.revisions.at(-1)! + 1;
    return this.beforeTombstone(wholeBlock(block));
  }

  watch(wake: () => void): () => void {
    return this.log.recent.watchStream(this.stream, wake);
  }

  private beforeTombstone(range: BlockRange): BlockRange {
    const { block, from, to } = range;
    if (to === from || block.revisions[to - 1] !== TOMBSTONE_REVISION) return range;
    this.isClosed = true;
    return { block, from, to: to - 1 };
  }

  /** Index of the first event of the stream from `at` on that has not been walked, or -1. */
  private indexInStream(block: Block, at: number): number {
    for (let i = at; i < blockLength(block); i++) {
      if (block.streams[i] === this.stream && block.revisions[i]! >= this.next) return i;
    }
    return -1;
  }
}
