/**
 * A text file as lines, streamed: plain or gzipped (told by its first bytes, not by its name).
 *
 * Lines come in batches, one per chunk that was read, which is many times faster than one at a time. `consumed` is how far into
 * the file as it lies on disk the reader is: what a progress bar can show without knowing the number of lines.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';

/** A line longer than this is no line of such a file; the import stops rather than fill the memory. */
export const lineBytesMax = 1_000_000;

export interface FileLines {
  readonly size: number;
  readonly consumed: () => number;
  readonly batches: () => AsyncGenerator<readonly string[]>;
}

const isGzip = (start: Buffer): boolean => start[0] === 0x1f && start[1] === 0x8b;

export const openLines = async (path: string): Promise<FileLines> => {
  const handle = await open(path, 'r');
  const start = Buffer.alloc(2);
  await handle.read(start, 0, 2, 0);
  const { size } = await handle.stat();
  await handle.close();

  let consumed = 0;
  async function* batches(): AsyncGenerator<readonly string[]> {
    const source = createReadStream(path, { highWaterMark: stepOf(size) });
    source.on('data', (chunk) => (consumed += chunk.length));
    // A broken archive ends the loop below with its error.
    const gunzip = isGzip(start) ? createGunzip() : null;
    if (gunzip) {
      source.on('error', (error) => gunzip.destroy(error));
      source.pipe(gunzip);
    }
    const decoder = new StringDecoder('utf8');
    let rest = '';
    try {
      for await (const chunk of gunzip ?? source) {
        const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
        rest = lines.pop() ?? '';
        if (rest.length > lineBytesMax) throw new Error(`${path} has a line of over 1 MB`);
        if (lines.length > 0) yield lines.map(withoutReturn);
      }
      rest += decoder.end();
      if (rest !== '') yield [withoutReturn(rest)];
    } finally {
      source.destroy();
      gunzip?.destroy();
    }
  }
  return { size, consumed: () => consumed, batches };
};

/** Small steps make an even progress bar; more than 200 of them, none will see. */
const stepOf = (size: number): number => Math.min(65_536, Math.max(1_024, Math.ceil(size / 200)));

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);
