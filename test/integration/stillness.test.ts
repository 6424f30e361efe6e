import { expect } from 'chai';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { untilStill } from '../../bench/machine/stillness.js';

/** Works, says so, and is there for a minute at most. */
const busyFor = (ms: number): ChildProcess =>
  spawn(
    process.execPath,
    [
      '-e',
      `setTimeout(() => process.exit(), 60_000);
       console.log('at work');
       for (const end = Date.now() + ${ms}; Date.now() < end;);
       console.log('done');`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );

describe('Waiting until a program has caught up', () => {
  let child: ChildProcess;
  let said = '';

  const start = async (ms: number): Promise<number> => {
    child = busyFor(ms);
    said = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    return child.pid as number;
  };

  before(function () {
    // Elsewhere the kernel does not tell the processor time of others where it is looked for.
    if (process.platform !== 'linux') this.skip();
  });

  afterEach(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  it('ends when it has, and not before', async () => {
    const pid = await start(1_500);
    await untilStill([pid], 20_000);
    expect(said).to.contain('done');
  });

  it('gives up on one that works on, by name', async () => {
    const pid = await start(30_000);
    const error: unknown = await untilStill([pid], 2_000).catch((fault: unknown) => fault);
    expect(String(error)).to.equal(`Error: processes ${pid} were still at work after 2000 ms`);
  });
});
