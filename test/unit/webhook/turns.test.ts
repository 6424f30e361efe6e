import { expect } from 'chai';
import { createTurns } from '../../../workers/webhook/turns.js';

describe('what can wait', () => {
  it('goes one at a time, and what comes in meanwhile goes between', async () => {
    const { later } = createTurns();
    const done: string[] = [];
    const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
    for (const name of ['one', 'two', 'three']) later(() => done.push(name));
    expect(done).to.deep.equal([]);
    await turn();
    done.push('came in');
    await turn();
    done.push('came in later');
    await turn();
    expect(done).to.deep.equal(['one', 'came in', 'two', 'came in later', 'three']);
  });

  it('lets whoever asks for another turn wait for it', async () => {
    const { later } = createTurns();
    const done: number[] = [];
    const again = (number: number): void => {
      done.push(number);
      if (number < 4) later(() => again(number + 2));
    };
    later(() => again(1));
    later(() => again(2));
    while (done.length < 4) await new Promise<void>((resolve) => setImmediate(resolve));
    expect(done).to.deep.equal([1, 2, 3, 4]);
  });

  it('gives turns to sound ones at work, and a few in a row at most', async () => {
    const { later, sound } = createTurns();
    const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
    let done = false;
    later(() => (done = true));
    sound();
    await turn();
    expect(done, 'a turn was given').to.equal(false);
    await turn();
    expect(done, 'and the next one taken').to.equal(true);
    done = false;
    later(() => (done = true));
    for (let given = 0; given < 4; given += 1) {
      sound();
      await turn();
      expect(done).to.equal(false);
    }
    sound();
    await turn();
    expect(done, 'however much there is to do').to.equal(true);
  });
});
