import { expect } from 'chai';
import { eventAt, idOf, joined, newGroup, offerUpTo, placesOf } from './groups.js';

describe('a group', () => {
  it('hands out messages in order, as far as consumers have room', () => {
    const group = newGroup();
    joined(group, 3);
    offerUpTo(group, 0, 5);
    expect(placesOf(group.deliver(0))).to.deep.equal([0, 1, 2]);
    group.ack([idOf(1)], 0);
    expect(placesOf(group.deliver(0))).to.deep.equal([3]);
  });

  it('hands out nothing to a consumer whose connection is blocked', () => {
    const group = newGroup();
    const consumer = joined(group);
    offerUpTo(group, 0, 2);
    consumer.isBlocked = true;
    expect(group.deliver(0)).to.be.empty;
    consumer.isBlocked = false;
    expect(group.deliver(0)).to.have.length(2);
  });

  it('tries again before it goes on, in the order of the source', () => {
    const group = newGroup();
    const consumer = joined(group, 4);
    offerUpTo(group, 0, 6);
    group.deliver(0);
    group.nack([idOf(2), idOf(0)], 'retry', '', 0);
    const again = group.deliver(0);
    expect(placesOf(again)).to.deep.equal([0, 2]);
    expect(again.map(({ message }) => message.retries)).to.deep.equal([1, 1]);
    group.leave(consumer);
    joined(group, 10);
    expect(placesOf(group.deliver(0))).to.deep.equal([0, 1, 2, 3, 4, 5]);
  });

  it('takes back what is not answered in time, and parks what was tried often enough', () => {
    const group = newGroup({ messageTimeoutMs: 100, maxRetryCount: 1 });
    joined(group);
    offerUpTo(group, 0, 1);
    group.deliver(0);
    group.expire(99);
    expect(group.deliver(99)).to.be.empty;
    group.expire(100);
    expect(group.deliver(100)[0]!.message.retries).to.equal(1);
    group.expire(200);
    const [parking] = group.takeToPark();
    expect(parking!.reason).to.equal('Reached retry count of 1');
    expect(group.takeToPark()).to.be.empty;
  });

  it('never takes back when no time is set', () => {
    const group = newGroup({ messageTimeoutMs: 0 });
    joined(group);
    offerUpTo(group, 0, 1);
    group.deliver(0);
    group.expire(1e12);
    expect(group.deliver(1e12)).to.be.empty;
  });

  it('keeps a message open, and its slot taken, until its link is stored', () => {
    const group = newGroup();
    const consumer = joined(group, 1);
    offerUpTo(group, 0, 2);
    group.deliver(0);
    group.nack([idOf(0)], 'park', 'because', 0);
    const [{ message, reason }] = group.takeToPark() as [{ message: never; reason: string }];
    expect(reason).to.equal("Client explicitly NAK'ed message.\nbecause");
    expect(group.deliver(0)).to.be.empty;
    expect(group.settled().place).to.equal(-1);
    group.parked(message);
    expect(consumer.inFlight).to.equal(0);
    expect(group.settled().place).to.equal(0);
    expect(placesOf(group.deliver(0))).to.deep.equal([1]);
  });

  it('takes a late acknowledgement of what waits to be tried again', () => {
    const group = newGroup({ messageTimeoutMs: 10 });
    const consumer = joined(group);
    offerUpTo(group, 0, 1);
    group.deliver(0);
    consumer.isBlocked = true;
    group.expire(10);
    expect(group.retryCount).to.equal(1);
    group.ack([idOf(0)], 11);
    expect(group.retryCount).to.equal(0);
    expect(group.settled().place).to.equal(0);
  });

  it('tells two events with one id apart', () => {
    const group = newGroup();
    joined(group);
    group.offer(eventAt(0));
    group.offer({ ...eventAt(1), id: idOf(0) });
    group.deliver(0);
    group.ack([idOf(0)], 0);
    expect(group.settled().place).to.equal(0);
    group.ack([idOf(0)], 0);
    expect(group.settled().place).to.equal(1);
  });

  it('settles up to before the first open message, passed over events included', () => {
    const group = newGroup();
    joined(group);
    group.passOver(0, true);
    offerUpTo(group, 1, 4);
    group.passOver(4, true);
    expect(group.settled()).to.deep.equal({ place: 0, count: 1 });
    group.deliver(0);
    group.ack([idOf(2), idOf(3)], 0);
    expect(group.settled()).to.deep.equal({ place: 0, count: 1 });
    group.ack([idOf(1)], 0);
    expect(group.settled()).to.deep.equal({ place: 4, count: 5 });
  });

  it('reads a little ahead without consumers, and no further than its buffer with them', () => {
    const group = newGroup({ readBatchSize: 5, historyBufferSize: 20 });
    expect(group.room).to.equal(5);
    joined(group, 1);
    offerUpTo(group, 0, 20);
    expect(group.room).to.equal(0);
    group.deliver(0);
    expect(group.room).to.equal(1);
  });

  it('keeps replayed messages out of the progress of the source', () => {
    const group = newGroup();
    joined(group);
    group.replay.begin(4, 6);
    group.offerParked({ ...eventAt(0), id: 'link 4' }, 4);
    group.offerParked({ ...eventAt(1), id: 'link 5' }, 5);
    group.replay.finish();
    offerUpTo(group, 0, 1);
    group.deliver(0);
    group.ack([idOf(0), 'link 5'], 0);
    expect(group.settled().place).to.equal(0);
    expect(group.replay.doneBelow).to.equal(4);
    group.ack(['link 4'], 0);
    expect(group.replay.doneBelow).to.equal(6);
  });
});
