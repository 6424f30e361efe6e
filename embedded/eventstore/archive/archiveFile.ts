/**
 * Archives on disk. A new one is written as FILE.part and takes its name only when it is whole and flushed, so a file
 * under its own name is never half of one; what a broken-off export left is gone on with after its last good mark.
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import type { ArchiveState } from './composer.js';
import { ArchiveFault, type ArchiveHeader } from './format.js';
import { gunzipMember, gzipMember, MEMBER_HEADER_BYTES, memberLength } from './gzipMembers.js';
import { type ArchiveChunk, ArchiveScanner } from './scanner.js';

const READ_BYTES = 256 * 1024;
const MEMBER_BYTES_MAX = 256 * 1024 * 1024;

const startsAsGzip = async (path: string): Promise<{ gzipped: boolean; size: number }> => {
  const handle = await open(path, 'r');
  try {
    const start = Buffer.alloc(2);
    await handle.read(start, 0, 2, 0);
    return {
      gzipped: start[0] === 0x1f && start[1] === 0x8b,
      size: (await handle.stat()).size,
    };
  } finally {
    await handle.close();
  }
};

export interface ReadChunk extends ArchiveChunk {
  readonly header: ArchiveHeader;
  /** How much of the file on disk has been read, from 0 to 1. */
  readonly share: number;
}

/**
 * The chunks of a whole archive, each verified; plain or gzipped, told by its first bytes.
 * @throws ArchiveFault naming the line where it is not what was written
 */
export async function* readArchive(path: string): AsyncGenerator<ReadChunk, ArchiveHeader> {
  const { gzipped, size } = await startsAsGzip(path);
  const scanner = new ArchiveScanner();
  const source = createReadStream(path, { highWaterMark: READ_BYTES });
  let consumed = 0;
  source.on('data', (bytes) => (consumed += bytes.length));
  const gunzip = gzipped ? createGunzip({ chunkSize: READ_BYTES }) : null;
  if (gunzip) {
    source.on('error', (error) => gunzip.destroy(error));
    source.pipe(gunzip);
  }
  try {
    for await (const bytes of (gunzip ?? source) as AsyncIterable<Buffer>) {
      for (const chunk of scanner.push(bytes)) {
        yield { ...chunk, header: scanner.header!, share: size > 0 ? consumed / size : 1 };
      }
    }
  } catch (error) {
    throw gzipFault(error, scanner.line);
  } finally {
    source.destroy();
    gunzip?.destroy();
  }
  scanner.finish();
  return scanner.header!;
}

const gzipFault = (error: unknown, line: number): unknown => {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!code?.startsWith('Z_')) return error;
  return new ArchiveFault(
    line + 1,
    code === 'Z_BUF_ERROR'
      ? 'the compressed file ends here: it was cut off'
      : `the compressed bytes are damaged from here on (${message})`,
  );
};

export interface OpenedPart {
  /** What is kept of an earlier export; undefined when there is nothing to go on with. */
  readonly resumed: { readonly header: ArchiveHeader; readonly state: ArchiveState } | undefined;
  /** Appends blocks of text. */
  write(text: Buffer): Promise<void>;
  /** Flushes, and gives the file its name. */
  finish(): Promise<void>;
  /** Leaves the part to be gone on with. */
  close(): Promise<void>;
}

export const partOf = (path: string): string => `${path}.part`;

/** Opens FILE.part: anew, or after the last good mark of what lies there. The file is readable by its owner alone. */
export const openPart = async (
  path: string,
  { gzipped, resume }: { readonly gzipped: boolean; readonly resume: boolean },
): Promise<OpenedPart> => {
  const part = partOf(path);
  if (!resume) await rm(part, { force: true });
  const handle = await open(part, resume ? 'a+' : 'ax+', 0o600);
  try {
    const kept = resume ? await (gzipped ? goodMembers(handle) : goodText(handle)) : undefined;
    await handle.truncate(kept?.length ?? 0);
    return {
      resumed: kept?.header && kept.state ? { header: kept.header, state: kept.state } : undefined,
      write: async (text) => {
        await handle.appendFile(gzipped ? await gzipMember(text) : text);
      },
      finish: async () => {
        await handle.sync();
        await handle.close();
        await rename(part, path);
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
};

/** What of a part is good: `length` bytes, up to the mark that `state` is after. */
interface Kept {
  readonly header: ArchiveHeader | undefined;
  readonly state: ArchiveState | undefined;
  readonly length: number;
}

const goodText = async (handle: FileHandle): Promise<Kept> => {
  const scanner = new ArchiveScanner();
  const bytes = Buffer.alloc(READ_BYTES);
  for (let at = 0; ;) {
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    try {
      scanner.push(Buffer.from(bytes.subarray(0, bytesRead)));
    } catch (error) {
      if (error instanceof ArchiveFault) break;
      throw error;
    }
  }
  const { header, state, markedBytes: length } = scanner;
  return { header, state, length };
};

const goodMembers = async (handle: FileHandle): Promise<Kept> => {
  const scanner = new ArchiveScanner();
  let kept: Kept = { header: undefined, state: undefined, length: 0 };
  for (;;) {
    const member = await readMember(handle, kept.length);
    if (!member) return kept;
    try {
      scanner.push(await gunzipMember(member));
    } catch {
      return kept; // damaged: it is written again
    }
    if (scanner.end) return kept; // whole but for its name: the last member is made again
    const { header, state } = scanner;
    kept = { header, state, length: kept.length + member.length };
  }
};

const readMember = async (handle: FileHandle, at: number): Promise<Buffer | undefined> => {
  const start = Buffer.alloc(MEMBER_HEADER_BYTES);
  const { bytesRead } = await handle.read(start, 0, start.length, at);
  const length = memberLength(start.subarray(0, bytesRead));
  if (length === undefined || length > MEMBER_BYTES_MAX) return undefined;
  const member = Buffer.alloc(length);
  return (await handle.read(member, 0, length, at)).bytesRead === length ? member : undefined;
};
