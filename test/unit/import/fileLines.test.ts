import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { openLines } from '../../../cli/import/fileLines.js';

describe('the lines of a file', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'kopilka-lines-'))));
  after(() => rm(folder, { recursive: true }));

  const linesOf = async (content: Buffer): Promise<string[]> => {
    const path = join(folder, 'file');
    await writeFile(path, content);
    const all: string[] = [];
    for await (const batch of (await openLines(path)).batches()) all.push(...batch);
    return all;
  };

  it('are the same plain and gzipped, whatever the name says', async () => {
    const text = Buffer.from('ein\r\nzwei £\n\nvier');
    const expected = ['ein', 'zwei £', '', 'vier'];
    expect(await linesOf(text)).to.deep.equal(expected);
    expect(await linesOf(gzipSync(text))).to.deep.equal(expected);
  });

  it('survive being cut anywhere in a large file', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `line £ ${i}`);
    expect(await linesOf(Buffer.from(`${lines.join('\n')}\n`))).to.deep.equal(lines);
  });

  it('fail with the archive that holds them', async () => {
    const broken = gzipSync(Buffer.from('abc\n'.repeat(10_000))).subarray(0, 60);
    const error = await linesOf(broken).catch((failure: unknown) => failure);
    expect(error).to.be.an('error');
  });
});
