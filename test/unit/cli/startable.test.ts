import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { assertLogFile, assertStartable } from '../../../cli/startable.js';
import { startFaultOf } from '../../../cli/startFault.js';
import { ConfigError } from '../../../platform/config.js';

describe('what a start needs of this machine', () => {
  let folder: string;
  const wanted = (dataDir: string, port = 0) => ({
    ...{ dataDir, host: '127.0.0.1', port, postgresUrl: '' },
  });
  const refusal = async (asked: ReturnType<typeof wanted>) => {
    try {
      await assertStartable(asked);
    } catch (error) {
      return { code: (error as { code: string }).code, ...startFaultOf(error, asked) };
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
      expect(stranger.reason).to.equal(`port ${port} of 127.0.0.1 is taken already`);
      expect(stranger.code).to.equal('EADDRINUSE');
      expect(stranger.advice).to.match(/^Choose another port with --port N/);
      writeFileSync(join(folder, 'ready.json'), JSON.stringify({ url, pid: process.pid }));
      expect((await refusal(wanted(folder, port))).advice).to.include(`open ${url}/docs`);
    } finally {
      server.close();
    }
  });

  it('is a log file that can be appended to', () => {
    assertLogFile('');
    assertLogFile(join(folder, 'logs', 'kopilka.log'));
    expect(() => assertLogFile(folder)).to.throw(ConfigError, '--log-file: ');
  });
});

describe('what a start failed at', () => {
  const wanted = { dataDir: './data', host: 'shop.test', port: 80, postgresUrl: 'postgres://db' };
  const fault = (error: object, more: object = {}) =>
    startFaultOf(Object.assign(new Error('as it is'), error), { ...wanted, ...more });

  for (const [error, reason, advice] of [
    [{ code: 'EACCES', syscall: 'listen' }, 'you may not listen on port 80', 'above 1023'],
    [{ code: 'ENOTFOUND', hostname: 'shop.test' }, 'shop.test is no address', '--host'],
    [{ code: 'ENOTFOUND', hostname: 'db' }, 'PostgreSQL does not answer', 'KOPILKA_POSTGRES_URL'],
    [{ code: 'ECONNREFUSED' }, 'PostgreSQL does not answer (ECONNREFUSED)', 'Start the server'],
    [{ code: '28P01' }, 'PostgreSQL refuses the connection: as it is', 'KOPILKA_POSTGRES_URL'],
    [{ code: 'EACCES', path: '/srv/x' }, '/srv/x cannot be written to', '--data DIR'],
    [{ code: 'ENOENT', path: '/proc/x' }, '/proc/x cannot be made', '--data DIR'],
    [{ code: 'ENOSPC' }, 'no room is left', 'Make room'],
  ] as const) {
    it(`is told in words: ${JSON.stringify(error)}`, () => {
      const told = fault(error);
      expect(told?.reason).to.include(reason);
      expect(told?.advice).to.include(advice);
    });
  }

  it('is told with every setting that is wrong', () => {
    const { reason } = startFaultOf(new ConfigError(['A: wrong', 'B: wrong']), wanted) ?? {};
    expect(reason).to.equal('A: wrong; B: wrong');
  });

  it('keeps its stack where nobody but a programmer can mend it', () => {
    for (const error of [new TypeError('x'), 'text', null, undefined]) {
      expect(startFaultOf(error, wanted)).to.equal(null);
    }
    expect(fault({ code: 'ECONNREFUSED' }, { postgresUrl: '' })).to.equal(null);
    expect(fault({ code: 'ENOENT' })).to.equal(null);
  });
});
