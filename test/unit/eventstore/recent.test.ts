import { expect } from 'chai';
import type { Block } from '../../../embedded/eventstore/log/block.js';
import { RecentEvents } from '../../../embedded/eventstore/log/recent.js';

const block = (first: number, last: number, bytes = 10): Block => {
  const positions = Array.from({ length: last - first + 1 }, (_nothing, i) => first + i);
  return {
    bytes: Buffer.alloc(bytes),
    starts: [0, ...positions],
    positions,
    revisions: positions,
    streams: positions.map((position) => `s${position}`),
    types: positions.map(() => 'Happened'),
  };
};

describe('recent events', () => {
  it('finds the block of a position, and none for what is gone or not there yet', () => {
    const recent = new RecentEvents();
    recent.restart(10);
    for (const [first, last] of [
      [11, 13],
      [14, 14],
      [15, 20],
    ] as const)
      recent.publish(block(first, last));
    const first = (position: number) => recent.blockAt(position)?.positions[0];
    expect([11, 13, 14, 15, 20].map(first)).to.deep.equal([11, 11, 14, 15, 15]);
    expect([10, 21].map(first)).to.deep.equal([undefined, undefined]);
    expect(recent.head).to.equal(20);
  });

  it('keeps no more events and no more bytes than allowed, but always the newest block', () => {
    const recent = new RecentEvents(5, 100);
    for (let i = 1; i <= 20; i++) recent.publish(block(i, i));
    expect(recent.blockAt(15)).to.equal(undefined);
    expect(recent.blockAt(16)).not.to.equal(undefined);
    recent.publish(block(21, 21, 1000));
    expect(recent.blockAt(20)).to.equal(undefined);
    expect(recent.blockAt(21)).not.to.equal(undefined);
  });

  it('wakes who watches the log or the stream, until told not to', () => {
    const recent = new RecentEvents();
    const woken: string[] = [];
    const unwatch = recent.watch(() => woken.push('log'));
    const unwatchStream = recent.watchStream('s2', () => woken.push('s2'));
    recent.publish(block(1, 1));
    recent.publish(block(2, 2));
    unwatch();
    unwatchStream();
    recent.publish({ ...block(3, 3), streams: ['s2'] });
    expect(woken).to.deep.equal(['log', 'log', 's2']);
  });

  it('forgets its blocks when the head had to be asked for', () => {
    const recent = new RecentEvents();
    recent.publish(block(1, 3));
    recent.restart(5);
    expect(recent.head).to.equal(5);
    expect(recent.blockAt(2)).to.equal(undefined);
  });
});
