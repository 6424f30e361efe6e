import { expect } from 'chai';
import { createTurns } from '../../../workers/webhook/turns.js';

describe('what can wait', () => {
  it('goes one at a time, and what comes in meanwhile goes between', async () => {
    const later = createTurns();
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
    const later = createTurns();
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
});
