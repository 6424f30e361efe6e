/**
 * Takes an archive's text apart as it comes in, and lets nothing through that no mark has vouched for.
 *
 * Invariant: chunks come out whole, in order, and only after the SHA-256 on their mark was found right. What stands
 * after the last good mark (`state`, `markedBytes`) may be thrown away and written again.
 */
import { createHash, type Hash } from 'node:crypto';
import type { ArchiveState } from './composer.js';
import {
  ARCHIVE_FORMAT,
  ARCHIVE_VERSION,
  ArchiveFault,
  type ArchiveHeader,
  CHUNK_BYTES_MAX,
  CHUNK_EVENTS_MAX,
  type ChunkMark,
  END_START,
  type EndMark,
  EVENT_START,
  HEADER_START,
  MARK_START,
} from './format.js';

export interface ArchiveChunk {
  /** Lines of events, without their ends. */
  readonly lines: readonly Buffer[];
  /** Number of the first of them in the file, from 1. */
  readonly firstLine: number;
  readonly mark: ChunkMark;
}

/** An append holds a megabyte here, sixteen where EventStoreDB was set so; base64 adds a third. */
const LINE_BYTES_MAX = 32 * 1024 * 1024;
const NEWLINE = 0x0a;

const beginsWith = (line: Buffer, start: string): boolean =>
  line.length >= start.length && line.toString('latin1', 0, start.length) === start;

export class ArchiveScanner {
  header: ArchiveHeader | undefined;
  end: EndMark | undefined;
  /** After the last good mark; the header counts as one. */
  state: ArchiveState | undefined;
  /** Bytes of text up to there. */
  markedBytes = 0;
  /** Bytes of text in whole lines. */
  bytes = 0;
  /** Whole lines so far. */
  line = 0;
  private readonly hash: Hash = createHash('sha256');
  private chunks = 0;
  private events = 0;
  private rest: Buffer = Buffer.alloc(0);
  private lines: Buffer[] = [];
  private chunkBytes = 0;
  private found: ArchiveChunk[] = [];

  /** Takes in more text; returns the chunks it completed. @throws ArchiveFault */
  push(bytes: Buffer): readonly ArchiveChunk[] {
    const text = this.rest.length > 0 ? Buffer.concat([this.rest, bytes]) : bytes;
    let start = 0;
    for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, start)) {
      this.takeLine(text.subarray(start, at + 1));
      start = at + 1;
    }
    this.rest = text.subarray(start);
    if (this.rest.length > LINE_BYTES_MAX) this.fault('longer than any event', 1);
    const { found } = this;
    this.found = [];
    return found;
  }

  /** To be called when there is no more text. @throws ArchiveFault when the end is missing. */
  finish(): EndMark {
    if (!this.end) {
      const seen = this.line === 0 ? 'it holds no line' : `the file ends after ${this.line} lines`;
      this.fault(`${seen}, without the line that ends an archive: it was cut off`, 1);
    }
    if (this.rest.length > 0) this.fault('there is more after the end', 1);
    return this.end!;
  }

  private takeLine(line: Buffer): void {
    if (this.end) this.fault('there is more after the end', 1);
    this.line++;
    this.bytes += line.length;
    if (this.header === undefined) this.takeHeader(line);
    else if (beginsWith(line, EVENT_START)) this.takeEvent(line);
    else if (beginsWith(line, MARK_START)) this.takeMark(line);
    else if (beginsWith(line, END_START)) this.takeEnd(line);
    else this.fault('neither an event nor a mark');
  }

  private takeHeader(line: Buffer): void {
    const isHeader = beginsWith(line, HEADER_START);
    const header = isHeader ? (this.parse(line) as ArchiveHeader) : undefined;
    if (header?.kopilka !== ARCHIVE_FORMAT) this.fault('this is not an archive of a log');
    if (header!.version !== ARCHIVE_VERSION) {
      this.fault(
        `an archive of version ${header!.version}, this software knows ${ARCHIVE_VERSION}`,
      );
    }
    this.header = header;
    this.hash.update(line);
    this.marked(header!.after?.position ?? 0);
  }

  private takeEvent(line: Buffer): void {
    this.lines.push(line.subarray(0, -1));
    this.chunkBytes += line.length;
    const isTooLong =
      this.lines.length > CHUNK_EVENTS_MAX || this.chunkBytes > CHUNK_BYTES_MAX + LINE_BYTES_MAX;
    if (isTooLong) this.fault('a mark is missing before this line');
    this.hash.update(line);
  }

  private takeMark(line: Buffer): void {
    const mark = this.parse(line) as ChunkMark;
    const firstLine = this.line - this.lines.length;
    this.verify(mark.sha256, firstLine);
    if (mark.chunk !== this.chunks + 1 || mark.events !== this.lines.length) {
      this.fault('the mark does not count the lines before it');
    }
    this.hash.update(line);
    this.chunks++;
    this.events += this.lines.length;
    this.found.push({ lines: this.lines, firstLine, mark });
    this.lines = [];
    this.chunkBytes = 0;
    this.marked(mark.lastPosition);
  }

  private takeEnd(line: Buffer): void {
    const end = this.parse(line) as EndMark;
    this.verify(end.sha256, this.line - this.lines.length);
    if (this.lines.length > 0) this.fault('a mark is missing before the end');
    if (end.events !== this.events || end.chunks !== this.chunks) {
      this.fault('the end does not count the lines before it');
    }
    // No checksum comes after it: it has to be what a composer writes, to the byte.
    const { chunks, events } = this;
    const lastPosition = this.state!.lastPosition;
    const written: EndMark = { end: true, chunks, events, lastPosition, sha256: end.sha256 };
    if (line.toString('utf8') !== `${JSON.stringify(written)}\n`) {
      this.fault('the end is not as it was written');
    }
    this.end = end;
  }

  private marked(lastPosition: number): void {
    const { chunks, events } = this;
    this.state = { hash: this.hash.copy(), chunks, events, lastPosition };
    this.markedBytes = this.bytes;
  }

  private verify(sha256: string, firstLine: number): void {
    if (this.hash.copy().digest('hex') === sha256) return;
    this.fault(
      `the checksum here does not fit lines ${Math.max(1, firstLine - 1)} to ${this.line}`,
    );
  }

  private parse(line: Buffer): unknown {
    try {
      return JSON.parse(line.toString('utf8')) as unknown;
    } catch {
      return this.fault('this is not JSON');
    }
  }

  private fault(reason: string, linesAhead = 0): never {
    throw new ArchiveFault(this.line + linesAhead, reason);
  }
}
