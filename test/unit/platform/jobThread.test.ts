import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { watchJobThread } from '../../../platform/compose/jobThread.js';

/** Does what it is told: answers, fails, ends, or waits for its cancellation. */
const program = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', (told) => {
    if (told === 'cancel') parentPort.postMessage({ kind: 'failed', name: 'AbortError', message: 'cancelled' });
    else if (told.fail) parentPort.postMessage({ kind: 'failed', name: 'TypeError', message: told.fail });
    else if (told.end) process.exit(3);
    else if (told.later) {
      parentPort.postMessage({ kind: 'done', result: told.later });
      setTimeout(() => { throw new Error('on the way out'); }, 20);
    }
    else if (!told.wait) {
      parentPort.postMessage({ kind: 'progress', progress: told.answer });
      parentPort.postMessage({ kind: 'done', result: told.answer });
    }
  });
`;

describe('a job in a thread', () => {
  let worker: Worker;
  let seen: unknown[];
  beforeEach(() => {
    worker = new Worker(program, { eval: true });
    seen = [];
  });
  afterEach(() => worker.terminate());

  const ask = (job: object, signal = new AbortController().signal): Promise<unknown> => {
    worker.postMessage(job);
    return watchJobThread(worker, { signal, onProgress: (progress) => void seen.push(progress) });
  };
  const failureOf = (job: Promise<unknown>): Promise<Error> =>
    job.then(
      () => new Error('it did not fail'),
      (error: Error) => error,
    );

  it('answers one after the other and leaves nothing behind on the thread', async () => {
    for (let number = 1; number <= 20; number += 1) {
      expect(await ask({ answer: number })).to.equal(number);
    }
    expect(seen).to.have.length(20);
    expect(worker.listenerCount('message') + worker.listenerCount('exit')).to.equal(0);
    expect(worker.listenerCount('error')).to.equal(1);
  });

  it('fails by name and message, and the thread can be asked again', async () => {
    expect(await failureOf(ask({ fail: 'no such draft' }))).to.include({
      name: 'TypeError',
      message: 'no such draft',
    });
    expect(await ask({ answer: 1 })).to.equal(1);
  });

  it('is over once it is told, whatever the thread fails of afterwards', async () => {
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    expect(await ask({ later: 'the answer' })).to.equal('the answer');
    expect(await gone).to.equal(1);
  });

  it('fails when its thread ends', async () => {
    expect((await failureOf(ask({ end: true }))).message).to.contain('ended with code 3');
  });

  it('is cancelled, also where that was asked before it began', async () => {
    const asked = new AbortController();
    const job = failureOf(ask({ wait: true }, asked.signal));
    asked.abort();
    expect((await job).name).to.equal('AbortError');
    expect((await failureOf(ask({ wait: true }, AbortSignal.abort()))).name).to.equal('AbortError');
  });
});
