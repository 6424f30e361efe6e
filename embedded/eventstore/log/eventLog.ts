/**
 * The log as the services see it: requests go to the writer through the queue; readers take recent events from memory
 * and older ones by pages. Owns the parts and their order of start and stop.
 */
import { DEFAULT_LOCK_WAIT_MS, silentLogger, type EventStoreOptions } from '../options.js';
import type { WriteRequest } from './append.js';
import { type Head, Heads } from './heads.js';
import { LogPages } from './pages.js';
import { WriteQueue } from './queue.js';
import { RecentEvents } from './recent.js';
import { SharedPages } from './sharedPages.js';
import { firstVisibleRevision } from './streamMetadata.js';
import { StorageRoom } from './storageRoom.js';
import { LogWriter } from './writer.js';

/** What a service writes through. */
export type Writes = Pick<EventLog, 'submit' | 'isFull' | 'whenRoom'>;

export class EventLog {
  readonly recent = new RecentEvents();
  readonly pages: LogPages;
  readonly sharedPages: SharedPages;
  private readonly heads = new Heads();
  private readonly queue = new WriteQueue();
  private readonly writer: LogWriter;
  private readonly room: StorageRoom | undefined;

  constructor({
    postgres,
    lockWaitMs = DEFAULT_LOCK_WAIT_MS,
    storage,
    logger = silentLogger,
  }: EventStoreOptions) {
    this.pages = new LogPages(postgres, logger);
    this.sharedPages = new SharedPages(this.pages);
    this.room = storage && new StorageRoom(storage, logger);
    this.writer = new LogWriter(
      { postgres, lockWaitMs, logger },
      this.heads,
      this.queue,
      this.recent,
    );
  }

  async start(): Promise<void> {
    await this.room?.start();
    await this.writer.start();
  }

  /** Hands a request to the writer, which answers it by `request.answer`. */
  submit(request: WriteRequest): void {
    const reason = this.room?.refusal;
    if (reason === undefined) this.writer.submit(request);
    else request.answer({ kind: 'failed', reason });
  }

  /** True when the writer is so far behind that whoever sends should hold back until `whenRoom` calls. */
  get isFull(): boolean {
    return this.queue.isFull;
  }

  whenRoom(resume: () => void): void {
    this.queue.whenRoom(resume);
  }

  /** Where a stream ends and what its metadata say; may be a commit ahead of what is published. */
  async head(stream: string): Promise<Head> {
    return (await this.headsOf([stream])).get(stream)!;
  }

  /** `head` of many streams. */
  async headsOf(streams: Iterable<string>): Promise<Map<string, Head>> {
    const found = new Map<string, Head>();
    const missing: string[] = [];
    for (const stream of new Set(streams)) {
      const head = this.heads.get(stream);
      if (head) found.set(stream, head);
      else missing.push(stream);
    }
    if (missing.length === 0) return found;
    for (const [stream, head] of await this.pages.heads(missing)) found.set(stream, head);
    return found;
  }

  /**
   * The first revision of a stream that its metadata leave visible at a published position. A head may be a commit ahead: counted
   * from there, $maxCount would hide an event before the one that takes its place is there to be read.
   */
  async firstVisible(stream: string, { revision, metadata }: Head, at: number): Promise<number> {
    if (metadata?.maxCount === undefined) return firstVisibleRevision(revision, metadata);
    return firstVisibleRevision(await this.lastPublished(stream, at), metadata);
  }

  /** The revision of the last event of a stream that can be read at a published position; -1: there is none. */
  async lastPublished(stream: string, at: number = this.recent.head): Promise<number> {
    const last = await this.pages.read({
      stream,
      from: Number.MAX_SAFE_INTEGER,
      backwards: true,
      rowsMax: 1,
      head: at,
      named: false,
    });
    return last.revisions[0] ?? -1;
  }

  /** Takes no more, writes what has been taken in, lets the database go. */
  async stop(): Promise<void> {
    this.room?.stop();
    await this.writer.stop();
    await this.pages.stop();
  }
}
