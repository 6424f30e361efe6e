/** Schemas, bulk uploads, previews, limits and erasures over HTTP: what a publisher is answered. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request as begin } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import request from 'supertest';
import { partnerRoutes } from '../../../api/admin/partners.js';
import { publishingAdminRoutes } from '../../../api/admin/publishing.js';
import { topicRoutes } from '../../../api/admin/topics.js';
import { publishingRoutes } from '../../../api/exchange/publishing.js';
import { exchangeRoutes } from '../../../api/exchange/routes.js';
import { createArrivals } from '../../../commands/publication/arrivals.js';
import { createPull } from '../../../commands/publication/pull.js';
import { createReveal } from '../../../commands/publication/reveal.js';
import { openPublishing } from '../../../platform/compose/publishing.js';
import type { Logger } from '../../../platform/logging.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { now } from '../api/testApi.js';
import { openTestShop, type TestShop } from '../api/testShop.js';
import { stepsOf } from './guide.js';

type Json = Record<string, unknown>;
const topic = '/exchange/v1/topics/cars';
const ndjson = 'application/x-ndjson';

/** What came, whatever it is. */
const asText = (
  response: request.Response,
  done: (error: Error | null, body: unknown) => void,
): void => {
  let text = '';
  response.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  response.on('end', () => done(null, text));
};

const v1 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  required: ['brand'],
  properties: { brand: { type: 'string', minLength: 1 }, price: { type: 'number', minimum: 0 } },
};

