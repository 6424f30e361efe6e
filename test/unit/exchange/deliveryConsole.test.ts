/** What is told of deliveries: every try, how endpoints do and why, who could see a publication and who got it. */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import request from 'supertest';
import { deliveryAdminRoutes } from '../../../api/admin/deliveries.js';
import { createEndpointLook } from '../../../api/admin/endpointLook.js';
import { topicOverviewRoutes } from '../../../api/admin/topicOverview.js';
import { endpointRoutes } from '../../../api/admin/endpoints.js';
import { partnerRoutes } from '../../../api/admin/partners.js';
import { topicRoutes } from '../../../api/admin/topics.js';
import { attemptRoutes } from '../../../api/exchange/attempts.js';
import { createOutcomeOf } from '../../../api/exchange/outcomes.js';
import { recipientAdminRoutes, recipientRoutes } from '../../../api/exchange/recipients.js';
import { createDeliveryOrders } from '../../../commands/delivery/ordering.js';
import { webhookIdOf } from '../../../commands/delivery/webhookId.js';
import type { Log } from '../../../commands/log.js';
import type { Attempt, DeliveryEvent } from '../../../domain/delivery/events.js';
import type { NewFact } from '../../../domain/fact.js';
import type { SubscriptionId, TenantId } from '../../../domain/ids.js';
import type { SubscriptionEvent } from '../../../domain/subscription/events.js';
import type { AttemptSearches } from '../../../projections/attempts/search.js';
import { DocumentsNotReady } from '../../../projections/documents/reading.js';
import { now } from '../api/testApi.js';
import { openTestShop, type TestShop } from '../api/testShop.js';

const tenant = 'demo' as TenantId;
const hour = 3_600_000;
const streamOf = (id: string) => `deliveries-demo.${id}`;

const attemptAt = (id: string, place: number, more: Partial<Attempt> = {}): Attempt => ({
  webhookId: webhookIdOf(streamOf(id), [place]),
  places: [place],
  ids: [`e${place}`],
  attempt: 1,
  cause: 'first',
  startedAt: now + 1_000,
  ms: 20,
  outcome: 'delivered',
  status: 204,
  request: { url: 'https://bank.example/hooks', headers: ['webhook-id'], bytes: 10 },
  ...more,
});
const failure = (id: string, place: number, more: Partial<Attempt> = {}): Attempt =>
  attemptAt(id, place, {
    ...{ outcome: 'retry', status: 500, next: now + hour },
    error: { code: 'status', text: 'it answered 500' },
    response: { headers: {}, body: 'out of order' },
    ...more,
  });

/** The attempts in the log, as the searches know them. */
const searchesOf = (log: Log): AttemptSearches => ({
  reach: async () => undefined,
  attempts: async ({ subscriptions, webhookId, place, outcome, status, limit }) => {
    const found = [];
    for (const subscriptionId of subscriptions) {
      for (const { type, data } of await log.read(streamOf(subscriptionId), 0, 1_000)) {
        if (type !== 'DeliveriesAttempted') continue;
        for (const attempt of (data as { attempts: Attempt[] }).attempts) {
          if (webhookId !== undefined && attempt.webhookId !== webhookId) continue;
          if (place !== undefined && !attempt.places.includes(place)) continue;
          if (outcome !== undefined && attempt.outcome !== outcome) continue;
          if (status !== undefined && attempt.status !== status) continue;
          found.unshift({ ...attempt, subscriptionId });
        }
      }
    }
    return { rows: found.slice(0, limit), next: null, keptFrom: null };
  },
});

