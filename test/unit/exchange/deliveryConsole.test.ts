/** What is told of deliveries: every try, how endpoints do and why. */
import { expect } from 'chai';
import type { DeliveryEvent } from '../../../domain/delivery/events.js';
import { now } from '../api/testApi.js';
import {
  attemptAt,
  failure,
  hour,
  type DeliveryHouse,
  openDeliveryHouse,
} from './deliveryHouse.js';

describe('what is told of deliveries', () => {
  let house: DeliveryHouse;
  beforeEach(async () => {
    house = await openDeliveryHouse();
  });
  afterEach(() => house.shop.close());

  it('lists every try to its partner and to operators, and to nobody else', async () => {
    const { bank, dealer, send, admin, delivered, subscribe, publish, fallBehind } = house;
    await subscribe('sub_aaaa');
    await publish(2);
    await delivered('sub_aaaa', {
      type: 'DeliveriesAttempted',
      data: { attempts: [attemptAt('sub_aaaa', 0), failure('sub_aaaa', 1)] },
    });
    const path = '/subscriptions/sub_aaaa/deliveries';
    const own = await send('get', `/exchange/v1${path}`, bank).expect(200);
    const byOperator = await admin('get', path).expect(200);
    expect(own.body).to.deep.equal(byOperator.body);
    const { items } = own.body as { items: object[] };
    expect(items).to.have.length(2);
    expect(items[0]).to.deep.include({
      ...{ places: [1], eventIds: ['e1'], attempt: 1, outcome: 'retry', status: 500 },
      error: { code: 'status', text: 'it answered 500' },
      response: { headers: {}, body: 'out of order' },
      nextAt: new Date(now + hour).toISOString(),
    });
    const failed = await send('get', `/exchange/v1${path}?outcome=delivered`, bank).expect(200);
    expect((failed.body as { items: object[] }).items).to.have.length(1);
    const foreign = await send('get', `/exchange/v1${path}`, dealer).expect(404);
    expect(foreign.body).to.include({ code: 'subscription-not-found' });
    fallBehind();
    const filling = await send('get', `/exchange/v1${path}`, bank).expect(503);
    expect(filling.body).to.include({ code: 'read-model-unavailable' });
  });

  it('tells how each endpoint does, and why one is not called', async () => {
    const { admin, delivered, subscribe, publish } = house;
    await publish(3);
    const failures = (id: string, count: number): DeliveryEvent => ({
      type: 'DeliveriesAttempted',
      data: {
        attempts: Array.from({ length: count }, (_, i) =>
          failure(id, 0, { attempt: i + 1, startedAt: now - hour + i }),
        ),
      },
    });
    const well = (id: string): DeliveryEvent => ({
      type: 'DeliveriesAttempted',
      data: { attempts: [0, 1, 2].map((place) => attemptAt(id, place)) },
    });
    await subscribe('sub_well');
    await delivered('sub_well', well('sub_well'));
    await subscribe('sub_weak');
    await delivered('sub_weak', well('sub_weak'), failures('sub_weak', 2));
    await subscribe('sub_dead');
    await delivered('sub_dead', failures('sub_dead', 9));
    await subscribe('sub_gone', {
      type: 'SubscriptionDisabled',
      data: {
        reason: 'gone',
        since: new Date(now - hour).toISOString(),
        explanation: 'The endpoint answered 410.',
      },
    });
    await subscribe('sub_held', { type: 'SubscriptionPaused', data: { reason: 'maintenance' } });
    await subscribe('sub_over', { type: 'SubscriptionEnded', data: { reason: 'no need' } });

    const { body } = await admin('get', '/endpoints').expect(200);
    const items = (body as { items: { subscriptionId: string; health: string }[] }).items;
    const of = (id: string) => items.find(({ subscriptionId }) => subscriptionId === id) ?? {};
    expect(items.map(({ subscriptionId, health }) => [subscriptionId, health])).to.deep.equal([
      ['sub_dead', 'broken'],
      ['sub_gone', 'disabled'],
      ['sub_held', 'paused'],
      ['sub_weak', 'failing'],
      ['sub_well', 'healthy'],
    ]);
    expect(of('sub_well')).to.deep.include({
      ...{ explanation: 'It answers. Nothing waits.', advice: '', lag: 0, parked: 0 },
      ...{ nextAttemptAt: null, totals: { attempts: 3, delivered: 3, passed: 0 } },
    });
    expect(of('sub_well')).to.containSubset({ recent: { attempts: 3, successRate: 1 } });
    expect(of('sub_dead')).to.containSubset({
      breaker: { state: 'open', failures: 9, lastError: 'status: it answered 500' },
      recent: { successRate: 0, lastStatus: 500 },
      lag: 2,
    });
    const { explanation, advice, nextAttemptAt } = of('sub_dead') as Record<string, string>;
    expect(explanation).to.match(
      /^9 failures in a row since .*the last: status: it answered 500\. It is only probed/,
    );
    expect(explanation).to.contain('2 publications wait in the topic');
    expect(advice).to.match(/Without a success it is disabled after 2026-03-06T11:/);
    expect(Date.parse(nextAttemptAt ?? '')).to.be.greaterThan(now - hour);
    const gone = of('sub_gone') as Record<string, string>;
    expect(gone['explanation']).to.match(
      /^Not delivered to since .*Z\. The endpoint answered 410\. 3 publications wait in the topic\. Deliveries go on from there\.$/,
    );
    expect(gone['advice']).to.contain('/admin/v1/subscriptions/sub_gone/enable');
    expect(of('sub_weak')).to.deep.include({ nextAttemptAt: new Date(now + hour).toISOString() });

    const dead = await admin('get', '/endpoints/sub_dead').expect(200);
    expect(dead.body).to.deep.equal(of('sub_dead'));
    const few = await admin('get', '/endpoints?limit=2&after=sub_gone').expect(200);
    expect(few.body).to.containSubset({
      items: [{ subscriptionId: 'sub_held' }, {}],
      next: 'sub_weak',
    });
    await admin('post', '/topics/cars/grants/bank/revocation', { reason: 'over' }).expect(200);
    const blocked = await admin('get', '/endpoints/sub_well').expect(200);
    expect(blocked.body).to.include({ health: 'blocked' });
    await admin('get', '/endpoints/sub_none').expect(404);
  });

  it('shows a topic at a glance', async () => {
    const { admin, join, subscribe, publish } = house;
    const empty = await admin('get', '/topics/cars/overview').expect(200);
    expect(empty.body).to.deep.include({
      lastPlace: null,
      lastPublishedAt: null,
      formerReaders: 0,
    });
    await join('agency');
    await admin('put', '/topics/cars/grants/agency', { history: 'all' }).expect(200);
    await admin('post', '/topics/cars/grants/agency/revocation', { reason: 'over' }).expect(200);
    await publish(3);
    await subscribe('sub_aaaa');
    await subscribe('sub_over', { type: 'SubscriptionEnded', data: { reason: 'no need' } });
    const { body } = await admin('get', '/topics/cars/overview').expect(200);
    expect(body).to.deep.include({
      ...{ topicId: 'cars', owner: 'dealer', status: 'active', lastPlace: 2 },
      ...{ lastPublishedAt: new Date(now).toISOString(), readersCount: 1, formerReaders: 1 },
    });
    expect(body).to.containSubset({
      readers: [{ partnerId: 'bank', history: 'all' }],
      subscriptions: [{ subscriptionId: 'sub_aaaa', health: 'untried', lag: 3 }],
      subscriptionsCount: 1,
    });
    await admin('get', '/topics/none/overview').expect(404);
  });
});