describe('publishing', () => {
  let shop: TestShop;
  let dealer = '';
  let bank = '';
  let clock = now;

  const send = (method: 'get' | 'post' | 'put', path: string, body?: unknown, token = dealer) => {
    const call = request(shop.app)
      [method](path)
      .set('authorization', `Bearer ${token}`)
      .set('idempotency-key', randomUUID());
    return body === undefined ? call : call.send(body as object);
  };
  const admin = (method: 'get' | 'post' | 'put', path: string, body?: object) =>
    send(method, `/admin/v1${path}`, body, shop.owner);
  const join = async (partnerId: string): Promise<string> => {
    await admin('post', '/partners', { partnerId, name: partnerId }).expect(201);
    const { body } = await admin('post', `/partners/${partnerId}/credentials`, { label: 'x' });
    return (body as { token: string }).token;
  };
  const event = (id: string, data: unknown = { brand: 'Lada' }, more: object = {}) => ({
    specversion: '1.0',
    id,
    source: '/sites/dealer',
    type: 'car.chosen',
    data,
    ...more,
  });
  const publish = (body: object, type = 'application/cloudevents+json') =>
    send('post', `${topic}/publications`, undefined)
      .set('content-type', type)
      .send(JSON.stringify(body));
  const propose = (schema: object, more: object = {}) =>
    send('post', `${topic}/schemas`, { schema, compatibility: 'backward', ...more });
  const pulled = async (): Promise<{ place: number; event: Json; handling?: Json }[]> => {
    const { body } = await send('get', `${topic}/publications?limit=500`, undefined, bank).expect(
      200,
    );
    return (body as { items: { place: number; event: Json; handling?: Json }[] }).items;
  };
  const bulk = (lines: readonly unknown[], key: string, from?: number) =>
    request(shop.app)
      .post(`${topic}/publications/bulk${from === undefined ? '' : `?from=${from}`}`)
      .set('authorization', `Bearer ${dealer}`)
      .set('idempotency-key', key)
      .set('content-type', ndjson)
      .buffer(true)
      .parse(asText)
      .send(
        lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
      );
  const answersOf = (reply: { body: unknown }): Json[] =>
    String(reply.body)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Json);
  const linesOf = (reply: { body: unknown }): Json[] =>
    answersOf(reply).filter(({ line }) => line !== undefined);

  beforeEach(async () => {
    clock = now;
    shop = await openTestShop({
      withRoutes: (handler, log) => {
        const personalKeys = createMemoryPersonalKeys();
        const about = { log, directory: handler.directory, arrivals: createArrivals() };
        const stopping = new AbortController().signal;
        const publishing = openPublishing({
          ...{ handler, log, arrivals: about.arrivals, personalKeys, stopping },
          history: {
            stream: async (stream) => {
              const facts = (await log.read(stream, 0, 100_000)).slice(-1);
              return { facts, next: null } as never;
            },
          },
          config: { requestTimeoutMs: 30_000 },
          logger: { error: () => undefined } as unknown as Logger,
          now: () => clock,
        });
        return [
          ...partnerRoutes({ handler }),
          ...topicRoutes({ handler }),
          ...publishingRoutes(publishing),
          ...publishingAdminRoutes(publishing),
          ...exchangeRoutes({
            handler,
            publish: publishing.publish,
            pull: createPull({
              ...about,
              reveal: createReveal(personalKeys),
              monotonicMs: () => performance.now(),
              now: () => clock,
            }),
            stopping,
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

  describe('by a schema', () => {
    it('takes what meets it, and tells every fault of what does not by its pointer', async () => {
      const { body } = await propose(v1).expect(201);
      expect(body).to.deep.include({ state: 'accepted', version: 1 });
      await publish(event('a')).expect(201);
      const wrong = [event('b'), event('c', { brand: '', price: -1 }), event('d', { price: 'x' })];
      const refused = await publish(wrong, 'application/cloudevents-batch+json').expect(422);
      expect(refused.body).to.include({ code: 'schema-not-met', schemaVersion: 1 });
      const { faults } = refused.body as { faults: { pointer: string }[] };
      expect(faults.map(({ pointer }) => pointer)).to.have.members([
        '/publications/1/data/brand',
        '/publications/1/data/price',
        '/publications/2/data/brand',
        '/publications/2/data/price',
      ]);
      const bytes = { ...event('e'), data: undefined, data_base64: 'AA==' };
      await publish(bytes).expect(422);
      const items = await pulled();
      expect(items.map(({ event: { id } }) => id)).to.deep.equal(['a']);
      expect(items[0]?.handling).to.deep.include({ schemaVersion: 1, classification: 'open' });
    });

    it('accepts the next version only where it takes what the ones in use take, unless nothing is promised', async () => {
      await propose(v1).expect(201);
      const stricter = { ...v1, required: ['brand', 'price'] };
      const { body } = await propose(stricter).expect(200);
      expect(body).to.deep.include({
        state: 'refused',
        code: 'schema-incompatible',
        version: null,
      });
      expect((body as { faults: Json[] }).faults).to.deep.equal([
        {
          version: 1,
          in: 'proposed',
          pointer: '/required/1',
          reason: 'asks for price, which could be left out',
        },
      ]);
      await propose(stricter, { compatibility: 'forward' }).expect(201);
      const { body: listed } = await send('get', `${topic}/schemas`, undefined, bank).expect(200);
      expect(
        (listed as { items: Json[] }).items.map(({ version, status }) => [version, status]),
      ).to.deep.equal([
        [1, 'active'],
        [2, 'active'],
      ]);
      await publish(event('a')).expect(422);
      const { body: shown } = await send('get', `${topic}/schemas/1`).expect(200);
      const { dataschema } = shown as { dataschema: string; schema: Json };
      expect((shown as { schema: Json }).schema).to.deep.equal(v1);
      await publish(event('a', { brand: 'Lada' }, { dataschema })).expect(201);
      await send('post', `${topic}/schemas/1/retirement`, { reason: 'old' }).expect(200);
      const late = await publish(event('b', { brand: 'Lada' }, { dataschema })).expect(409);
      expect(late.body).to.include({ code: 'schema-retired' });
      await send('post', `${topic}/schemas/2/retirement`, { reason: 'old' }).expect(200);
      await publish(event('b', 5)).expect(201);
    });

    it('is tried against what was published, and names the places that fail', async () => {
      for (const [id, data] of [
        ['a', { brand: 'Lada' }],
        ['b', { price: 5 }],
        ['c', { brand: 7 }],
      ] as const) {
        await publish(event(id, data)).expect(201);
      }
      const preview = await propose(v1, { preview: true, compatibility: 'none' }).expect(200);
      expect(preview.body).to.deep.include({
        state: 'fits',
        tried: { from: 0, to: 2, checked: 3, failed: 2, passed: 0 },
      });
      const { body } = await propose(v1).expect(200);
      expect(body).to.deep.include({ state: 'refused', done: 3, total: 3 });
      const { failures } = body as {
        failures: { place: number; id: string; faults: { pointer: string }[] }[];
      };
      expect(
        failures.map(({ place, id, faults }) => [place, id, faults[0]?.pointer]),
      ).to.deep.equal([
        [1, 'b', '/brand'],
        [2, 'c', '/brand'],
      ]);
      const { body: shorter } = await propose(v1, { history: 0 }).expect(201);
      expect(shorter).to.deep.include({
        state: 'accepted',
        tried: { from: null, to: null, checked: 0, failed: 0, passed: 0 },
      });
      const { body: all } = await propose(
        { ...v1, required: [] },
        { history: 'all', compatibility: 'none' },
      ).expect(201);
      expect((all as { tried: Json }).tried).to.deep.include({ checked: 3, failed: 1 });
      const { body: trials } = await send('get', `${topic}/schema-trials`).expect(200);
      const { items } = trials as { items: { trialId: string }[] };
      expect(items).to.have.length(4);
      await send('get', `${topic}/schema-trials/${items[0]?.trialId}`).expect(200);
      await send('get', `${topic}/schema-trials/none`).expect(404);
    });

    it('is the business of its owner and of operators', async () => {
      const byReader = await send(
        'post',
        `${topic}/schemas`,
        { schema: v1, compatibility: 'none' },
        bank,
      ).expect(403);
      expect(byReader.body).to.include({ code: 'not-topic-owner' });
      await admin('post', '/topics/cars/schemas', { schema: v1, compatibility: 'none' }).expect(
        201,
      );
      await admin('get', '/topics/cars/schemas/1').expect(200);
      await admin('get', '/topics/cars/schemas/2').expect(404);
    });

    it('is not taken where it could burn the processor or leads outside', async () => {
      const deep = {
        $defs: { a: { properties: { x: { $ref: '#/$defs/a' }, y: { $ref: '#/$defs/b' } } }, b: {} },
      };
      await propose({ ...deep, $ref: '#/$defs/a' }, { preview: true }).expect(200);
      const twice = {
        anyOf: [{ properties: { a: { $ref: '#' } } }, { properties: { a: { $ref: '#' } } }],
      };
      const wrong: readonly (readonly [object, string])[] = [
        [{ $ref: 'https://example.com/schema.json' }, '/schema/$ref'],
        [{ $ref: '#/$defs/none' }, '/schema/$ref'],
        [{ allOf: [{ $ref: '#' }] }, '/schema'],
        [twice, '/schema'],
        [{ type: 'text' }, '/schema/type'],
        [{ pattern: '(a)\\1' }, '/schema/pattern'],
        [{ format: 'regex' }, '/schema/format'],
        [{ minimun: 5 }, '/schema/minimun'],
        [{ $schema: 'http://json-schema.org/draft-07/schema#' }, '/schema/$schema'],
        [{ enum: Array.from({ length: 9_000 }, (_, i) => i) }, '/schema'],
        [{ allOf: Array.from({ length: 300 }, () => ({ minimum: 1 })) }, '/schema'],
      ];
      for (const [schema, pointer] of wrong) {
        const reply = await propose(schema, { preview: true });
        expect(reply.status, `${pointer}: ${reply.text}`).to.equal(400);
        const { faults } = reply.body as { faults: { pointer: string }[] };
        expect(faults[0]?.pointer.startsWith(pointer), reply.text).to.equal(true);
      }
    });

    it('may be asked beforehand', async () => {
      await propose(v1).expect(201);
      const ask = (body: object, type: string) =>
        send('post', `${topic}/publications/preview`, undefined)
          .set('content-type', type)
          .send(JSON.stringify(body));
      const { body } = await ask(
        [event('a'), event('b', { price: 'x' })],
        'application/cloudevents-batch+json',
      ).expect(200);
      const { items } = body as {
        items: { accepted: boolean; schemaVersion: number; faults: Json[] }[];
      };
      expect(items.map(({ accepted, schemaVersion }) => [accepted, schemaVersion])).to.deep.equal([
        [true, 1],
        [false, 1],
      ]);
      expect(items[1]?.faults).to.have.length(2);
      expect(await pulled()).to.deep.equal([]);
    });
  });

  describe('in bulk', () => {
    const file = (count: number): object[] =>
      Array.from({ length: count }, (_, i) => event(`e${i + 1}`));

    it('answers each line with its place or its faults, and the same when it is sent again', async () => {
      await propose(v1).expect(201);
      const lines: unknown[] = file(250);
      lines[9] = event('e10', { price: 5 });
      lines[10] = '{ "id": ';
      lines[11] = event('e12', { brand: 'x' }, { expirytime: 'soon' });
      lines[120] = '';
      const first = await bulk(lines, 'k1').expect(200);
      const told = linesOf(first);
      expect(told).to.have.length(249);
      expect(told[0]).to.deep.equal({ line: 1, id: 'e1', place: 0 });
      expect(told[9]).to.deep.include({
        line: 10,
        id: 'e10',
        faults: [{ pointer: '/data/brand', reason: 'is missing' }],
      });
      expect(told[10]).to.have.nested.property('faults[0].pointer', '');
      expect(told[11]).to.deep.include({
        line: 12,
        faults: [{ pointer: '/expirytime', reason: 'must be a date-time' }],
      });
      expect(answersOf(first).at(-1)).to.deep.equal({
        done: true,
        lines: 249,
        published: 246,
        refused: 3,
      });
      expect(answersOf(first).filter(({ resumeAt }) => resumeAt !== undefined)).to.deep.equal(
        [101, 201, 251].map((resumeAt) => ({ resumeAt })),
      );
      const again = linesOf(await bulk(lines, 'k1').expect(200));
      expect(again.map(({ line, place }) => [line, place])).to.deep.equal(
        told.map(({ line, place }) => [line, place]),
      );
      expect(again[0]).to.deep.equal({ line: 1, id: 'e1', place: 0, repeated: true });
      expect(await pulled()).to.have.length(246);
    });

    it('goes on where it broke off, without a second publication', async () => {
      const lines = file(230);
      await bulk(lines.slice(0, 200), 'k1').expect(200);
      const rest = await bulk(lines.slice(100), 'k1', 101).expect(200);
      const told = linesOf(rest);
      expect([told[0], told[100]]).to.deep.equal([
        { line: 101, id: 'e101', place: 100, repeated: true },
        { line: 201, id: 'e201', place: 200 },
      ]);
      expect((await pulled()).map(({ event: { id } }) => id)).to.deep.equal(
        lines.map((_, i) => `e${i + 1}`),
      );
    });

    it('is refused as a whole where the topic takes nothing, and ends where it stops to', async () => {
      await admin('post', '/topics/cars/archival', { reason: 'over' }).expect(200);
      const reply = await bulk(file(1), 'k1').expect(409);
      expect(JSON.parse(String(reply.body))).to.include({ code: 'topic-archived' });
    });

    it('leaves whole batches where the sender goes away, and has said where to go on', async () => {
      const server = createServer(shop.app).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const upload = begin({
        ...{ port, host: '127.0.0.1', method: 'POST', path: `${topic}/publications/bulk` },
        headers: {
          authorization: `Bearer ${dealer}`,
          'content-type': ndjson,
          'idempotency-key': 'k1',
        },
      });
      upload.on('error', () => undefined);
      const lines = file(260);
      upload.write(
        `${lines
          .slice(0, 150)
          .map((line) => JSON.stringify(line))
          .join('\n')}\n`,
      );
      const [response] = (await once(upload, 'response')) as [IncomingMessage];
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) {
        text += chunk as string;
        if (text.includes('resumeAt')) break;
      }
      upload.destroy();
      await new Promise((resolve) => server.close(resolve));
      expect(text.trim().split('\n').at(-1)).to.equal('{"resumeAt":101}');
      expect(await pulled()).to.have.length(100);
      await bulk(lines.slice(100), 'k1', 101).expect(200);
      expect((await pulled()).map(({ place, event: { id } }) => [place, id])).to.deep.equal(
        lines.map((_, i) => [i, `e${i + 1}`]),
      );
    });

    /** An upload that is under way until `end` is called; resolves when its first batch is in. */
    const beginUpload = async (key: string) => {
      const server = createServer(shop.app).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const upload = begin({
        ...{ port, host: '127.0.0.1', method: 'POST', path: `${topic}/publications/bulk` },
        headers: {
          authorization: `Bearer ${dealer}`,
          ...{ 'content-type': ndjson, 'idempotency-key': key },
        },
      });
      upload.on('error', () => undefined);
      const lines = file(250).map((line) => `${JSON.stringify(line)}\n`);
      upload.write(lines.slice(0, 100).join(''));
      const [response] = (await once(upload, 'response')) as [IncomingMessage];
      await once(response, 'readable');
      const end = async (): Promise<string> => {
        upload.end(lines.slice(100).join(''));
        let text = '';
        for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
        await new Promise((resolve) => server.close(resolve));
        return text;
      };
      const breakOff = async (): Promise<void> => {
        upload.destroy();
        await new Promise((resolve) => server.close(resolve));
      };
      return { end, breakOff };
    };

    it('leaves room for other partners, and gives its own back however an upload ends', async () => {
      const one = await beginUpload('k1');
      const other = await beginUpload('k2');
      const reply = await bulk(file(1), 'k3').expect(409);
      expect(JSON.parse(String(reply.body))).to.include({ code: 'job-running' });
      await one.breakOff();
      await other.end();
      for (let n = 0; n < 5; n += 1) await bulk(file(1), `k4-${n}`).expect(200);
    });

    it('ends with the batch that is under way when who sends it may not publish any more', async () => {
      const upload = await beginUpload('k1');
      await admin('post', '/partners/dealer/revocation', { reason: 'over' }).expect(200);
      const text = await upload.end();
      expect(JSON.parse(text.trim().split('\n').at(-1) ?? '')).to.deep.include({
        ...{ done: false, published: 100, resumeAt: 101 },
      });
      expect(await pulled()).to.have.length(100);
    });

    it('ends at a line that is too long, and says so and where to go on while more is sent', async () => {
      const lines = [...file(150), 'x'.repeat(70_000), ...file(20_000)];
      const reply = await bulk(lines, 'k1').expect(200);
      expect(answersOf(reply).at(-1)).to.deep.include({
        ...{ done: false, resumeAt: 101, code: 'body-too-large', published: 100 },
      });
    });

    it('waits for the limits of the topic, as long as an upload may take', async () => {
      await admin('put', '/topics/cars/limits', { eventsPerSecond: 1_000, eventBytesMax: null });
      await publish(event('a')).expect(201);
      await admin('put', '/topics/cars/limits', { eventsPerSecond: 1, eventBytesMax: null });
      const reply = await bulk(file(250), 'k1').expect(200);
      expect(answersOf(reply).at(-1)).to.deep.include({
        ...{ done: false, published: 100, code: 'rate-limited', resumeAt: 101 },
      });
    });

    it('leaves out those whose person was erased, and publishes the others', async () => {
      const personal = { personalsubject: 'c-1', personaldata: '/name' };
      await send('post', '/exchange/v1/subjects/erasure', {
        subject: 'c-1',
        reason: 'asked',
      }).expect(200);
      const lines = [event('a'), event('b', { name: 'Ada' }, personal), event('c')];
      const told = linesOf(await bulk(lines, 'k1').expect(200));
      expect(told.map(({ line, place, code }) => [line, place ?? code])).to.deep.equal([
        [1, 0],
        [2, 'subject-erased'],
        [3, 1],
      ]);
    });
  });

  it('forgets a person on request of the partner or of an operator, in what was published', async () => {
    const personal = { personalsubject: 'c-1', personaldata: '/name' };
    await publish(event('a', { name: 'Ada', brand: 'Lada' }, personal)).expect(201);
    expect((await pulled())[0]?.event).to.deep.include({
      ...personal,
      data: { name: 'Ada', brand: 'Lada' },
    });
    await admin('post', '/partners/dealer/subjects/erasure', {
      subject: 'c-1',
      reason: 'asked',
    }).expect(200);
    const [item] = await pulled();
    expect(item?.event).to.deep.include({
      personalerased: true,
      data: { name: null, brand: 'Lada' },
    });
    expect(item?.place).to.equal(0);
    const again = await publish(event('b', { name: 'Ada' }, personal)).expect(409);
    expect(again.body).to.include({ code: 'subject-erased' });
  });

  it('is slowed down by limits, and says for how long', async () => {
    await admin('put', '/topics/cars/limits', { eventsPerSecond: 1, eventBytesMax: 500 }).expect(
      200,
    );
    await publish(event('a')).expect(201);
    const reply = await publish(event('b')).expect(429);
    expect(reply.headers['retry-after']).to.equal('1');
    expect(reply.body).to.include({ code: 'rate-limited', limitedBy: 'topic', eventsPerSecond: 1 });
    const large = await publish(event('c', 'x'.repeat(600)));
    expect(large.status).to.be.oneOf([400, 429]);
    await send('put', `${topic}/handling`, { timeToLiveSeconds: 60, personal: null }).expect(200);
    const { body } = await admin('get', '/topics/cars/rules').expect(200);
    expect(body).to.deep.include({
      limits: { eventsPerSecond: 1, eventBytesMax: 500 },
      handling: { timeToLiveSeconds: 60, personal: null },
    });
    await admin('put', '/partners/dealer/limits', { eventsPerSecond: 100 }).expect(200);
    const { body: limits } = await admin('get', '/partners/dealer/limits').expect(200);
    expect(limits).to.deep.equal({ partnerId: 'dealer', eventsPerSecond: 100 });
    await send('get', `${topic}/rules`, undefined, bank).expect(403);
  });

  it('is as the guide says', async () => {
    const token = await join('motor_house');
    const about = { name: 'Cars', description: '', classification: 'personal' };
    const topicId = 'cars_chosen';
    await admin('post', '/topics', { topicId, owner: 'motor_house', ...about }).expect(201);
    const steps = stepsOf('schemas.md');
    for (const { method, path, headers, body, answers } of steps) {
      const call = request(shop.app)
        [method](path)
        .set('authorization', `Bearer ${path.startsWith('/admin') ? shop.owner : token}`)
        .set('idempotency-key', randomUUID())
        .set('content-type', 'application/json')
        .set(headers)
        .buffer(true)
        .parse(asText);
      if (body === '') call.unset('content-type');
      const reply = await (body === '' ? call : call.send(body));
      const text = String(reply.body);
      expect(reply.status, `${method} ${path}: ${text}`).to.be.below(300);
      const told = answers.length > 1 ? text.trim().split('\n') : [text];
      expect(told.map((one) => JSON.parse(one) as object)).to.containSubset(answers);
      expect(told).to.have.length(answers.length);
    }
    expect(steps).to.have.length(14);
  });
});
