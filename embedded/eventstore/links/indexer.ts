/**
 * Keeps one link index: follows the log like any subscriber and appends links through the one writer, where they ride
 * in the group commits of others. Catching up on a store that was not indexed before and staying live are one loop.
 *
 * Invariant: links and the checkpoint that says how far they reach are one request and so one commit; whatever
 * happens, the next start goes on behind the last link, and revisions have neither gap nor double.
 */
import {
  type AppendResult,
  chargedBytes,
  type Emission,
  METADATA_EVENT_TYPE,
  metastreamOf,
  type WriteRequest,
} from '../log/append.js';
import { blockLength } from '../log/block.js';
import type { EventLog } from '../log/eventLog.js';
import { backOff } from '../log/pause.js';
import type { Logger } from '../options.js';
import { AllCursor, type BlockRange, type Cursor } from '../read/cursor.js';
import { Signal } from '../read/signal.js';
import { dataOf, metadataOf, recordIn } from '../wire/linkFrames.js';
import { checkpointEmission, checkpointPosition, linkEmission, ownEmission } from './emissions.js';
import { type LinkIndexName, linkRules, projectionNames } from './linkIndex.js';
import { IndexProgress } from './progress.js';

/** Links of one request: enough to keep up with the writer, and few enough that appends do not wait for them. */
const LINKS_MAX = 1024;

export class LinkIndexer {
  private readonly checkpoints: string;
  private readonly signal = new Signal();
  private readonly progress: IndexProgress;
  private running: Promise<void> | undefined;
  private isStopping = false;
  /** Everything up to here is indexed, or calls for no link. */
  private position = 0;

  constructor(
    private readonly log: EventLog,
    private readonly index: LinkIndexName,
    private readonly logger: Logger,
  ) {
    this.checkpoints = `$projections-${projectionNames[index]}-checkpoint`;
    this.progress = new IndexProgress(index, logger);
  }

  /** Begins to index; the log must have been started. */
  start(): void {
    this.running = this.run();
  }

  /** Takes up no more events. Resolves when the request under way is answered, at the latest by the log's stop. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.signal.raise();
    await this.running;
  }

  private async run(): Promise<void> {
    const unwatch = this.log.recent.watch(() => this.signal.raise());
    for (let attempt = 0; !this.isStopping; attempt++) {
      try {
        this.position = await this.readCheckpoint();
        await this.follow();
      } catch (error) {
        if (this.isStopping) break;
        this.logger.warn(
          { err: error, index: this.index, attempt },
          'a link index could not be written: going on from its checkpoint',
        );
        await backOff(attempt);
      }
    }
    unwatch();
  }

  private async follow(): Promise<void> {
    const { recent } = this.log;
    this.progress.begin(this.position, recent.head);
    const cursor = new AllCursor(this.log, this.position + 1, true);
    while (!this.isStopping) {
      this.signal.lower();
      const links = await this.gather(cursor);
      if (links.length > 0)
        await this.store([...links, checkpointEmission(this.checkpoints, this.position)]);
      this.progress.reach(this.position, recent.head, cursor.isAtHead());
      if (cursor.isAtHead()) await this.signal.raised();
    }
  }

  /** The links that the next events call for. */
  private async gather(cursor: Cursor): Promise<Emission[]> {
    const links: Emission[] = [];
    while (links.length < LINKS_MAX) {
      const range = cursor.nextRecent();
      if (!range) break;
      this.add(range, links);
    }
    if (links.length === 0 && !cursor.isAtHead()) this.add(await cursor.nextPage(), links);
    return links;
  }

  private add({ block, from, to }: BlockRange, links: Emission[]): void {
    const rule = linkRules[this.index];
    for (let i = from; i < to; i++) {
      const link = rule({
        stream: block.streams[i]!,
        type: block.types[i]!,
        revision: block.revisions[i]!,
        data: () => dataOf(recordIn(block.bytes, block.starts[i]!, block.starts[i + 1]!)!),
      });
      if (link) links.push(linkEmission(link, block.positions[i]!));
    }
    if (to > from) this.position = block.positions[to - 1]!;
  }

  private async readCheckpoint(): Promise<number> {
    const block = await this.log.pages.read({
      stream: this.checkpoints,
      from: Number.MAX_SAFE_INTEGER,
      backwards: true,
      rowsMax: 1,
      head: this.log.recent.head,
      named: false,
    });
    if (blockLength(block) > 0)
      return checkpointPosition(metadataOf(recordIn(block.bytes, 0, block.starts[1]!)!));
    await this.keepLastCheckpointOnly();
    return 0;
  }

  /** Checkpoints are many and only the last is ever read: scavenging may take the others. */
  private async keepLastCheckpointOnly(): Promise<void> {
    const stream = metastreamOf(this.checkpoints);
    const { event, streamBytes } = ownEmission(stream, {
      type: METADATA_EVENT_TYPE,
      isJson: true,
      data: '{"$maxCount":1}',
      metadata: '',
    });
    await this.submit({
      kind: 'append',
      stream,
      streamBytes,
      expected: 'no_stream',
      events: [event],
      bytes: chargedBytes(event),
    });
  }

  private async store(emissions: readonly Emission[]): Promise<void> {
    const result = await this.submit({
      kind: 'emit',
      stream: this.checkpoints,
      streamBytes: Buffer.from(this.checkpoints),
      expected: 'any',
      events: [],
      emissions,
      bytes: emissions.reduce((sum, { event }) => sum + chargedBytes(event), 0),
    });
    if (result.kind === 'stored') return;
    throw new Error('reason' in result ? result.reason : `the links were answered ${result.kind}`);
  }

  private submit(request: Omit<WriteRequest, 'deadline' | 'answer'>): Promise<AppendResult> {
    return new Promise((resolve) =>
      this.log.submit({ ...request, deadline: Infinity, answer: resolve }),
    );
  }
}
