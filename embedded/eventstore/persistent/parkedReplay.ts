/** The replay of a group's parked messages as far as it is I/O: reading their links, resolved, and truncating the stream. */
import type { EventLog } from '../log/eventLog.js';
import { blockBytes, blockLength } from '../log/block.js';
import type { Logger } from '../options.js';
import type { LinkResolver } from '../read/links.js';
import { parkedStream } from './definition.js';
import type { Group } from './group.js';
import type { Journal } from './journal.js';
import { resolvedEventsIn } from './source.js';

const BATCH_MAX = 100;

export class ParkedReplay {
  private truncatedTo = 0;
  private isTruncating = false;

  constructor(
    private readonly key: string,
    private readonly group: Group,
    private readonly parts: {
      readonly log: EventLog;
      readonly links: LinkResolver;
      readonly journal: Journal;
      readonly logger: Logger;
    },
  ) {}

  get isGoingOn(): boolean {
    return this.group.replay.stopAt !== undefined;
  }

  /** True when there are parked messages to take up and room for them. */
  get wantsMore(): boolean {
    return this.isGoingOn && this.group.replayRoom > 0;
  }

  /** Messages in the parked stream that are not being replayed. */
  async parkedCount(): Promise<number> {
    const { first, end } = await this.parts.journal.parkedRange(this.key);
    return Math.max(0, end - Math.max(first, this.group.replay.next));
  }

  async begin(stopAt: number | undefined): Promise<void> {
    const { first, end } = await this.parts.journal.parkedRange(this.key);
    this.truncatedTo = Math.max(this.truncatedTo, first);
    const stop = Math.min(stopAt ?? end, end);
    if (stop > Math.max(first, this.group.replay.next)) this.group.replay.begin(first, stop);
  }

  async fill(): Promise<void> {
    const { replay, replayRoom } = this.group;
    if (replay.stopAt === undefined) return;
    const block = await this.parts.log.pages.read({
      stream: parkedStream(this.key),
      from: replay.next,
      backwards: false,
      rowsMax: Math.min(replayRoom, BATCH_MAX, replay.stopAt - replay.next),
      head: this.parts.log.recent.head,
      named: false,
    });
    const length = blockLength(block);
    const events = await resolvedEventsIn(blockBytes(block, 0, length), this.parts.links);
    events.forEach((event, i) => {
      const parkedAt = block.revisions[i]!;
      if (parkedAt < replay.stopAt!) this.group.offerParked({ ...event, place: -1 }, parkedAt);
    });
    if (length === 0 || replay.next >= replay.stopAt) replay.finish();
  }

  /** Removes from the parked stream what has been replayed and is done with; while some are open at ticks only. */
  truncate(isTick: boolean): void {
    const { doneBelow, openCount } = this.group.replay;
    if (this.isTruncating || doneBelow <= this.truncatedTo) return;
    if (openCount > 0 && !isTick) return;
    this.isTruncating = true;
    this.parts.journal
      .truncateParked(this.key, doneBelow)
      .then(() => {
        this.truncatedTo = doneBelow;
      })
      .catch((error: unknown) =>
        this.parts.logger.warn(
          { err: error, group: this.key },
          'replayed messages are still parked: they are removed with the next',
        ),
      )
      .finally(() => {
        this.isTruncating = false;
      });
  }
}
