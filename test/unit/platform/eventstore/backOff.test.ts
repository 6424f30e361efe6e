import { expect } from 'chai';
import {
  appendBackOff,
  backOffMs,
  pause,
  subscriptionBackOff,
} from '../../../../platform/eventstore/backOff.js';

const most = () => 1 - Number.EPSILON;
const least = () => 0;

describe('the back-off of the log', () => {
  it('doubles from 20 ms to 1,280 for an append, from 100 to 5,000 for a subscription', () => {
    const longest = (curve: typeof appendBackOff) =>
      [1, 2, 3, 7, 8, 50].map((attempt) => Math.round(backOffMs(curve, attempt, most)));
    expect(longest(appendBackOff)).to.deep.equal([20, 40, 80, 1_280, 1_280, 1_280]);
    expect(longest(subscriptionBackOff)).to.deep.equal([100, 200, 400, 5_000, 5_000, 5_000]);
  });

  it('draws half of the wait by lot, so that many do not return at once', () => {
    expect(backOffMs(appendBackOff, 3, least)).to.equal(40);
    const drawn = Array.from({ length: 50 }, () => backOffMs(appendBackOff, 3));
    expect(Math.min(...drawn)).to.be.at.least(40);
    expect(Math.max(...drawn)).to.be.at.most(80);
    expect(new Set(drawn).size).to.be.greaterThan(1);
  });

  it('ends a wait when it is no longer wanted, also before it began', async () => {
    const stopping = new AbortController();
    const waiting = pause(60_000, stopping.signal);
    stopping.abort();
    await waiting;
    await pause(60_000, stopping.signal);
  });
});
