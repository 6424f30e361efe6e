import { expect } from 'chai';
import { createLanes } from '../../../cli/import/lanes.js';
import { createWatermark } from '../../../cli/import/watermark.js';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the lanes of an import', () => {
  it('keep the order within a lane and run lanes side by side', async () => {
    const lanes = createLanes({ concurrency: 4, pendingMax: 100 });
    const done: string[] = [];
    let running = 0;
    let most = 0;
    for (let i = 0; i < 30; i += 1) {
      const lane = `customer ${i % 3}`;
      await lanes.submit(lane, async () => {
        running += 1;
        most = Math.max(most, running);
        // The later of a lane would overtake if it were let.
        for (let turns = 30 - i; turns > 0; turns -= 1) await tick();
        done.push(`${i % 3}:${i}`);
        running -= 1;
      });
    }
    await lanes.idle();
    expect(most).to.equal(3);
    for (const lane of [0, 1, 2]) {
      const order = done
        .filter((name) => name.startsWith(`${lane}:`))
        .map((name) => Number(name.slice(2)));
      expect(order).to.deep.equal([...order].sort((a, b) => a - b));
    }
  });

  it('run no more than the bound and take in no more than theirs', async () => {
    const lanes = createLanes({ concurrency: 2, pendingMax: 4 });
    let running = 0;
    let most = 0;
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let taken = 0;
    const submitting = (async () => {
      for (let i = 0; i < 10; i += 1) {
        await lanes.submit(`${i}`, async () => {
          running += 1;
          most = Math.max(most, running);
          await gate;
          running -= 1;
        });
        taken += 1;
      }
    })();
    for (let i = 0; i < 20; i += 1) await tick();
    expect([most, taken]).to.deep.equal([2, 4]);
    release();
    await submitting;
    await lanes.idle();
    expect(most).to.equal(2);
  });

  it('end with the first failure and drop what had not begun', async () => {
    const lanes = createLanes({ concurrency: 1, pendingMax: 10 });
    const ran: number[] = [];
    await lanes.submit('a', () => Promise.reject(new Error('the server is gone')));
    await lanes.submit('a', async () => void ran.push(2));
    const error = await lanes.idle().catch((failure: Error) => failure.message);
    expect(error).to.equal('the server is gone');
    expect(ran).to.deep.equal([]);
  });
});

describe('the watermark of an import', () => {
  it('stands below the first gap', () => {
    const watermark = createWatermark(5);
    for (const sequence of [7, 6, 9]) watermark.settle(sequence);
    expect(watermark.value()).to.equal(5);
    watermark.settle(5);
    expect(watermark.value()).to.equal(8);
    watermark.settle(8);
    expect(watermark.value()).to.equal(10);
  });
});
