import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { adviceOnStart, assertStartable } from '../../../cli/startable.js';

describe('what a start needs of this machine', () => {
  let folder: string;
  const wanted = (dataDir: string, port = 0) => ({ dataDir, host: '127.0.0.1', port });
  const refusal = async (asked: ReturnType<typeof wanted>) => {
    try {
      await assertStartable(asked);
    } catch (error) {
      return { ...(error as { code: string }), advice: adviceOnStart(error, asked) };
    }
    throw new Error('it would start');
  };

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'kopilka-startable-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is a folder that is there, or can be made', async () => {
    await assertStartable(wanted(folder));
    await assertStartable(wanted(join(folder, 'a', 'b')));
  });

  it('is no file, nor a folder within one', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    for (const dataDir of [file, join(file, 'data')]) {
      const { code, advice } = await refusal(wanted(dataDir));
      expect(code).to.equal('ENOTDIR');
      expect(advice).to.include('--data DIR');
    }
  });

  it('ends where the system makes no folders', async () => {
    if (process.platform === 'linux') {
      expect((await refusal(wanted('/proc/nothing/here'))).advice).to.include('--data DIR');
    }
  });

  it('is a free port, and names the Kopilka that holds it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    try {
      const stranger = await refusal(wanted(folder, port));
      expect(stranger.code).to.equal('EADDRINUSE');
      expect(stranger.advice).to.match(/^Choose another port with --port N/);
      writeFileSync(join(folder, 'ready.json'), JSON.stringify({ url, pid: process.pid }));
      expect((await refusal(wanted(folder, port))).advice).to.include(`open ${url}/docs`);
    } finally {
      server.close();
    }
  });
});
