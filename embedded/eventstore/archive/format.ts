/**
 * The archive of a log: NDJSON, one header, one line per event in order of position, a mark after every chunk, an end.
 *
 * A mark carries the SHA-256 of every byte before its own line, so a file that was altered, shortened or put together
 * from two is known by the first mark that does not fit. The text depends on nothing but the events: the same log
 * gives the same file, byte for byte, whenever and wherever it is written.
 */
export const ARCHIVE_FORMAT = 'event log';
export const ARCHIVE_VERSION = 1;

/** A chunk ends with the event that brings it to either. */
export const CHUNK_EVENTS_MAX = 1000;
export const CHUNK_BYTES_MAX = 1024 * 1024;

/** How a line begins says what it is, so that checking a file parses only its marks. */
export const HEADER_START = '{"kopilka":';
export const EVENT_START = '{"position":';
export const MARK_START = '{"chunk":';
export const END_START = '{"end":';

/** An event that others are tied to. */
export interface EventKey {
  readonly position: number;
  /** UUID in lower case. */
  readonly id: string;
}

export interface ArchiveHeader {
  readonly kopilka: typeof ARCHIVE_FORMAT;
  readonly version: number;
  /** Kind of the server it was read from. */
  readonly source: string;
  /** The event that this archive goes on after; null when it begins at the beginning of the log. */
  readonly after: EventKey | null;
  /** The last event it reaches to. */
  readonly last: EventKey;
  /** As counted before writing, for progress; null when the server does not count. */
  readonly events: number | null;
  readonly streams: number | null;
}

export interface ChunkMark {
  /** Counts from 1. */
  readonly chunk: number;
  readonly events: number;
  readonly lastPosition: number;
  /** Of every byte before this line, hexadecimal. */
  readonly sha256: string;
}

export interface EndMark {
  readonly end: true;
  readonly chunks: number;
  readonly events: number;
  readonly lastPosition: number;
  readonly sha256: string;
}

/** The file is not what was written: `line` is where it was noticed, counted from 1. */
export class ArchiveFault extends Error {
  override readonly name = 'ArchiveFault';
  constructor(
    readonly line: number,
    reason: string,
  ) {
    super(`line ${line}: ${reason}`);
  }
}
