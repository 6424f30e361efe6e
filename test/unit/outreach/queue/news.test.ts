/** What a batch of the queue tells those who send. */
import { expect } from 'chai';
import { isToSend, sendKindsText } from '../../../../projections/outbox/place.js';
import { joined, newsKey, type QueueNews } from '../../../../projections/outbox/outbox.js';

const window = { tenant: 'demo', lane: 3, class: 'marketing', channel: 'sms' } as const;
const news = (changes: Partial<QueueNews>): QueueNews => ({
  ...{ ...window, ready: false, dueAt: null, sendAt: null },
  ...changes,
});

describe('the news of the queue', () => {
  it('of one window keep what is due first, of either kind, and that something is ready', () => {
    const late = news({ dueAt: 90, sendAt: 90 });
    const early = news({ dueAt: 40 });
    const ready = news({ ready: true });
    const all = { ...window, ready: true, dueAt: 40, sendAt: 90 };
    for (const order of [
      [late, early, ready],
      [ready, early, late],
      [early, ready, late],
    ]) {
      expect(order.reduce<QueueNews | undefined>(joined, undefined)).to.deep.equal(all);
    }
  });

  it('are told together by window', () => {
    expect(newsKey(news({ dueAt: 1 }))).to.equal(newsKey(news({ ready: true })));
    for (const other of [{ lane: 4 }, { tenant: 'acme' }, { class: 'otp' }, { channel: 'email' }]) {
      expect(newsKey(news(other))).to.not.equal(newsKey(news({})));
    }
  });

  it('tell what is sent when it is due from what needs something else then', () => {
    for (const kind of ['retry', 'not-before', 'hold', 'digest'] as const) {
      expect(isToSend(kind), kind).to.equal(true);
      expect(sendKindsText).to.contain(`'${kind}'`);
    }
    for (const kind of ['unknown', 'work', 'milestone', null] as const) {
      expect(isToSend(kind), String(kind)).to.equal(false);
    }
  });
});