describe('what is told of deliveries', () => {
  let shop: TestShop;
  let bank = '';
  let dealer = '';
  let documentsReady = true;

  const send = (method: 'get' | 'post' | 'put', path: string, token: string, body?: object) => {
    const call = request(shop.app)
      [method](path)
      .set('authorization', `Bearer ${token}`)
      .set('idempotency-key', randomUUID());
    return body === undefined ? call : call.send(body);
  };
  const admin = (method: 'get' | 'post' | 'put', path: string, body?: object) =>
    send(method, `/admin/v1${path}`, shop.owner, body);

  const join = async (partnerId: string): Promise<string> => {
    await admin('post', '/partners', { partnerId, name: partnerId }).expect(201);
    const { body } = await admin('post', `/partners/${partnerId}/credentials`, { label: 'x' });
    return (body as { token: string }).token;
  };

  const record = async (stream: string, ...events: { type: string; data: unknown }[]) => {
    const facts = events.map((event): NewFact => ({
      id: randomUUID(),
      ...event,
      metadata: {
        ...{ tenant, actor: { kind: 'worker', id: 'test' }, correlationId: '', causationId: '' },
        ...{ commandId: '', fingerprint: '', schemaVersion: 1 },
        occurredAt: new Date(now).toISOString(),
      },
    }));
    const { position } = await shop.log.append(stream, 'any', facts);
    await shop.handler.directory.waitFor(position, 1_000).catch(() => undefined);
  };
  const delivered = (id: string, ...events: DeliveryEvent[]) => record(streamOf(id), ...events);
  const subscribe = (id: string, ...then: SubscriptionEvent[]) =>
    record(
      `subscription-demo.${id}`,
      {
        type: 'SubscriptionCreated',
        data: {
          ...{ subscriptionId: id, partnerId: 'bank', topicId: 'cars', mode: 'structured' },
          ...{ endpoint: { url: `https://bank.example/${id}` }, signing: ['v1'], concurrency: 8 },
          ...{ order: { by: 'none' }, from: { kind: 'place', after: null }, verification: 'none' },
        },
      },
      ...then,
    );
  const publish = (count: number) =>
    record(
      'publications-demo.cars',
      ...Array.from({ length: count }, (_, i) => ({
        type: 'EventPublished',
        data: { partnerId: 'dealer', publication: { id: `e${i}`, source: '/', type: 'x' } },
      })),
    );

  beforeEach(async () => {
    documentsReady = true;
    shop = await openTestShop({
      withRoutes: (handler, log) => {
        const { directory } = handler;
        const all = searchesOf(log);
        const searches: AttemptSearches = {
          ...all,
          attempts: async (search) => {
            if (!documentsReady) throw new DocumentsNotReady('attempts');
            return all.attempts(search);
          },
        };
        const orders = createDeliveryOrders({
          ...{ log, directory, snapshots: { load: async () => null } },
          lastRevision: async (stream) =>
            (await log.read(stream, 0, 10_000)).at(-1)?.revision ?? null,
        });
        const history = {
          stream: async (
            name: string,
            asked: { direction: string; from: number | null; limit: number },
          ) => {
            const facts = await log.read(name, 0, 10_000);
            const { direction, from, limit } = asked;
            if (direction === 'backwards') return { facts: facts.slice(-limit), next: null };
            const page = facts.slice(from ?? 0, (from ?? 0) + limit);
            const next = (from ?? 0) + limit;
            return { facts: page, next: next < facts.length ? next : null };
          },
        };
        const outcomeOf = createOutcomeOf({ directory, orders, searches, history });
        const services = { directory, log, searches, orders, outcomeOf };
        const recent = async (_tenant: TenantId, subscriptionId: SubscriptionId) => {
          const { rows } = await all.attempts({
            ...{ tenant, subscriptions: [subscriptionId], limit: 100, deadlineMs: 1 },
          });
          const arrived = rows.filter(({ outcome }) => outcome === 'delivered').length;
          const figures = { lastStatus: rows[0]?.status ?? null, lastError: null };
          const times = { firstAt: now, lastAt: now, medianMs: 20, p95Ms: 20 };
          return rows.length === 0
            ? null
            : { attempts: rows.length, delivered: arrived, ...figures, ...times };
        };
        const look = createEndpointLook({ directory, orders, recent });
        return [
          ...partnerRoutes({ handler }),
          ...topicRoutes({ handler }),
          ...attemptRoutes(services),
          ...recipientRoutes(services),
          ...deliveryAdminRoutes(services),
          ...recipientAdminRoutes(services),
          ...endpointRoutes({ directory, look }),
          ...topicOverviewRoutes({ directory, look, history }),
        ];
      },
    });
    dealer = await join('dealer');
    bank = await join('bank');
    const about = { name: 'Cars', description: '', classification: 'open' };
    await admin('post', '/topics', { topicId: 'cars', owner: 'dealer', ...about }).expect(201);
    await admin('put', '/topics/cars/grants/bank', { history: 'all' }).expect(200);
  });
  afterEach(() => shop.close());

  it('lists every try to its partner and to operators, and to nobody else', async () => {
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
    documentsReady = false;
    const filling = await send('get', `/exchange/v1${path}`, bank).expect(503);
    expect(filling.body).to.include({ code: 'read-model-unavailable' });
  });

  it('tells how each endpoint does, and why one is not called', async () => {
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
      /^Not called since .*: The endpoint answered 410\. 3 publications wait in the topic\. Deliveries go on from there\.$/,
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

  it('proves who could see a publication, and who got it and how', async () => {
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
    documentsReady = false;
    expect(await became(5)).to.deep.equal(['delivered', null]);
    expect(await became(1)).to.deep.equal(['passed', 'filtered']);
    documentsReady = true;

    const path = '/topics/cars/publications/0/recipients';
    expect((await admin('get', path).expect(200)).body).to.deep.equal(first);
    const before = await admin('get', `${path}?at=2026-01-01T00:00:00Z`).expect(200);
    expect(before.body).to.deep.include({ visibleTo: [] });
    const reader = await send('get', `/exchange/v1${path}`, bank).expect(403);
    expect(reader.body).to.include({ code: 'not-topic-owner' });
    const none = '/exchange/v1/topics/cars/publications/9/recipients';
    expect((await send('get', none, dealer).expect(404)).body).to.include({ code: 'not-found' });
  });
});
