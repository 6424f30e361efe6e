/** What proves who could see a publication, and who got it: by deliveries, pulls, streams and searches. */
import { expect } from 'chai';
import { webhookIdOf } from '../../../commands/delivery/webhookId.js';
import { now } from '../api/testApi.js';
import {
  attemptAt,
  failure,
  streamOf,
  type DeliveryHouse,
  openDeliveryHouse,
} from './deliveryHouse.js';

describe('what is told of one publication', () => {
  let house: DeliveryHouse;
  beforeEach(async () => {
    house = await openDeliveryHouse();
  });
  afterEach(() => house.shop.close());

  it('proves who could see a publication, and who got it and how', async () => {
    const { bank, dealer, send, admin, join, delivered, subscribe, publish, fallBehind, catchUp } =
      house;
    await join('stranger');
    await publish(7);
    await subscribe('sub_aaaa');
    await subscribe('sub_late', {
      type: 'SubscriptionPaused',
      data: { reason: 'maintenance' },
    });
    const parked = webhookIdOf(streamOf('sub_aaaa'), [3]);
    await delivered(
      'sub_aaaa',
      {
        type: 'DeliveriesAttempted',
        data: { attempts: [failure('sub_aaaa', 0), attemptAt('sub_aaaa', 0, { attempt: 2 })] },
      },
      { type: 'DeliveriesPassed', data: { ranges: [{ first: 1, last: 1, reason: 'filtered' }] } },
      {
        type: 'DeliveriesAttempted',
        data: { attempts: [failure('sub_aaaa', 2), failure('sub_aaaa', 3)] },
      },
      {
        type: 'DeliveriesParked',
        data: { webhookId: parked, places: [3], reason: 'attempts-used' },
      },
      {
        type: 'DeliveriesAttempted',
        data: {
          attempts: [
            attemptAt('sub_aaaa', 4, {
              webhookId: `msg_${'b'.repeat(22)}`,
              places: [4, 5],
              ids: ['e4', 'e5'],
            }),
          ],
        },
      },
    );
    const recipients = async (place: number, token = dealer): Promise<Record<string, unknown>> => {
      const path = `/exchange/v1/topics/cars/publications/${place}/recipients`;
      return (await send('get', path, token).expect(200)).body as Record<string, unknown>;
    };
    const first = await recipients(0);
    expect(first).to.deep.include({ owner: 'dealer', eventId: 'e0', visibleTo: ['bank'] });
    expect(first['couldSee']).to.deep.equal([
      {
        ...{ partnerId: 'bank', history: 'all', until: null },
        from: new Date(now).toISOString(),
      },
    ]);
    expect(first['subscriptions']).to.containSubset([
      {
        ...{ subscriptionId: 'sub_aaaa', partnerId: 'bank', outcome: 'delivered' },
        deliveredAt: new Date(now + 1_020).toISOString(),
        attempts: [
          { outcome: 'retry', status: 500, error: 'status' },
          { outcome: 'delivered', status: 204, error: null },
        ],
      },
      { subscriptionId: 'sub_late', outcome: 'pending', reason: 'paused', attempts: [] },
    ]);
    const became = async (place: number) => {
      const { subscriptions } = await recipients(place);
      const [one] = subscriptions as { outcome: string; reason: string | null }[];
      return [one?.outcome, one?.reason];
    };
    expect(await became(1)).to.deep.equal(['passed', 'filtered']);
    expect(await became(2)).to.deep.equal(['waiting', null]);
    expect(await became(3)).to.deep.equal(['parked', 'attempts-used']);
    expect(await became(5)).to.deep.equal(['delivered', null]);
    expect(await became(6)).to.deep.equal(['pending', null]);
    // The log itself knows, where the searches do not yet.
    fallBehind();
    expect(await became(5)).to.deep.equal(['delivered', null]);
    expect(await became(1)).to.deep.equal(['passed', 'filtered']);
    catchUp();

    const path = '/topics/cars/publications/0/recipients';
    expect((await admin('get', path).expect(200)).body).to.deep.equal(first);
    const before = await admin('get', `${path}?at=2026-01-01T00:00:00Z`).expect(200);
    expect(before.body).to.deep.include({ visibleTo: [] });
    const reader = await send('get', `/exchange/v1${path}`, bank).expect(403);
    expect(reader.body).to.include({ code: 'not-topic-owner' });
    const none = '/exchange/v1/topics/cars/publications/9/recipients';
    expect((await send('get', none, dealer).expect(404)).body).to.include({ code: 'not-found' });
  });

  it('proves who pulled, streamed or found a publication, when, and by whose asking', async () => {
    const { bank, dealer, send, admin, record, publish, fallBehind } = house;
    await publish(3);
    const handed = (partnerId: string, way: string, asked: object, ...places: number[]) => ({
      type: 'PublicationsHandedOver',
      data: {
        handovers: [
          {
            ...{ partnerId, way, ...asked },
            ranges: places.map((place) => ({ first: place, last: place })),
          },
        ],
      },
    });
    const program = { credentialId: 'credential1' };
    const person = { userId: 'pu0123456789abcdef0123' };
    await record(
      'handovers-demo.cars',
      handed('bank', 'pull', program, 0, 2),
      handed('bank', 'search', person, 2),
      handed('agency', 'stream', program, 1, 2),
    );
    const path = '/topics/cars/publications';
    const at = new Date(now).toISOString();
    const times = { firstAt: at, lastAt: at };
    const all = [
      { partnerId: 'bank', way: 'pull', credentialId: 'credential1', userId: null, ...times },
      { partnerId: 'bank', way: 'search', credentialId: null, ...person, ...times },
      { partnerId: 'agency', way: 'stream', credentialId: 'credential1', userId: null, ...times },
    ];
    const own = await send('get', `/exchange/v1${path}/2/handovers`, dealer).expect(200);
    const about = { topicId: 'cars', place: 2, publishedAt: at, next: null, knownFrom: null };
    expect(own.body).to.deep.equal({ ...about, items: all });
    const byOperator = await admin('get', `${path}/2/handovers?limit=2`).expect(200);
    expect(byOperator.body).to.deep.equal({ ...about, items: all.slice(0, 2), next: '2' });
    const rest = await admin('get', `${path}/2/handovers?limit=2&after=2`).expect(200);
    expect(rest.body).to.deep.equal({ ...about, items: all.slice(2) });
    const first = await admin('get', `${path}/0/handovers`).expect(200);
    expect((first.body as { items: object[] }).items).to.deep.equal(all.slice(0, 1));

    const recipients = await admin('get', `${path}/2/recipients`).expect(200);
    const shown = recipients.body as { handovers: object };
    expect(shown.handovers).to.deep.equal({ items: all, more: false, knownFrom: null });
    const before = await admin('get', `${path}/2/recipients?at=2026-01-01T00:00:00Z`).expect(200);
    expect((before.body as typeof shown).handovers).to.deep.include({ items: [] });
    // A list that may lack somebody is not given.
    fallBehind();
    const behind = await admin('get', `${path}/2/recipients`).expect(200);
    expect((behind.body as { handovers: unknown }).handovers).to.equal(null);
    await admin('get', `${path}/2/handovers`).expect(503);

    const reader = await send('get', `/exchange/v1${path}/2/handovers`, bank).expect(403);
    expect(reader.body).to.include({ code: 'not-topic-owner' });
    const none = await send('get', `/exchange/v1${path}/9/handovers`, dealer).expect(404);
    expect(none.body).to.include({ code: 'not-found' });
  });
});
