/**
 * Feeds a group from its source, only as fast as the group has room: events come from a cursor, those that a filter
 * refuses are passed over, and links are resolved if the group wants that.
 *
 * Besides what the group holds, this holds at most the block of the log that it is in the middle of.
 */
import { blockLength, blockBytes } from '../log/block.js';
import type { EventLog } from '../log/eventLog.js';
import { AllCursor, type BlockRange, type Cursor, StreamCursor } from '../read/cursor.js';
import { compileFilter, type EventFilter } from '../read/filter.js';
import type { LinkResolver } from '../read/links.js';
import { frameEnd } from '../wire/linkFrames.js';
import { type DeliverableEvent, deliverableEvent } from '../wire/persistentEvents.js';
import { ALL, type GroupDefinition, isStateStream } from './definition.js';
import type { Group } from './group.js';

/** The events of framed answers. */
const eventsIn = (frames: Buffer): DeliverableEvent[] => {
  const events: DeliverableEvent[] = [];
  for (let start = 0; start < frames.length;) {
    const end = frameEnd(frames, start);
    events.push(deliverableEvent(frames, start, end));
    start = end;
  }
  return events;
};

/** The events of framed answers with their links resolved. */
export const resolvedEventsIn = async (
  frames: Buffer,
  links: LinkResolver,
): Promise<DeliverableEvent[]> => {
  const events: DeliverableEvent[] = [];
  await links.resolve(frames, async (resolved) => void events.push(...eventsIn(resolved)));
  return events;
};

export class Source {
  private readonly cursor: Cursor;
  private readonly filter: EventFilter | undefined;
  private readonly isAll: boolean;
  private pending: BlockRange | undefined;

  constructor(
    log: EventLog,
    /** Undefined when links are to be delivered as they are. */
    private readonly links: LinkResolver | undefined,
    { source, filter }: GroupDefinition,
    next: number,
  ) {
    this.isAll = source === ALL;
    this.cursor = this.isAll ? new AllCursor(log, next, true) : new StreamCursor(log, source, next);
    this.filter = filter && compileFilter(filter);
  }

  watch(wake: () => void): () => void {
    return this.cursor.watch(wake);
  }

  /** Gives the group the next events it has room for. False when there are no more for now. */
  async fill(group: Group): Promise<boolean> {
    const range = await this.nextRange(group);
    if (!range) return false;
    await this.take(range, group);
    return true;
  }

  private async nextRange(group: Group): Promise<BlockRange | undefined> {
    const known = this.pending ?? this.cursor.nextRecent();
    if (known) return known;
    group.isLive = this.cursor.isAtHead() || this.cursor.isClosed;
    return group.isLive ? undefined : this.cursor.nextPage();
  }

  private async take(range: BlockRange, group: Group): Promise<void> {
    const { block, to } = range;
    const places = this.isAll ? block.positions : block.revisions;
    const frames: Buffer[] = [];
    const considered: { place: number; isWanted: boolean; counts: boolean }[] = [];
    let at = range.from;
    for (let room = group.room; at < to && room > 0; at++) {
      const counts = !this.isAll || !isStateStream(block.streams[at]!);
      const isWanted =
        counts && (!this.filter || this.filter(block.streams[at]!, block.types[at]!));
      considered.push({ place: places[at]!, isWanted, counts });
      if (!isWanted) continue;
      frames.push(blockBytes(block, at, at + 1));
      room--;
    }
    const bytes = Buffer.concat(frames);
    const events = this.links ? await resolvedEventsIn(bytes, this.links) : eventsIn(bytes);
    let next = 0;
    for (const { place, isWanted, counts } of considered) {
      if (isWanted) group.offer({ ...events[next++]!, place });
      else group.passOver(place, counts);
    }
    this.pending = at < blockLength(block) && at < to ? { block, from: at, to } : undefined;
  }
}
