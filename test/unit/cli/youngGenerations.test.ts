/** What a thread asks for is what it gets, whatever the command line gives the main thread. */
import { execFileSync } from 'node:child_process';
import { expect } from 'chai';

const thread = `
  const { parentPort } = require('node:worker_threads');
  const { getHeapSpaceStatistics } = require('node:v8');
  const kept = [];
  let most = 0;
  for (let i = 0; i < 3_000_000; i += 1) {
    kept[i % 200_000] = { i };
    if (i % 10_000 === 0) {
      const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
      most = Math.max(most, young.space_used_size);
    }
  }
  parentPort.postMessage(most / 2 ** 20);`;

const youngMegabytes = (before: string): number => {
  const program = `
    import { once } from 'node:events';
    import { Worker } from 'node:worker_threads';
    import { letThreadsChooseTheirs } from ${JSON.stringify(new URL('../../../cli/youngGenerations.js', import.meta.url).href)};
    ${before};
    const worker = new Worker(${JSON.stringify(thread)}, {
      eval: true,
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: 12 },
    });
    console.log((await once(worker, 'message'))[0]);`;
  const answer = execFileSync(
    process.execPath,
    ['--max-semi-space-size=64', '--input-type=module', '--eval', program],
    { encoding: 'utf8', timeout: 30_000 },
  );
  return Number(answer);
};

describe('Room for the young objects of threads', () => {
  it('is what they ask for, also where the main thread has more', () => {
    expect(youngMegabytes('letThreadsChooseTheirs()')).to.be.within(0.1, 12);
  });

  it('would be that of the main thread otherwise', () => {
    expect(youngMegabytes('')).to.be.above(12);
  });
});
