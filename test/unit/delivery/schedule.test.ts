import { expect } from 'chai';
import {
  isHopeless,
  probeDelayMs,
  retryDelayMs,
  withRetryAfter,
} from '../../../domain/delivery/schedule.js';

const hour = 3_600_000;

describe('the schedule of retries', () => {
  it('tries ten times within some 76 hours, and then no more', () => {
    const delays = Array.from({ length: 9 }, (_, i) => retryDelayMs(i + 1, 0));
    expect(delays).to.deep.equal(
      [5 / 3600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24].map((hours) => Math.round(hours * hour)),
    );
    expect(retryDelayMs(10, 0)).to.equal(null);
  });

  it('adds up to a tenth by chance, and takes nothing off', () => {
    expect(retryDelayMs(1, 0)).to.equal(5_000);
    expect(retryDelayMs(1, 1)).to.equal(5_500);
  });

  it('obeys what a receiver asks for, never sooner than planned, ten hours at most', () => {
    expect(withRetryAfter(5_000, null)).to.equal(5_000);
    expect(withRetryAfter(5_000, 60_000)).to.equal(60_000);
    expect(withRetryAfter(5_000, 1_000)).to.equal(5_000);
    expect(withRetryAfter(5_000, 100 * hour)).to.equal(10 * hour);
  });

  it('probes after 5 s, doubling, every five minutes at last', () => {
    expect([0, 1, 2, 3, 9].map(probeDelayMs)).to.deep.equal([
      5_000, 10_000, 20_000, 40_000, 300_000,
    ]);
  });

  it('gives an endpoint up that failed for 120 hours, with failures 12 hours apart', () => {
    expect(isHopeless(0, 119 * hour, 119 * hour)).to.equal(false);
    expect(isHopeless(0, 120 * hour, 120 * hour)).to.equal(true);
    expect(isHopeless(0, 11 * hour, 130 * hour)).to.equal(false);
    expect(isHopeless(null, 500 * hour, 500 * hour)).to.equal(false);
  });
});
