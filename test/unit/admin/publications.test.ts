/** Publishing and pulling over HTTP: the modes of CloudEvents, repeats, access, order, waiting. */
import { CloudEvent, HTTP } from 'cloudevents';
import { expect } from 'chai';
import request from 'supertest';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { now } from '../api/testApi.js';
import { asOwner, joinPartner } from '../api/partnerDesk.js';
import { openTestShop, type TestShop } from '../api/testShop.js';
import { recordedIn } from '../exchange/recorded.js';
import { inSentTerms } from '../../../api/exchange/cloudEvents.js';
import { exchangeRoutes } from '../../../api/exchange/routes.js';
import { rejected } from '../../../domain/rejected.js';
import { partnerRoutes } from '../../../api/admin/partners.js';
import { topicRoutes } from '../../../api/admin/topics.js';
import { createArrivals } from '../../../commands/publication/arrivals.js';
import { createPublish } from '../../../commands/publication/publish.js';
import { createPull } from '../../../commands/publication/pull.js';
import { createReveal } from '../../../commands/publication/reveal.js';

const topic = '/exchange/v1/topics/cars/publications';

interface Pulled {
  readonly items: readonly { readonly place: number; readonly event: Record<string, unknown> }[];
  readonly next: number | null;
}

describe('publications', () => {
  let shop: TestShop;
  let dealer = '';
  let bank = '';
  let leaving: AbortController;

  const admin = (method: 'post' | 'put', path: string, body: object) =>
    asOwner(shop, method, path, body);

  const join = async (partnerId: string): Promise<string> =>
    (await joinPartner(admin, partnerId)).token;

  const publish = (
    body: unknown,
    options: { type?: string; token?: string; headers?: Record<string, string> } = {},
  ) => {
    const { type = 'application/cloudevents+json', token = dealer, headers = {} } = options;
    return request(shop.app)
      .post(topic)
      .set('authorization', `Bearer ${token}`)
      .set('content-type', type)
      .set(headers)
      .send(typeof body === 'string' ? body : JSON.stringify(body));
  };

  const pull = async (query = '', token = bank): Promise<Pulled> => {
    const { body } = await request(shop.app)
      .get(`${topic}${query}`)
      .set('authorization', `Bearer ${token}`)
      .expect(200);
    return body as Pulled;
  };

  const chosen = (id: string, more: object = {}) => ({
    specversion: '1.0',
    id,
    source: '/sites/dealer',
    type: 'car.chosen',
    data: { brand: 'Lada' },
    ...more,
  });

  beforeEach(async () => {
    leaving = new AbortController();
    shop = await openTestShop({
      withRoutes: (handler, log) => {
        const keys = createMemoryPersonalKeys();
        const about = { log, directory: handler.directory, arrivals: createArrivals() };
        return [
          ...partnerRoutes({ handler }),
          ...topicRoutes({ handler }),
          ...exchangeRoutes({
            handler,
            publish: createPublish({ ...about, keys }),
            pull: createPull({
              ...about,
              reveal: createReveal(keys),
              monotonicMs: () => performance.now(),
              now: () => now,
            }),
            handOver: recordedIn(log),
            stopping: leaving.signal,
          }),
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

  it('are numbered from 0 without gaps and handed out in that order', async () => {
    for (const id of ['a', 'b', 'c']) await publish(chosen(id)).expect(201);
    const { items, next } = await pull();
    expect(items.map(({ place, event }) => [place, event['id']])).to.deep.equal([
      [0, 'a'],
      [1, 'b'],
      [2, 'c'],
    ]);
    expect(next).to.equal(2);
    expect((await pull('?after=0&limit=1')).items.map(({ place }) => place)).to.deep.equal([1]);
    expect(await pull('?after=2')).to.deep.include({ items: [], next: 2 });
  });

  it('come back as they were sent, in every mode, to an independent reader', async () => {
    const event = new CloudEvent({
      id: 'e1',
      source: '/sites/dealer',
      type: 'car.chosen',
      subject: 'car:42',
      time: '2026-03-01T12:00:00.000Z',
      datacontenttype: 'application/json',
      partitionkey: 'customer:17',
      region: 'nørd',
      data: { brand: 'Škoda', price: 12.5 },
    });
    const binary = HTTP.binary(event);
    const structured = HTTP.structured(event.cloneWith({ id: 'e2' }));
    for (const message of [binary, structured]) {
      const headers = Object.fromEntries(
        Object.entries(message.headers).map(([name, value]) => [
          name,
          encodeURIComponent(String(value)),
        ]),
      );
      const { ['content-type']: _type, ...rest } = headers;
      const type = String(message.headers['content-type']).split(';')[0] ?? '';
      await publish(String(message.body), { type, headers: rest }).expect(201);
    }
    await publish(
      [event.cloneWith({ id: 'e3' }).toJSON(), event.cloneWith({ id: 'e4' }).toJSON()],
      {
        type: 'application/cloudevents-batch+json',
      },
    ).expect(201);
    const { items } = await pull();
    for (const [i, { event: got }] of items.entries()) {
      const read = HTTP.toEvent({
        headers: { 'content-type': 'application/cloudevents+json' },
        body: JSON.stringify(got),
      });
      expect((read as CloudEvent).toJSON()).to.deep.equal(
        event.cloneWith({ id: `e${i + 1}` }).toJSON(),
      );
    }
    expect(items).to.have.length(4);
  });

  it('may be plain JSON, which becomes the data', async () => {
    await publish({ brand: 'Lada' }, { type: 'application/json' }).expect(201);
    const [item] = (await pull()).items;
    expect(item?.event).to.deep.include({ source: '/partners/dealer', data: { brand: 'Lada' } });
  });

  it('are refused where a CloudEvent is sent as plain JSON, or by halves in headers', async () => {
    const plain = await publish(chosen('a'), { type: 'application/json' }).expect(400);
    expect(plain.body.faults[0].pointer).to.equal('/specversion');
    expect(plain.body.faults[0].reason).to.contain('application/cloudevents+json');
    const headers = { 'ce-id': 'a', 'ce-type': 'car.chosen' };
    const halves = await publish({ brand: 'Lada' }, { type: 'application/json', headers });
    expect(halves.body.faults[0]).to.include({ pointer: '/ce-specversion' });
    expect((await pull()).items).to.have.length(0);
  });

  it('are taken once under one key, and once by id and source without any', async () => {
    const key = { headers: { 'idempotency-key': 'k1' } };
    const first = await publish(chosen('a'), key).expect(201);
    const again = await publish(chosen('a'), key).expect(200);
    expect(again.body).to.deep.equal({ ...(first.body as object), repeated: true });
    await publish(chosen('b')).expect(201);
    await publish(chosen('b')).expect(200);
    expect((await pull()).items).to.have.length(2);
    const other = await publish(chosen('a', { data: 5 }), key).expect(409);
    expect(other.body).to.include({ code: 'idempotency-key-reused' });
    expect((await pull()).items).to.have.length(2);
  });

  it("are the owner's to make, and only the readers' to see", async () => {
    const stranger = await join('stranger');
    const byReader = await publish(chosen('a'), { token: bank }).expect(403);
    expect(byReader.body).to.include({ code: 'not-topic-owner' });
    const byStranger = await publish(chosen('a'), { token: stranger }).expect(404);
    expect(byStranger.body).to.include({ code: 'topic-not-found' });
    await request(shop.app).get(topic).set('authorization', `Bearer ${stranger}`).expect(404);
    await publish(chosen('a')).expect(201);
    expect((await pull('', dealer)).items).to.have.length(1);
    await admin('post', '/topics/cars/grants/bank/revocation', { reason: 'over' }).expect(200);
    await request(shop.app).get(topic).set('authorization', `Bearer ${bank}`).expect(404);
    await admin('post', '/topics/cars/archival', { reason: 'over' }).expect(200);
    expect((await publish(chosen('b')).expect(409)).body).to.include({ code: 'topic-archived' });
    expect((await pull('', dealer)).items).to.have.length(1);
  });

  it('are waited for, and found at once when they come', async () => {
    const started = performance.now();
    const waiting = pull('?wait=8');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await publish(chosen('a')).expect(201);
    expect((await waiting).items).to.have.length(1);
    expect(performance.now() - started).to.be.lessThan(6_000);
  });

  it('keep nobody waiting who is to leave', async () => {
    const started = performance.now();
    setTimeout(() => leaving.abort(), 50);
    expect((await pull('?wait=8')).items).to.deep.equal([]);
    expect(performance.now() - started).to.be.lessThan(6_000);
  });

  it('are told what their schema refuses by its place in what was sent, in every mode', () => {
    const faults = [{ pointer: '/publications/0/data/brand', reason: 'is missing' }];
    const told = (mediaType: string, headers = {}) => {
      const sent = { mediaType, headers, body: {} };
      return inSentTerms(rejected('schema-not-met', { version: 1, faults }), sent);
    };
    const pointerOf = (error: unknown) =>
      (error as { details: { faults: typeof faults } }).details.faults[0]?.pointer;
    expect(told('application/cloudevents+json')).to.have.nested.property('details.version', 1);
    expect(pointerOf(told('application/cloudevents+json'))).to.equal('/data/brand');
    expect(pointerOf(told('application/cloudevents-batch+json'))).to.equal('/0/data/brand');
    expect(pointerOf(told('application/json'))).to.equal('/brand');
    expect(pointerOf(told('application/json', { 'ce-specversion': '1.0' }))).to.equal(
      '/data/brand',
    );
  });

  it('are refused with a pointer at every fault', async () => {
    const wrong: readonly (readonly [unknown, string, string?])[] = [
      [chosen('a', { specversion: '0.3' }), '/specversion'],
      [chosen('a', { data_base64: 'AA==' }), '/data_base64'],
      [{ ...chosen('a'), type: undefined }, '/type'],
      [chosen('a', { time: 'yesterday' }), '/time'],
      [chosen('a', { partitionkey: '' }), '/partitionkey'],
      [chosen('a', { expirytime: 'soon' }), '/expirytime'],
      [chosen('a', { Region: 'x' }), '/Region'],
      [[chosen('a'), 5], '/1', 'application/cloudevents-batch+json'],
      [[chosen('a'), chosen('b', { time: 'x' })], '/1/time', 'application/cloudevents-batch+json'],
      [[], '', 'application/cloudevents-batch+json'],
      [5, ''],
    ];
    for (const [body, pointer, type] of wrong) {
      const reply = await publish(body, type === undefined ? {} : { type });
      expect(reply.status, reply.text).to.equal(400);
      const { faults } = reply.body as { faults: { pointer: string }[] };
      expect(faults[0]?.pointer, reply.text).to.equal(pointer);
    }
    expect((await pull()).items).to.deep.equal([]);
  });
});
