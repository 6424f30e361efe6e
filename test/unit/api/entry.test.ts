import { expect } from 'chai';
import { createEntry } from '../../../api/entry.js';

/** What is due in this turn of the loop, native or not, has happened when it resolves. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the entry of requests', () => {
  it('lets those of one turn in together, in the next', async () => {
    const entry = createEntry();
    const entered: number[] = [];
    for (const number of [1, 2, 3]) void entry.turn().then(() => entered.push(number));
    await Promise.resolve();
    expect(entered).to.deep.equal([]);
    await nextTurn();
    expect(entered).to.deep.equal([1, 2, 3]);
  });

  it('lets in so many in a turn at most, in the order in which they came', async () => {
    const entry = createEntry({ perTurn: 2 });
    const entered: number[] = [];
    for (const number of [1, 2, 3, 4, 5]) void entry.turn().then(() => entered.push(number));
    const afterEach: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      await nextTurn();
      afterEach.push(entered.length);
    }
    expect(afterEach).to.deep.equal([2, 4, 5]);
    expect(entered).to.deep.equal([1, 2, 3, 4, 5]);
  });

  it('sends what is ready before it lets anybody in', async () => {
    const happened: string[] = [];
    const entry = createEntry({ before: () => happened.push('sent'), perTurn: 1 });
    for (const name of ['first', 'second']) void entry.turn().then(() => happened.push(name));
    for (let turn = 0; turn < 2; turn += 1) await nextTurn();
    expect(happened).to.deep.equal(['sent', 'first', 'sent', 'second']);
  });

  it('lets in who comes while others enter, after those who wait', async () => {
    const entry = createEntry({ perTurn: 1 });
    const entered: string[] = [];
    const enter = (name: string) => entry.turn().then(() => entered.push(name));
    void enter('first').then(() => enter('late'));
    void enter('second');
    for (let turn = 0; turn < 4; turn += 1) await nextTurn();
    expect(entered).to.deep.equal(['first', 'second', 'late']);
  });
});
