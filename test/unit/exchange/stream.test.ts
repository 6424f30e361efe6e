/** Server-sent events: the places of a pull, resumption without loss, access while it streams, slow readers, limits, the stop. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect } from 'chai';
import request from 'supertest';
import { partnerRoutes } from '../../../api/admin/partners.js';
import { topicRoutes } from '../../../api/admin/topics.js';
import { exchangeRoutes } from '../../../api/exchange/routes.js';
import { streamRoutes } from '../../../api/exchange/stream.js';
import { createStreamSlots, type StreamSlots } from '../../../api/exchange/streamSlots.js';
import { createArrivals } from '../../../commands/publication/arrivals.js';
import { createFollow } from '../../../commands/publication/follow.js';
import type { HandOver } from '../../../commands/publication/handovers.js';
import { LogUnavailable } from '../../../commands/log.js';
import { createPublish } from '../../../commands/publication/publish.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { createPull } from '../../../commands/publication/pull.js';
import type { Revealed } from '../../../commands/publication/reveal.js';
import { createTopicReadings } from '../../../commands/publication/topicReadings.js';
import type { Published } from '../../../domain/publication/publication.js';
import type { TenantId } from '../../../domain/ids.js';
import { asOwner, joinPartner } from '../api/partnerDesk.js';
import { openTestShop, type TestShop } from '../api/testShop.js';
import { type EventReader, openEventReader, type ReadEvent } from './eventSource.js';
import { recordedIn } from './recorded.js';

interface Item {
  readonly place: number;
  readonly event: { readonly id: string };
}
const itemOf = ({ data }: ReadEvent): Item => JSON.parse(data) as Item;
const dataOf = (event: ReadEvent | null): unknown => event && JSON.parse(event.data);

describe('a stream of events', () => {
  let topic = '';
  let ids = { topic: '', dealer: '', bank: '' };
  let made = 0;
  let shop: TestShop;
  let server: Server;
  let url = '';
  let dealer = '';
  let bank = '';
  let bankCredential = '';
  let leaving: AbortController;
  let slots: StreamSlots;
  let logReads = 0;
  let recordFault: Error | null = null;
  let whileRecorded = async (): Promise<unknown> => undefined;
  let readers: EventReader[] = [];
  const sockets: Socket[] = [];

  const admin = (method: 'post' | 'put', path: string, body: object) =>
    asOwner(shop, method, path, body);

  const join = (partnerId: string) => joinPartner(admin, partnerId);

  const grant = (history: string) =>
    admin('put', `/topics/${ids.topic}/grants/${ids.bank}`, { history }).expect(200);

  const publish = (id: string, more: object = {}) =>
    request(shop.app)
      .post(`${topic}/publications`)
      .set('authorization', `Bearer ${dealer}`)
      .set('content-type', 'application/cloudevents+json')
      .send(
        JSON.stringify({
          ...{ specversion: '1.0', id, source: '/s', type: 'car.chosen', ...more },
        }),
      )
      .expect(201);

  const follow = async (
    query = '',
    headers: Record<string, string> = {},
    token = bank,
  ): Promise<EventReader> => {
    const reader = await openEventReader(`${url}${topic}/stream${query}`, token, headers);
    readers.push(reader);
    return reader;
  };

  const until = async (isSo: () => boolean): Promise<void> => {
    for (let waited = 0; !isSo() && waited < 15_000; waited += 5) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(isSo()).to.equal(true);
  };

  const openShop = async (): Promise<void> => {
    leaving = new AbortController();
    shop = await openTestShop({
      withRoutes: (handler, log) => {
        const { directory } = handler;
        const counted = {
          read: ((...asked) => {
            logReads += 1;
            return log.read(...asked);
          }) as typeof log.read,
        };
        const about = { log, directory, arrivals: createArrivals() };
        const recorded = recordedIn(log);
        const handOver: HandOver = async (handed) => {
          if (recordFault) throw recordFault;
          await recorded(handed);
          await whileRecorded();
        };
        const now = () => 0;
        const reveal = async (_t: unknown, _topic: unknown, fact: { data: unknown }) => {
          const { publication } = fact.data as Published;
          const gone = publication.subject === 'gone';
          return (gone ? { kind: 'expired' } : { kind: 'shown', publication }) as Revealed;
        };
        slots = createStreamSlots({ total: 12, perPartner: 10 }, leaving.signal);
        const readings = createTopicReadings({ ...about, log: counted });
        const monotonicMs = () => performance.now();
        return [
          ...partnerRoutes({ handler }),
          ...topicRoutes({ handler }),
          ...exchangeRoutes({
            handler,
            publish: createPublish({ ...about, keys: createMemoryPersonalKeys() }),
            pull: createPull({ ...about, reveal, monotonicMs, now }),
            handOver,
            stopping: leaving.signal,
          }),
          ...streamRoutes({
            directory,
            handOver,
            slots,
            follow: createFollow({ readings, directory, reveal, now }),
            lastRevision: async (stream) =>
              (await log.read(stream, 0, 10_000)).at(-1)?.revision ?? null,
            monotonicMs,
            limits: { turnMs: 20, heartbeatMs: 60, farewellMs: 100 },
          }),
        ];
      },
    });
    server = createServer(shop.app).listen(0, '127.0.0.1');
    server.on('connection', (socket) => void sockets.push(socket));
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const closeShop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await shop.close();
  };
  before(openShop);
  after(closeShop);

  beforeEach(async () => {
    readers = [];
    logReads = 0;
    made += 1;
    ids = { topic: `cars${made}`, dealer: `dealer${made}`, bank: `bank${made}` };
    topic = `/exchange/v1/topics/${ids.topic}`;
    dealer = (await join(ids.dealer)).token;
    ({ token: bank, credentialId: bankCredential } = await join(ids.bank));
    const about = { name: 'Cars', description: '', classification: 'open' };
    const created = { topicId: ids.topic, owner: ids.dealer, ...about };
    await admin('post', '/topics', created).expect(201);
    await grant('all');
  });
  afterEach(async () => {
    for (const reader of readers) reader.close();
    await until(() => slots.open() === 0);
  });

  it('has the places and the words of a pull, what was there first and then what comes', async () => {
    for (const id of ['a', 'b']) await publish(id);
    const reader = await follow();
    const first = await reader.take(2);
    await publish('c');
    const [third] = await reader.take(1);
    const { body } = await request(shop.app)
      .get(`${topic}/publications`)
      .set('authorization', `Bearer ${bank}`);
    const pulled = (body as { items: unknown[] }).items;
    expect([...first, third].map((event) => dataOf(event ?? null))).to.deep.equal(pulled);
    expect(third).to.include({ type: 'message', lastEventId: '2' });
    expect(reader.headers.get('content-type')).to.equal('text/event-stream');
    expect(reader.headers.get('x-accel-buffering')).to.equal('no');
    expect(reader.headers.get('cache-control')).to.equal('no-store, no-transform');
    expect(reader.retry()).to.be.within(1_000, 3_000);
  });

  it('tells the classification of the topic, as it is, of what was recorded without one', async () => {
    const metadata = {
      ...{ tenant: 'demo' as TenantId, actor: { kind: 'partner', id: ids.dealer } as const },
      ...{ correlationId: '', causationId: '', commandId: '', fingerprint: '', schemaVersion: 1 },
      occurredAt: '2026-03-01T12:00:00.000Z',
    };
    const publication = { id: 'a', source: '/s', type: 'car.chosen' };
    const data = { partnerId: ids.dealer, publication };
    const old = { id: randomUUID(), type: 'EventPublished', data, metadata };
    await shop.log.append(`publications-demo.${ids.topic}`, 'any', [old]);
    const handling = async () => {
      const [event] = await (await follow()).take(1);
      return (JSON.parse(event?.data ?? '{}') as { handling?: object }).handling;
    };
    expect(await handling()).to.include({ classification: 'open' });
    const about = { name: 'Cars', description: '', classification: 'personal' };
    await admin('put', `/topics/${ids.topic}/description`, about).expect(200);
    expect(await handling()).to.include({ classification: 'personal' });
  });

  it('begins after the place that is asked for, at its end, or at the last id that is known', async () => {
    for (const id of ['a', 'b', 'c']) await publish(id);
    const after = await follow('?after=0');
    expect(itemOf((await after.next()) as ReadEvent).place).to.equal(1);
    const last = await follow('?after=0', { 'last-event-id': '1' });
    expect(itemOf((await last.next()) as ReadEvent).place).to.equal(2);
    const now = await follow('?after=now');
    await publish('d');
    expect(itemOf((await now.next()) as ReadEvent).place).to.equal(3);
  });

  it('misses nothing and doubles nothing for a reader that is cut off again and again', async () => {
    const wanted = 120;
    const publishing = (async () => {
      for (let i = 0; i < wanted; i += 1) await publish(`e${i}`);
    })();
    const places: number[] = [];
    let cuts = 0;
    while (places.length < wanted) {
      const known = places.at(-1);
      const reader = await follow('', known === undefined ? {} : { 'last-event-id': `${known}` });
      for (const event of await reader.take(Math.min(9, wanted - places.length))) {
        places.push(itemOf(event).place);
      }
      reader.close();
      cuts += 1;
      await until(() => slots.open() === 0);
    }
    await publishing;
    expect(places).to.deep.equal(Array.from({ length: wanted }, (_, i) => i));
    expect(cuts).to.be.greaterThan(10);
  });

  it('accounts for every place that a filter, a grant or time leaves out', async () => {
    await publish('hidden1');
    await publish('hidden2');
    // The log's clock stands still here: what is published at the moment of the grant counts as after it.
    await grant('sinceGrant');
    const access = shop.handler.directory.exchange.access('demo' as never, ids.topic as never);
    Object.assign(access.grants.at(-1) ?? {}, { since: Number.MAX_SAFE_INTEGER });
    const hidden = await follow('?after=0');
    expect(dataOf(await hidden.next())).to.deep.equal({ first: 1, last: 1, reason: 'hidden' });
    Object.assign(access.grants.at(-1) ?? {}, { since: 0 });
    for (const type of ['a.x', 'b.x', 'b.y', 'a.y']) await publish(type, { type });
    await publish('late', { type: 'a.z', subject: 'gone' });
    const filter = encodeURIComponent(JSON.stringify({ prefix: { type: 'a.' } }));
    const reader = await follow(`?after=1&filter=${filter}`);
    const seen = (await reader.take(4)).map(({ type, data, lastEventId }) => [
      type,
      lastEventId,
      JSON.parse(data) as object,
    ]);
    expect(seen).to.containSubset([
      ['message', '2', { place: 2, event: { id: 'a.x' } }],
      ['passed', '4', { first: 3, last: 4, reason: 'filtered' }],
      ['message', '5', { place: 5, event: { id: 'a.y' } }],
      ['passed', '6', { first: 6, last: 6, reason: 'expired' }],
    ]);
  });

  const handovers = async (): Promise<unknown[]> =>
    (await shop.log.read(`handovers-demo.${ids.topic}`, 0, 1_000)).flatMap(
      ({ data }) => (data as { handovers: unknown[] }).handovers,
    );

  it('has recorded what it shows before it does, and of what it leaves out nothing', async () => {
    for (const type of ['a.x', 'b.x', 'a.y']) await publish(type, { type });
    const filter = encodeURIComponent(JSON.stringify({ prefix: { type: 'a.' } }));
    await (await follow(`?filter=${filter}`)).take(3);
    const of = { partnerId: ids.bank, credentialId: bankCredential };
    const ranges = [
      { first: 0, last: 0 },
      { first: 2, last: 2 },
    ];
    expect(await handovers()).to.deep.equal([{ ...of, way: 'stream', ranges }]);
    const pulling = request(shop.app)
      .get(`${topic}/publications?after=0`)
      .set('authorization', `Bearer ${bank}`);
    await pulling.expect(200);
    expect((await handovers())[1]).to.deep.equal({
      ...{ ...of, way: 'pull' },
      ranges: [{ first: 1, last: 2 }],
    });
    // What its owner reads is its own.
    await (await follow('', {}, dealer)).take(3);
    expect(await handovers()).to.have.length(2);
  });

  it('shows nothing, nor does a pull, where it cannot be recorded, and says to come back', async () => {
    await publish('a');
    recordFault = new LogUnavailable('the log takes nothing');
    try {
      const reader = await follow();
      const end = await reader.next();
      expect(end?.type).to.equal('end');
      expect(dataOf(end)).to.include({ reason: 'log-unavailable', again: true });
      // Broken off, as whatever fails in the middle is.
      expect(await reader.next().catch(() => null)).to.equal(null);
      const { body } = await request(shop.app)
        .get(`${topic}/publications`)
        .set('authorization', `Bearer ${bank}`)
        .expect(503);
      expect(body).to.include({ code: 'log-unavailable' });
    } finally {
      recordFault = null;
    }
    expect((await (await follow()).take(1))[0]).to.include({ lastEventId: '0' });
  });

  it('shows nothing, nor does a pull, where access ends while it is recorded', async () => {
    await publish('a');
    const revocation = `/topics/${ids.topic}/grants/${ids.bank}/revocation`;
    whileRecorded = () => admin('post', revocation, { reason: 'over' }).expect(200);
    try {
      const end = await (await follow()).next();
      expect(end?.type).to.equal('end');
      expect(dataOf(end)).to.include({ reason: 'access-revoked' });
      await grant('all');
      const pulling = request(shop.app)
        .get(`${topic}/publications`)
        .set('authorization', `Bearer ${bank}`);
      expect((await pulling.expect(404)).body).to.include({ code: 'topic-not-found' });
    } finally {
      whileRecorded = async () => undefined;
    }
  });

  it('ends at once, with the reason, when access, the token or the partner is revoked', async () => {
    const end = async (reader: EventReader): Promise<unknown> => {
      const event = await reader.next();
      expect(event?.type).to.equal('end');
      expect(await reader.next(), 'and nothing after it').to.equal(null);
      return dataOf(event);
    };
    const byAccess = await follow();
    const revocation = `/topics/${ids.topic}/grants/${ids.bank}/revocation`;
    await admin('post', revocation, { reason: 'over' }).expect(200);
    expect(await end(byAccess)).to.include({ reason: 'access-revoked', again: false });
    expect((await follow()).problem).to.include({ code: 'topic-not-found' });

    await grant('all');
    const byToken = await follow();
    const credential = `/partners/${ids.bank}/credentials/${bankCredential}/revocation`;
    await admin('post', credential, { reason: 'leaked' }).expect(200);
    expect(await end(byToken)).to.include({ reason: 'token-revoked', again: false });
    expect((await follow()).problem).to.include({ code: 'token-revoked' });
  });

  it('keeps a quiet connection alive with comments', async () => {
    const reader = await follow();
    const coming = reader.next();
    await until(() => reader.comments() >= 2);
    await publish('a');
    expect((await coming)?.type).to.equal('message');
  });

  it('is limited for each partner and in all, and a place is free again when a reader goes', async () => {
    const mine: EventReader[] = [];
    for (let i = 0; i < 10; i += 1) mine.push(await follow());
    const refused = await follow();
    expect(refused.status).to.equal(429);
    expect(refused.problem).to.include({ code: 'too-many-streams', most: 10 });
    expect(refused.headers.get('retry-after')).to.equal('5');
    for (const token of [dealer, dealer])
      expect((await follow('', {}, token)).status).to.equal(200);
    expect((await follow('', {}, dealer)).problem).to.include({ most: 12 });
    mine[0]?.close();
    await until(() => slots.open() < 12);
    expect((await follow()).status).to.equal(200);
  });

  it('costs the log one reading, however many read', async () => {
    const mine: EventReader[] = [];
    for (let i = 0; i < 10; i += 1) mine.push(await follow());
    logReads = 0;
    for (let i = 0; i < 5; i += 1) await publish(`e${i}`);
    for (const reader of mine) expect(await reader.take(5)).to.have.length(5);
    expect(logReads).to.be.lessThan(25);
  });

  it('refuses what it does not understand, at its place', async () => {
    const wrong: readonly (readonly [string, Record<string, string>, string])[] = [
      ['?after=yesterday', {}, '/after'],
      ['?filter=car', {}, '/filter'],
      [`?filter=${encodeURIComponent('{"exact":{"type":5}}')}`, {}, '/filter'],
      [
        `?filter=${encodeURIComponent(`${'{"not":'.repeat(6)}{"exact":{"a":"b"}}${'}'.repeat(6)}`)}`,
        {},
        '/filter',
      ],
      ['', { 'last-event-id': 'seventeen' }, '/Last-Event-ID'],
    ];
    for (const [query, headers, pointer] of wrong) {
      const { status, problem } = await follow(query, headers);
      expect(status, query).to.equal(400);
      const { faults } = problem as { faults?: { pointer: string }[] };
      expect(faults?.[0]?.pointer.startsWith(pointer), JSON.stringify(problem)).to.equal(true);
    }
    expect(slots.open()).to.equal(0);
  });

  const data = 'x'.repeat(60_000);
  const count = 200;

  /** Connects and does not read on. */
  const stuck = (): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const call = httpRequest(`${url}${topic}/stream`, {
        headers: { authorization: `Bearer ${bank}` },
        highWaterMark: 1_000,
      } as object);
      call.on('response', (response) => {
        response.pause();
        resolve(response);
      });
      call.on('error', reject);
      call.end();
    });

  it('holds back for a reader that takes nothing, piles nothing up, and goes on when it reads', async () => {
    const response = await stuck();
    for (let i = 0; i < count; i += 1) await publish(`e${i}`, { data });
    const other = await follow();
    expect(await other.take(count), 'others are not held up').to.have.length(count);
    const own = sockets.find(({ remotePort }) => remotePort === response.socket.localPort);
    // The system alone takes up to 4.2 MB before it says that there is no more room, and a little on the other side.
    expect(own?.bytesWritten, 'most of 12 MB is not even written').to.be.lessThan(5_000_000);
    const held = (own?.writableLength ?? 0) + (own?.bytesWritten ?? 0);
    expect(held, 'and what is to be written is not waiting either').to.be.lessThan(5_000_000);
    let text = '';
    response.on('data', (chunk) => (text += String(chunk)));
    response.resume();
    await until(() => text.includes(`"place":${count - 1}`));
    const places = [...text.matchAll(/^id: (\d+)$/gm)].map(([, place]) => Number(place));
    expect(places).to.deep.equal(Array.from({ length: count }, (_, i) => i));
    response.destroy();
  });

  describe('when the process stops', () => {
    afterEach(async () => {
      await closeShop();
      await openShop();
    });

    it('says so, and that coming back helps', async () => {
      await publish('a');
      const reader = await follow();
      await reader.take(1);
      leaving.abort();
      const end = await reader.next();
      expect(end?.type).to.equal('end');
      expect(dataOf(end)).to.include({ reason: 'stopping', again: true });
      expect(await reader.next()).to.equal(null);
      expect(end?.lastEventId, 'the place is kept').to.equal('0');
    });

    it('breaks off a reader that takes nothing', async () => {
      const response = await stuck();
      response.on('error', () => undefined);
      for (let i = 0; i < count; i += 1) await publish(`e${i}`, { data });
      const closed = once(response, 'close');
      leaving.abort();
      await until(() => slots.open() === 0);
      response.destroy();
      await closed;
    });
  });
});
