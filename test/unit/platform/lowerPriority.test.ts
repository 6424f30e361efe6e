import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { lowerPriorityOf } from '../../../embedded/thread/lowerPriority.js';

const sessionOf = (pid: number | 'self'): string =>
  readFileSync(`/proc/${pid}/autogroup`, 'utf8').trim();

describe('the priority of a process of ours', () => {
  const children: ChildProcess[] = [];
  const start = async (detached: boolean): Promise<number> => {
    const child = spawn('sleep', ['60'], { detached, stdio: 'ignore' });
    children.push(child);
    await once(child, 'spawn');
    return child.pid ?? 0;
  };
  afterEach(() => {
    for (const child of children.splice(0)) child.kill();
  });

  it('is lowered', async () => {
    const pid = await start(true);
    lowerPriorityOf(pid, 'behind');
    expect(getPriority(pid)).to.equal(5);
    lowerPriorityOf(pid, 'last');
    expect(getPriority(pid)).to.equal(15);
  });

  it('is lowered for its session where Linux shares processors out among sessions, and ours is left as it is', async () => {
    const pids = [await start(true), await start(false)];
    // Elsewhere there is nothing to be lowered.
    if (!existsSync('/proc/self/autogroup')) return;
    const ours = sessionOf('self');
    for (const pid of pids) lowerPriorityOf(pid, 'last');
    const [theirs = 0] = pids;
    const giveUpAt = Date.now() + 10_000;
    while (!sessionOf(theirs).endsWith(' nice 15') && Date.now() < giveUpAt) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(sessionOf(theirs)).to.match(/ nice 15$/);
    expect(sessionOf('self')).to.equal(ours);
  });

  it('of one that is waited for stays, and its session counts for less than ours', async () => {
    const pid = await start(true);
    lowerPriorityOf(pid, 'beside');
    expect(getPriority(pid)).to.equal(getPriority());
    if (!existsSync('/proc/self/autogroup')) return;
    const giveUpAt = Date.now() + 10_000;
    while (!sessionOf(pid).endsWith(' nice 5') && Date.now() < giveUpAt) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(sessionOf(pid)).to.match(/ nice 5$/);
  });

  it('is nobody’s where the process is gone', async () => {
    const pid = await start(true);
    const [child] = children;
    child?.kill('SIGKILL');
    if (child?.exitCode === null && child.signalCode === null) await once(child, 'exit');
    lowerPriorityOf(pid, 'last');
  });

  it('of a thread may be what nobody else wants', async function () {
    if (spawnSync('chrt', ['--version']).error) this.skip(); // The program of util-linux is missing.
    const module = new URL('../../../embedded/thread/lowerPriority.js', import.meta.url).href;
    const ours = getPriority();
    const thread = new Worker(
      `import(${JSON.stringify(module)}).then(({ lowerPriority }) => {
        lowerPriority('spare');
        const { readFileSync, readlinkSync } = require('node:fs');
        const id = readlinkSync('/proc/thread-self').split('/').at(-1);
        const look = () => {
          const fields = readFileSync('/proc/self/task/' + id + '/stat', 'utf8').split(') ').at(-1).split(' ');
          // The policy is the 41st field, 5 is SCHED_IDLE (proc(5), sched(7)).
          if (fields[38] === '5') require('node:worker_threads').parentPort.postMessage('spare');
          else setTimeout(look, 5);
        };
        look();
      })`,
      { eval: true },
    );
    try {
      const [said] = (await once(thread, 'message', { signal: AbortSignal.timeout(10_000) })) as [
        string,
      ];
      expect(said).to.equal('spare');
      expect(getPriority()).to.equal(ours);
    } finally {
      await thread.terminate();
    }
  });
});
