import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';

const program = new URL('../../../embedded/thread/nameThread.js', import.meta.url);
/** Names itself, then tells its number, by which others find it. */
const source = `
  const { readlinkSync } = require('node:fs');
  const { parentPort } = require('node:worker_threads');
  import(${JSON.stringify(program.href)}).then(({ nameThread }) => {
    nameThread('read models and more');
    let thread = null;
    try {
      thread = readlinkSync('/proc/thread-self').split('/').at(-1);
    } catch {}
    parentPort.once('message', () => undefined);
    parentPort.postMessage(thread);
  });`;

describe('the name of a thread', () => {
  it('is what the system shows, of as many letters as it keeps; elsewhere nothing happens', async () => {
    const worker = new Worker(source, { eval: true });
    const [thread] = (await once(worker, 'message')) as [string | null];
    const isKept = existsSync('/proc/thread-self/comm');
    const name = isKept ? readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim() : null;
    const own = isKept ? readFileSync('/proc/self/comm', 'utf8').trim() : null;
    await worker.terminate();
    expect(name).to.equal(isKept ? 'read models and' : null);
    expect(own).not.to.equal('read models and');
  });
});
