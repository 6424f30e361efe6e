/**
 * What groups keep on disk, as events of the log itself, the way a real server does it: one stream for all
 * definitions, and for each group one for its checkpoint and one for links to its parked messages. So they are
 * durable with everything else, travel with an export, and are written by the one writer that holds the log's lock.
 */
import { randomFillSync } from 'node:crypto';
import type { AppendResult, ProposedEvent, WriteRequest } from '../log/append.js';
import { METADATA_EVENT_TYPE, metastreamOf } from '../log/append.js';
import { blockLength } from '../log/block.js';
import type { EventLog } from '../log/eventLog.js';
import type { Head } from '../log/heads.js';
import { firstVisibleRevision, withTruncateBefore } from '../log/streamMetadata.js';
import { dataOf, LINK_EVENT_TYPE, recordIn } from '../wire/linkFrames.js';
import { checkpointStream, CONFIG_STREAM, parkedStream } from './definition.js';

const CONFIG_EVENT_TYPE = '$PersistentConfig';
const CHECKPOINT_EVENT_TYPE = '$SubscriptionCheckpoint';
/** How many definitions and checkpoints a scavenge leaves. */
const KEPT = 2;
const WRITE_DEADLINE_MS = 30_000;

/** The log did not take a write of a group's state: try again. */
export class StateNotWritten extends Error {}

/** Which messages of a parked stream are there: revisions from `first` up to before `end`. */
export interface ParkedRange {
  readonly first: number;
  readonly end: number;
}

export class Journal {
  constructor(private readonly log: EventLog) {}

  /** JSON of the definitions as last written, undefined when there are none. */
  readConfig(): Promise<string | undefined> {
    return this.readLast(CONFIG_STREAM);
  }

  async writeConfig(json: string): Promise<void> {
    await this.keepFew(CONFIG_STREAM);
    await this.append(CONFIG_STREAM, [newEvent(CONFIG_EVENT_TYPE, json)]);
  }

  /** The JSON of a group's last checkpoint, undefined when it has none. */
  readCheckpoint(key: string): Promise<string | undefined> {
    return this.readLast(checkpointStream(key));
  }

  async writeCheckpoint(key: string, json: string): Promise<void> {
    const stream = checkpointStream(key);
    await this.keepFew(stream);
    await this.append(stream, [newEvent(CHECKPOINT_EVENT_TYPE, json)]);
  }

  /** Makes the event that parks a message; the same event may be given to `park` again when that failed. */
  parkedLink(link: string, metadata: object): ProposedEvent {
    return newEvent(LINK_EVENT_TYPE, link, JSON.stringify(metadata), false);
  }

  /** Resolves to the revision of the link in the parked stream. */
  park(key: string, link: ProposedEvent): Promise<number> {
    return this.append(parkedStream(key), [link]);
  }

  async parkedRange(key: string): Promise<ParkedRange> {
    const stream = parkedStream(key);
    const { metadata } = await this.log.head(stream);
    // Not of the head: it may be a commit ahead, and who is told of a parked message is to find it.
    const last = await this.log.lastPublished(stream);
    return { first: Math.min(firstVisibleRevision(last, metadata), last + 1), end: last + 1 };
  }

  /** Forgets parked messages below this revision. */
  async truncateParked(key: string, before: number): Promise<void> {
    const stream = parkedStream(key);
    const { metadata } = await this.log.head(stream);
    await this.writeMetadata(stream, withTruncateBefore(metadata, before));
  }

  /** Forgets a group's checkpoint and parked messages. */
  async forget(key: string): Promise<void> {
    for (const stream of [checkpointStream(key), parkedStream(key)]) {
      if (isThere(await this.log.head(stream))) await this.write('delete', stream, []);
    }
  }

  private async readLast(stream: string): Promise<string | undefined> {
    const head = await this.log.head(stream);
    if (!isThere(head)) return undefined;
    const block = await this.log.pages.read({
      stream,
      from: head.revision,
      backwards: true,
      rowsMax: 1,
      head: this.log.recent.head,
      named: false,
    });
    if (blockLength(block) === 0) return undefined;
    return dataOf(recordIn(block.bytes, 0, block.starts[1]!)!).toString('utf8');
  }

  private async keepFew(stream: string): Promise<void> {
    const { metadata } = await this.log.head(stream);
    if (metadata?.maxCount !== undefined) return;
    await this.writeMetadata(stream, JSON.stringify({ ...metadata?.values, $maxCount: KEPT }));
  }

  private writeMetadata(stream: string, json: string): Promise<number> {
    return this.append(metastreamOf(stream), [newEvent(METADATA_EVENT_TYPE, json)]);
  }

  private append(stream: string, events: readonly ProposedEvent[]): Promise<number> {
    return this.write('append', stream, events);
  }

  /** Resolves to the revision written. */
  private write(
    kind: WriteRequest['kind'],
    stream: string,
    events: readonly ProposedEvent[],
  ): Promise<number> {
    return new Promise((resolve, reject) => {
      const answer = (result: AppendResult): void => {
        if (result.kind === 'stored') return resolve(result.revision);
        const reason = 'reason' in result ? result.reason : result.kind;
        reject(new StateNotWritten(`the group's state was not written: ${reason}: try again`));
      };
      this.log.submit({
        kind,
        stream,
        streamBytes: Buffer.from(stream),
        expected: 'any',
        events,
        bytes: events.reduce((sum, { source }) => sum + source.length, 0),
        deadline: Date.now() + WRITE_DEADLINE_MS,
        answer,
      });
    });
  }
}

const isThere = ({ revision, isTombstoned, metadata }: Head): boolean =>
  !isTombstoned && !metadata?.isDeleted && revision >= firstVisibleRevision(revision, metadata);

/** An event of the node's own, with a random id. */
const newEvent = (type: string, data: string, metadata = '', isJson = true): ProposedEvent => {
  const id = randomFillSync(Buffer.alloc(16));
  id[6] = (id[6]! & 0x0f) | 0x40; // a random UUID, version 4
  id[8] = (id[8]! & 0x3f) | 0x80;
  const source = Buffer.from(type + data + metadata);
  const dataStart = Buffer.byteLength(type);
  const dataEnd = dataStart + Buffer.byteLength(data);
  return {
    id,
    type,
    isJson,
    source,
    typeStart: 0,
    typeEnd: dataStart,
    dataStart,
    dataEnd,
    metadataStart: dataEnd,
    metadataEnd: source.length,
  };
};
