/**
 * The end of the log in memory: the newest blocks, so that live subscriptions never ask the database, and the one
 * place that says how far the log is published.
 *
 * Invariant: nothing beyond `head` may be shown to anyone; `head` moves only after its commit is durable. The blocks
 * kept are consecutive and end at `head`. Both the number of events and their bytes are bounded.
 */
import { type Block, blockLength } from './block.js';

const EVENTS_MAX = 20_000;
const BYTES_MAX = 32 * 1024 * 1024;

export class RecentEvents {
  /** Position of the last published event, 0 when there is none. */
  head = 0;
  private blocks: Block[] = [];
  private events = 0;
  private bytes = 0;
  private readonly watchers = new Set<() => void>();
  private readonly streamWatchers = new Map<string, Set<() => void>>();

  constructor(
    private readonly eventsMax = EVENTS_MAX,
    private readonly bytesMax = BYTES_MAX,
  ) {}

  /** Publishes a committed block, which begins right after `head`, and wakes who waits for it. */
  publish(block: Block): void {
    this.blocks.push(block);
    this.events += blockLength(block);
    this.bytes += block.bytes.length;
    this.head = block.positions.at(-1)!;
    while (this.blocks.length > 1 && (this.events > this.eventsMax || this.bytes > this.bytesMax)) {
      const oldest = this.blocks.shift()!;
      this.events -= blockLength(oldest);
      this.bytes -= oldest.bytes.length;
    }
    this.wake(block);
  }

  /** Moves `head` to what the database holds, when that was found out by asking it. Readers then page. */
  restart(head: number): void {
    this.head = head;
    this.blocks = [];
    this.events = 0;
    this.bytes = 0;
    for (const wake of this.watchers) wake();
    for (const watchers of this.streamWatchers.values()) for (const wake of watchers) wake();
  }

  /** The block that holds this position, or undefined when it is older than what is kept or not there yet. */
  blockAt(position: number): Block | undefined {
    const { blocks } = this;
    if (blocks.length === 0 || position > this.head || position < blocks[0]!.positions[0]!)
      return undefined;
    let low = 0;
    let high = blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (blocks[middle]!.positions[0]! <= position) low = middle;
      else high = middle - 1;
    }
    return blocks[low];
  }

  /** Calls `wake` on every publication until the function returned is called. */
  watch(wake: () => void): () => void {
    this.watchers.add(wake);
    return () => this.watchers.delete(wake);
  }

  /** Calls `wake` whenever events of this stream are published. */
  watchStream(stream: string, wake: () => void): () => void {
    const watchers = this.streamWatchers.get(stream) ?? new Set();
    this.streamWatchers.set(stream, watchers.add(wake));
    return () => {
      watchers.delete(wake);
      if (watchers.size === 0) this.streamWatchers.delete(stream);
    };
  }

  private wake(block: Block): void {
    for (const wake of this.watchers) wake();
    if (this.streamWatchers.size === 0) return;
    for (const stream of block.streams) {
      const watchers = this.streamWatchers.get(stream);
      if (watchers) for (const wake of watchers) wake();
    }
  }
}
