import { expect } from 'chai';
import { createJobs, type JobWork } from '../../../api/admin/jobs.js';

const work = (changes: Partial<JobWork> = {}): JobWork => ({
  kind: 'rebuild',
  projection: 'balances',
  startedBy: 'ann',
  run: () => Promise.resolve({ events: 5 }),
  ...changes,
});
const until = async (condition: () => boolean): Promise<void> => {
  for (let i = 0; i < 200 && !condition(); i += 1)
    await new Promise((resolve) => setImmediate(resolve));
};
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')));
  });

describe('jobs on read models', () => {
  it('tell their progress and their result', async () => {
    const jobs = createJobs({ now: () => 9 });
    const { id } = jobs.start(work(), 7);
    expect(jobs.get(id)).to.include({ state: 'running', startedAt: 7 });
    await until(() => jobs.get(id)?.state !== 'running');
    expect(jobs.get(id)).to.deep.include({ state: 'done', finishedAt: 9, result: { events: 5 } });
  });

  it('say why they failed', async () => {
    const failed: string[] = [];
    const jobs = createJobs({ now: () => 9, onFailed: (job) => failed.push(job.id) });
    const { id } = jobs.start(work({ run: () => Promise.reject(new Error('no space left')) }), 7);
    await until(() => jobs.get(id)?.state !== 'running');
    expect(jobs.get(id)).to.include({ state: 'failed', error: 'no space left' });
    expect(failed).to.deep.equal([id]);
  });

  it('are cancelled, and stop with the server', async () => {
    const jobs = createJobs({ now: () => 9 });
    const first = jobs.start(work({ run: untilAborted }), 7);
    const second = jobs.start(work({ projection: 'sales', run: untilAborted }), 7);
    expect(jobs.cancel(first.id)).to.equal(true);
    expect(jobs.cancel('nobody')).to.equal(false);
    await until(() => jobs.get(first.id)?.state !== 'running');
    expect(jobs.get(first.id)?.state).to.equal('cancelled');
    await jobs.stop();
    expect(jobs.get(second.id)?.state).to.equal('cancelled');
  });

  it('refuse a second one on the same read model, and too many', async () => {
    const jobs = createJobs({ now: () => 9 });
    const { id } = jobs.start(work({ run: untilAborted }), 7);
    expect(() => jobs.start(work(), 8)).to.throw(`Wait for job ${id}`);
    jobs.start(work({ projection: 'sales', run: untilAborted }), 7);
    expect(() => jobs.start(work({ projection: 'tills' }), 8)).to.throw('Wait for one of the 2');
    await jobs.stop();
  });

  it('are remembered in a bounded number', async () => {
    const jobs = createJobs({ now: () => 9 });
    for (let i = 0; i < 70; i += 1) {
      const { id } = jobs.start(work(), i);
      await until(() => jobs.get(id)?.state === 'done');
    }
    expect(jobs.list()).to.have.length(50);
    expect(jobs.list()[0]?.startedAt).to.equal(69);
  });
});
