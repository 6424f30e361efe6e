/**
 * What may be asked of the log's writer and what it may answer; shared by the services that decode requests and the
 * writer that decides them.
 */

/** What the writer of an append believes the stream to be at; a number is the revision of its last event. */
export type ExpectedRevision = 'any' | 'no_stream' | 'stream_exists' | number;

/**
 * One event as it came off the wire. Type, data and metadata are ranges of `source`, so that decoding copies nothing
 * and storing copies once.
 */
export interface ProposedEvent {
  readonly id: Buffer;
  readonly type: string;
  readonly isJson: boolean;
  readonly source: Buffer;
  readonly typeStart: number;
  readonly typeEnd: number;
  readonly dataStart: number;
  readonly dataEnd: number;
  readonly metadataStart: number;
  readonly metadataEnd: number;
}

export type AppendResult =
  /** Stored now or, for a repeated append, before. The position is that of the last event; none for no events. */
  | { kind: 'stored'; revision: number; position: number | undefined }
  /** `current` is the revision of the last event, -1 when there is no stream. */
  | { kind: 'wrongRevision'; expected: ExpectedRevision; current: number }
  | { kind: 'streamDeleted' }
  /** Whoever asks may not. */
  | { kind: 'accessDenied' }
  /** Its deadline passed before it was known to be stored: repeat it with the same ids. */
  | { kind: 'timedOut' }
  /** Not stored, and nothing will be: the node is stopping. */
  | { kind: 'unavailable'; reason: string }
  /** Not stored, as the reason says: no room on the disk, or the database refuses this very append. */
  | { kind: 'failed'; reason: string };

/** An event for a stream of its own. */
export interface Emission {
  readonly stream: string;
  /** The UTF-8 of `stream`. */
  readonly streamBytes: Buffer;
  readonly event: ProposedEvent;
}

/**
 * `append` writes events; `delete` hides a stream until it is written to again; `tombstone` closes it for ever; `emit`
 * is the node's own and writes to many streams at once, whatever they are at, passing over tombstoned ones.
 */
export interface WriteRequest {
  readonly kind: 'append' | 'delete' | 'tombstone' | 'emit';
  readonly stream: string;
  /** The UTF-8 of `stream`. */
  readonly streamBytes: Buffer;
  readonly expected: ExpectedRevision;
  readonly events: readonly ProposedEvent[];
  /** What is to be emitted, of an `emit` alone. */
  readonly emissions?: readonly Emission[];
  /** Size of the events as they are charged against the append limit, bytes. */
  readonly bytes: number;
  /** Epoch milliseconds after which the request is refused unwritten. */
  readonly deadline: number;
  answer(result: AppendResult): void;
}

/** Most bytes of events in one append: EventStoreDB's default. */
export const APPEND_BYTES_MAX = 1024 * 1024;

/** Bytes one event is charged against the limit of an append; its type counts as UTF-16, as in EventStoreDB. */
export const chargedBytes = (event: ProposedEvent): number =>
  event.dataEnd -
  event.dataStart +
  (event.metadataEnd - event.metadataStart) +
  2 * event.type.length;

/** Revision a tombstone is stored under: above any real one, and exact as a JavaScript number. */
export const TOMBSTONE_REVISION = Number.MAX_SAFE_INTEGER;
export const METADATA_EVENT_TYPE = '$metadata';
export const TOMBSTONE_EVENT_TYPE = '$streamDeleted';

export const isMetastream = (stream: string): boolean => stream.startsWith('$$');
export const metastreamOf = (stream: string): string => `$$${stream}`;
