import { expect } from 'chai';
import { LogUnavailable } from '../../../../commands/log.js';
import { createDeadlines } from '../../../../platform/eventstore/deadlines.js';

const never = new Promise<never>(() => {});
const later = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
const failureOf = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => expect.fail('it succeeded'),
    (error: Error) => error,
  );

describe('deadlines under one timer', () => {
  it('pass on what comes in time, answer or failure', async () => {
    const deadlines = createDeadlines(5);
    expect(await deadlines.within(Promise.resolve(7), 1_000, 'reading', 'a')).to.equal(7);
    const failure = new Error('refused');
    const told = await failureOf(deadlines.within(Promise.reject(failure), 1_000, 'reading', 'a'));
    expect(told).to.equal(failure);
    expect(deadlines.waiting()).to.equal(0);
  });

  it('answer each at its own time, saying what was not answered', async () => {
    const deadlines = createDeadlines(5);
    const order: string[] = [];
    const wait = (milliseconds: number, of: string) =>
      failureOf(deadlines.within(never, milliseconds, 'append to', of)).then((error) => {
        order.push(of);
        return error;
      });
    const [, error] = await Promise.all([wait(800, 'late'), wait(20, 'soon')]);
    expect(order).to.deep.equal(['soon', 'late']);
    expect(error).to.be.instanceOf(LogUnavailable);
    expect(error?.message).to.equal('append to soon: no answer within 20 ms');
    expect(deadlines.waiting()).to.equal(0);
  });

  it('drop what comes too late, also a failure', async () => {
    const deadlines = createDeadlines(5);
    const failsLate = later(40).then(() => Promise.reject(new Error('too late')));
    await failureOf(deadlines.within(failsLate, 10, 'reading', 'a'));
    await later(50); // an unhandled rejection would fail the run
    expect(deadlines.waiting()).to.equal(0);
  });

  it('begin again after a quiet time', async () => {
    const deadlines = createDeadlines(5);
    await failureOf(deadlines.within(never, 5, 'reading', 'a'));
    await later(20);
    await failureOf(deadlines.within(never, 5, 'reading', 'b'));
  });
});
