import { expect } from 'chai';
import { WriteQueue } from '../../../embedded/eventstore/log/queue.js';
import { request } from './proposals.js';

const filled = (...streams: string[]): WriteQueue => {
  const queue = new WriteQueue();
  for (const stream of streams) queue.add(request(stream, 'any'));
  return queue;
};

const streams = (queue: WriteQueue, max?: number): string[] =>
  queue.take(max).map(({ stream }) => stream);

describe('the queue of the writer', () => {
  it('hands out what has gathered, in order and at most so many', () => {
    const queue = filled('a', 'b', 'c');
    expect(streams(queue, 2)).to.deep.equal(['a', 'b']);
    expect(streams(queue)).to.deep.equal(['c']);
    expect(streams(queue)).to.deep.equal([]);
  });

  it('hands out changes of metadata, deletions and tombstones alone', () => {
    const queue = filled('a', '$$a', 'b');
    queue.add(request('b', 'any', [], { kind: 'delete' }));
    queue.add(request('c', 'any'));
    const batches = [
      streams(queue),
      streams(queue),
      streams(queue),
      streams(queue),
      streams(queue),
    ];
    expect(batches).to.deep.equal([['a'], ['$$a'], ['b'], ['b'], ['c']]);
  });

  it('ends a batch at its limit of bytes', () => {
    const queue = new WriteQueue();
    for (const stream of ['a', 'b', 'c'])
      queue.add(request(stream, 'any', [], { bytes: 5 * 1024 * 1024 }));
    expect([streams(queue), streams(queue), streams(queue)]).to.deep.equal([['a'], ['b'], ['c']]);
  });

  it('puts back to the front', () => {
    const queue = filled('a', 'b', 'c');
    queue.putBack(queue.take(2));
    expect(streams(queue)).to.deep.equal(['a', 'b', 'c']);
  });

  it('asks to hold back when full and to go on when half of it is gone', () => {
    const queue = new WriteQueue();
    let resumed = 0;
    for (let i = 0; i < 15; i++) queue.add(request(`s${i}`, 'any', [], { bytes: 5 * 1024 * 1024 }));
    expect(queue.isFull).to.equal(true);
    queue.whenRoom(() => resumed++);
    queue.take(1);
    expect(resumed).to.equal(0);
    for (let i = 0; i < 9; i++) queue.take(1);
    expect(resumed).to.equal(1);
    expect(queue.isFull).to.equal(false);
  });

  it('gives up what its caller picks', () => {
    const queue = filled('a', 'b', 'c');
    expect(queue.removeWhere(({ stream }) => stream === 'b')).to.have.length(1);
    expect(streams(queue)).to.deep.equal(['a', 'c']);
  });
});
