/**
 * `kopilka start` as its user meets it: the banner, the line to paste, ready.json, Ctrl-C, the plug pulled, the second start.
 */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type Cleanup, createCleanup } from '../../bench/cleanup.js';
import { isAlive, processTree } from '../../bench/machine/processes.js';
import { type Product, startProduct } from '../../bench/product/product.js';
import { kopilka, startKopilka } from './cli/kopilka.js';

const run = promisify(execFile);
const stopDeadlineMs = 10_000;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const hasCurl = spawnSync('curl', ['--version']).status === 0;

const untilGone = async (pids: readonly number[], deadlineMs: number): Promise<number[]> => {
  const giveUpAt = performance.now() + deadlineMs;
  for (;;) {
    const left = pids.filter((pid) => isAlive(pid));
    if (left.length === 0 || performance.now() > giveUpAt) return left;
    await pause(50);
  }
};

describe('kopilka start', function () {
  this.timeout(120_000);
  const faults: unknown[] = [];
  let cleanup: Cleanup;
  let dataDir: string;
  let product: Product;

  const ready = (): Record<string, string> =>
    JSON.parse(readFileSync(join(dataDir, 'ready.json'), 'utf8')) as Record<string, string>;
  const confirm = async (purchaseId: string): Promise<Record<string, unknown>> => {
    const { url, tillToken, userId } = ready();
    const response = await fetch(`${url}/pos/v1/users/${userId}/purchases/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tillToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ purchaseId, lines: [{ productId: 'tea', quantity: 1, price: 300 }] }),
      signal: AbortSignal.timeout(30_000),
    });
    expect(response.status).to.be.oneOf([200, 201]);
    return (await response.json()) as Record<string, unknown>;
  };

  before(async () => {
    cleanup = createCleanup((error) => faults.push(error));
    dataDir = cleanup.folder('start');
    product = await startProduct({ dataDir, cleanup });
  });
  after(async () => {
    await cleanup.run();
    expect(faults, 'faults of the clean-up').to.deep.equal([]);
  });

  it('keeps the credentials for scripts where only their owner may read them', () => {
    for (const file of ['ready.json', 'credentials.json']) {
      expect(statSync(join(dataDir, file)).mode & 0o777, file).to.equal(0o600);
    }
    expect(ready()).to.include.all.keys('url', 'pid', 'tillToken', 'operator');
  });

  it('keeps the secrets out of the log', () => {
    const log = readFileSync(product.logFile, 'utf8');
    const { password } = product.operator;
    expect(log).to.include('started');
    // The banner on standard output is where they are shown; log lines are JSON objects.
    const lines = log.split('\n').filter((line) => line.startsWith('{'));
    expect(lines.length).to.be.greaterThan(3);
    expect(lines.filter((line) => line.includes(password))).to.deep.equal([]);
    expect(lines.filter((line) => line.includes(product.tillToken))).to.deep.equal([]);
  });

  it('prints a curl line that confirms a purchase as it is', async function () {
    if (!hasCurl) {
      this.test!.title += ' (pending: there is no curl on this machine)';
      this.skip();
    }
    const line = readFileSync(product.logFile, 'utf8')
      .split('\n')
      .find((text) => text.startsWith('curl '));
    expect(line, 'the line in the banner').to.be.a('string');
    const { stdout } = await run('bash', ['-c', line as string], { timeout: 20_000 });
    const answer = JSON.parse(stdout) as Record<string, unknown>;
    expect(answer).to.include({ total: 980, pointsEarned: 980, repeated: false });
  });

  it('refuses a second process on the same data, and says which one has it', async () => {
    const second = await kopilka('start', '--data', dataDir, '--port', '0');
    expect(second.code).to.equal(1);
    expect(second.err)
      .to.match(/in use/i)
      .and.to.include(String(product.pid));
    await confirm('still-here');
  });

  it('goes on after a kill -9 with everything it had answered', async () => {
    const before = await confirm('before-the-kill');
    const { operator, tillToken } = product;
    await product.kill();
    product = await startProduct({ dataDir, cleanup });
    expect(product.tillToken).to.equal(tillToken);
    expect(product.operator).to.deep.equal(operator);
    const again = await confirm('before-the-kill');
    expect(again).to.deep.equal({ ...before, repeated: true });
  });

  it('stops within 10 s of Ctrl-C and leaves no process behind', async () => {
    const family = processTree(product.pid).map(({ pid }) => pid);
    expect(family.length, 'PostgreSQL runs beside it').to.be.greaterThan(1);
    process.kill(product.pid, 'SIGINT');
    expect(await untilGone(family, stopDeadlineMs)).to.deep.equal([]);
    expect(existsSync(join(dataDir, 'ready.json'))).to.equal(false);
  });

  it('makes new credentials where they were lost, and keeps the data', async () => {
    const { tillToken } = product;
    rmSync(join(dataDir, 'credentials.json'));
    product = await startProduct({ dataDir, cleanup });
    expect(product.tillToken).to.not.equal(tillToken);
    const balance = await fetch(`${product.url}/pos/v1/users/${ready()['userId']}/balance`, {
      headers: { authorization: `Bearer ${product.tillToken}` },
      signal: AbortSignal.timeout(30_000),
    });
    const { purchases } = (await balance.json()) as { purchases: number };
    expect(purchases).to.be.greaterThan(1);
    await product.stop();
  });

  it('explains itself', async () => {
    const { code, out } = await kopilka('start', '--help');
    expect(code).to.equal(0);
    for (const word of ['--data', '--port', 'ready.json', 'docs/reference/configuration.md']) {
      expect(out).to.include(word);
    }
  });

  it('names every fault of its settings at once', async () => {
    const faulty = startKopilka(['start', '--port', 'http', '--roles', 'boss'], {
      KOPILKA_POSTGRES_URL: 'mysql://here',
    });
    const { code, err } = await faulty.finished;
    expect(code).to.equal(2);
    for (const word of ['--port', '--roles', 'KOPILKA_POSTGRES_URL']) expect(err).to.include(word);
  });

  it('says what to do where the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const folder = cleanup.folder('port');
    const { code, err } = await kopilka('start', '--data', folder, '--port', String(port));
    server.close();
    expect(code).to.equal(1);
    expect(err).to.include('EADDRINUSE').and.to.include('--port');
  });
});
