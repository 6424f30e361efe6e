/**
 * Resolves links in what is about to be sent: each link gets the event it points to put beside it, or stands alone
 * when that event is gone, was never there, or is hidden by its stream's metadata. One level only, as EventStoreDB
 * does: a link to a link gives the link.
 *
 * Invariant: frames leave in the order they came in, and no more than one page of targets is in memory at a time.
 * Targets come from the end of the log in memory where the link says that they stand
 * there, and others are kept for a while, since all who follow a category ask for the same ones.
 */
import { LRUCache } from 'lru-cache';
import { indexFrom } from '../log/block.js';
import type { EventLog } from '../log/eventLog.js';
import type { Head } from '../log/heads.js';
import { firstVisibleRevision } from '../log/streamMetadata.js';
import { TARGET_BYTES_MAX } from '../log/targets.js';
import { ByteBuffer } from '../wire/bytes.js';
import {
  frameEnd,
  linkFrame,
  linkIn,
  type LinkTarget,
  parseLink,
  positionHint,
  recordIn,
} from '../wire/linkFrames.js';
import { writeRecordedEvent } from '../wire/recordedEvent.js';

/** An event that links point to: its RecordedEvent, and when it was stored, epoch ms. */
interface Target {
  readonly record: Buffer;
  readonly createdMs: number;
}

/** A frame that holds a link, by where it stands in the bytes to send. */
interface FoundLink {
  readonly start: number;
  readonly end: number;
  readonly target: LinkTarget | 'nothing';
  /** Where the link says that its target stands in the log. */
  readonly hint: number | undefined;
}

const LOOKED_UP_MAX = 512;
const CACHE_BYTES_MAX = 16 * 1024 * 1024;
const CACHED_EVENT_BYTES_MAX = 64 * 1024;

const keyOf = ({ stream, revision }: LinkTarget): string => `${revision}@${stream}`;

export class LinkResolver {
  private readonly cache = new LRUCache<string, Target>({
    maxSize: CACHE_BYTES_MAX,
    maxEntrySize: CACHED_EVENT_BYTES_MAX,
    sizeCalculation: ({ record }) => record.length + 100,
  });

  constructor(private readonly log: EventLog) {}

  /** Hands `frames` to `write` with the links among them resolved, in pieces of whole frames. */
  async resolve(frames: Buffer, write: (frames: Buffer) => Promise<void>): Promise<void> {
    const links = findLinks(frames);
    let sent = 0;
    for (let first = 0; first < links.length;) {
      const window = links.slice(first, first + LOOKED_UP_MAX);
      const { visible, count } = await this.lookUp(window);
      const pieces: Buffer[] = [];
      for (const { start, end, target } of window.slice(0, count)) {
        pieces.push(frames.subarray(sent, start));
        const event = target === 'nothing' ? undefined : visible.get(keyOf(target));
        pieces.push(linkFrame(frames, start, end, event));
        sent = end;
      }
      await write(Buffer.concat(pieces));
      first += count;
    }
    if (sent < frames.length) await write(frames.subarray(sent));
  }

  /** Records of the targets that may be seen; of the first `count` of the list, which is at least one. */
  private async lookUp(
    wanted: readonly FoundLink[],
  ): Promise<{ visible: ReadonlyMap<string, Buffer>; count: number }> {
    const targets = wanted.map(({ target }) => target).filter((target) => target !== 'nothing');
    const heads = await this.log.headsOf(targets.map(({ stream }) => stream));
    const now = Date.now();
    const found = new Map<string, Target>();
    const asked: { target: LinkTarget; place: number }[] = [];
    wanted.forEach(({ target, hint }, place) => {
      if (target === 'nothing' || !mayBeSeen(target.revision, heads.get(target.stream)!)) return;
      const isTimeless = heads.get(target.stream)!.metadata?.maxAgeS === undefined;
      const recent = isTimeless && hint !== undefined && this.recent(target, hint);
      if (recent) return void found.set(keyOf(target), { record: recent, createdMs: Infinity });
      const cached = this.cache.get(keyOf(target));
      if (cached) found.set(keyOf(target), cached);
      else asked.push({ target, place });
    });
    const read = asked.length > 0 ? await this.read(asked, found) : wanted.length;
    const visible = new Map<string, Buffer>();
    for (const target of targets) {
      const event = found.get(keyOf(target));
      if (event && isYoungEnough(event.createdMs, heads.get(target.stream)!, now))
        visible.set(keyOf(target), event.record);
    }
    return { visible, count: read < asked.length ? asked[read]!.place : wanted.length };
  }

  /** The event from memory, if it is that of the hint. Not to be kept: it would keep its whole block. */
  private recent({ stream, revision }: LinkTarget, hint: number): Buffer | undefined {
    const block = this.log.recent.blockAt(hint);
    if (!block) return undefined;
    const i = indexFrom(block, hint);
    if (block.streams[i] !== stream || block.revisions[i] !== revision) return undefined;
    return recordIn(block.bytes, block.starts[i]!, block.starts[i + 1]!);
  }

  /** Reads events into `found`; returns how many of the list are answered for, found or not. */
  private async read(
    asked: readonly { target: LinkTarget }[],
    found: Map<string, Target>,
  ): Promise<number> {
    const targets = asked.map(({ target }) => target);
    const out = new ByteBuffer(4096);
    let bytes = 0;
    let last = -1;
    await this.log.pages.targets(targets, this.log.recent.head, (event, index) => {
      bytes += event.dataEnd - event.dataStart + (event.metadataEnd - event.metadataStart);
      last = index;
      writeRecordedEvent(out, event);
      const framed = out.take();
      const target = {
        record: recordIn(framed, 0, framed.length)!,
        createdMs: event.createdMs,
      };
      found.set(keyOf(targets[index]!), target);
      this.cache.set(keyOf(targets[index]!), target);
    });
    return bytes < TARGET_BYTES_MAX ? targets.length : last + 1;
  }
}

const findLinks = (frames: Buffer): FoundLink[] => {
  const links: FoundLink[] = [];
  for (let start = 0; start < frames.length;) {
    const end = frameEnd(frames, start);
    const record = recordIn(frames, start, end);
    const link = record && linkIn(record);
    const target = link && parseLink(link.data);
    if (target) links.push({ start, end, target, hint: positionHint(link.metadata) });
    start = end;
  }
  return links;
};

const mayBeSeen = (revision: number, head: Head): boolean =>
  !head.isTombstoned &&
  !head.metadata?.isDeleted &&
  revision >= firstVisibleRevision(head.revision, head.metadata);

const isYoungEnough = (createdMs: number, { metadata }: Head, now: number): boolean =>
  metadata?.maxAgeS === undefined || createdMs >= now - metadata.maxAgeS * 1000;
