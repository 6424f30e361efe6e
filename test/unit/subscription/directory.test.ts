import { expect } from 'chai';
import { createDirectory } from '../../../commands/directory.js';
import type { SubscriptionEvent } from '../../../domain/subscription/events.js';
import { demo, directoryFiller, now, other } from '../api/testApi.js';
import { created, disabled, ended, paused, refused, terms, verified } from './orders.js';

const { subscriptionId: id, topicId, partnerId } = terms;

const after = (...events: SubscriptionEvent[]) => {
  const directory = createDirectory();
  const put = directoryFiller(directory);
  for (const { type, data } of events) put(demo, 'subscription', id, type, data);
  return directory.subscriptions;
};

describe('the directory of subscriptions', () => {
  it('finds one by its id, its topic and its partner, in its own tenant', () => {
    const subscriptions = after(created, verified);
    const record = subscriptions.subscription(demo, id);
    expect(record).to.deep.include({ ...terms, tenant: demo, status: 'active', why: null });
    expect(record).to.deep.include({ secretVersion: 1, overlap: null, createdAt: now });
    expect([...subscriptions.ofTopic(demo, topicId)]).to.deep.equal([record]);
    expect([...subscriptions.ofPartner(demo, partnerId)]).to.deep.equal([record]);
    expect([...subscriptions.all()]).to.deep.equal([record]);
    expect(subscriptions.subscription(other, id)).to.equal(undefined);
    expect([...subscriptions.ofTopic(other, topicId)]).to.deep.equal([]);
  });

  it('tells why one does not deliver, and since when', () => {
    const why = (...events: SubscriptionEvent[]) => after(...events).subscription(demo, id)?.why;
    expect(why(created)).to.include({ reason: 'unverified', since: now });
    expect(why(created, refused)).to.include({ explanation: 'It answered 404.' });
    expect(why(created, verified, paused)).to.include({ explanation: 'maintenance' });
    expect(why(created, paused, disabled)).to.include({
      reason: 'failing',
      since: Date.parse(disabled.data.since),
    });
    expect(why(created, ended)).to.include({ reason: 'ended', explanation: 'over' });
  });

  it('shows it as it is after every change', () => {
    const changed: SubscriptionEvent = {
      type: 'SubscriptionChanged',
      data: { concurrency: 2, filter: { exact: { type: 'x' } } },
    };
    const back: SubscriptionEvent = { type: 'SubscriptionChanged', data: { filter: null } };
    const record = after(created, verified, changed, back).subscription(demo, id);
    expect(record).to.include({ concurrency: 2, status: 'active' });
    expect(record).to.not.have.property('filter');
  });

  it('forgets the oldest that ended once there are a thousand of a partner', () => {
    const directory = createDirectory();
    const put = directoryFiller(directory);
    const idOf = (i: number) => `sub_n${String(i).padStart(4, '0')}` as typeof id;
    const create = (i: number) =>
      put(demo, 'subscription', idOf(i), created.type, { ...terms, subscriptionId: idOf(i) });
    create(0);
    for (let i = 1; i <= 1_002; i += 1) {
      create(i);
      put(demo, 'subscription', idOf(i), ended.type, ended.data);
    }
    const { subscriptions } = directory;
    const held = [...subscriptions.ofPartner(demo, partnerId)].map((one) => one.subscriptionId);
    expect(held).to.have.length(1_001).and.include(idOf(0)).and.not.include(idOf(2));
    expect([...subscriptions.ofTopic(demo, topicId)]).to.have.length(1_001);
    expect([...subscriptions.all()]).to.have.length(1_001);
    expect(subscriptions.subscription(demo, idOf(2))).to.equal(undefined);
    expect(subscriptions.subscription(demo, idOf(3))).to.include({ status: 'ended' });
  });
});
