/** Kafka's orders over HTTP: the guide as it is written, and what operators are told of how it is going. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import request from 'supertest';
import { type KafkaLinkState, kafkaRoutes } from '../../../api/admin/kafka.js';
import { partnerRoutes } from '../../../api/admin/partners.js';
import { topicRoutes } from '../../../api/admin/topics.js';
import { ownRelayRoutes } from '../../../api/exchange/relay.js';
import { kafkaTopicNames } from '../../../platform/kafka/settings.js';
import { packageRoot } from '../../../platform/packageRoot.js';
import { openTestShop, type TestShop } from '../api/testShop.js';

const guide = readFileSync(join(packageRoot, 'docs/guides/kafka.md'), 'utf8');
const steps =
  /```http\n(?<method>\w+) (?<path>\S+)\n(?<body>[\s\S]*?)```(?:\n```json\n(?<answer>[\s\S]*?)```)?/g;

const about = { name: 'Cars', description: '', classification: 'open' };
const relay = { relayId: 'cars_out', source: { topicId: 'cars_chosen' }, kafkaTopic: 'cars' };

describe('the routes of Kafka', () => {
  let shop: TestShop;
  let states: KafkaLinkState[];

  const call = (token: string, method: 'get' | 'post' | 'put', path: string, body?: object) => {
    const asked = request(shop.app)
      [method](path)
      .set('authorization', `Bearer ${token}`)
      .set('idempotency-key', randomUUID());
    return body === undefined ? asked : asked.send(body);
  };
  const send = (method: 'get' | 'post', path: string, body?: object) =>
    call(shop.owner, method, `/admin/v1${path}`, body);
  const tokenOf = async (partnerId: string): Promise<string> => {
    const { body } = await send('post', `/partners/${partnerId}/credentials`, { label: 'x' });
    return (body as { token: string }).token;
  };

  beforeEach(async () => {
    states = [];
    shop = await openTestShop({
      withRoutes: (handler) => [
        ...partnerRoutes({ handler }),
        ...topicRoutes({ handler }),
        ...ownRelayRoutes({ handler }),
        ...kafkaRoutes({
          handler,
          kafka: {
            states: () => Promise.resolve(states),
            nameOf: kafkaTopicNames('kopilka.{tenant}.'),
          },
        }),
      ],
    });
    await send('post', '/partners', { partnerId: 'motor_house', name: 'Motor House' });
    await send('post', '/topics', { topicId: 'cars_chosen', owner: 'motor_house', ...about });
  });
  afterEach(() => shop.close());

  it('are as the guide says', async () => {
    const owner = await tokenOf('motor_house');
    let sent = 0;
    for (const { groups = {} } of guide.matchAll(steps)) {
      const { method = '', path = '', body = '', answer = '{}' } = groups;
      const given = body.trim() ? (JSON.parse(body) as object) : undefined;
      const token = path.startsWith('/exchange') ? owner : shop.owner;
      const reply = await call(token, method.toLowerCase() as 'get', path, given);
      expect(reply.status, `${method} ${path}: ${reply.text}`).to.be.below(300);
      expect(reply.body).to.containSubset(JSON.parse(answer) as object);
      sent += 1;
    }
    expect(sent).to.equal(8);
  });

  it('tell what is behind, partition by partition whoever works on it, and the last error with advice', async () => {
    const binding = { bindingId: 'cars_in', partnerId: 'motor_house', topicId: 'cars_chosen' };
    await send('post', '/kafka/bindings', { ...binding, kafkaTopic: 'in' }).expect(201);
    await send('post', '/kafka/relays', { ...relay, start: 'now' }).expect(201);
    const at = Date.UTC(2026, 2, 1);
    const error = { reason: 'unreachable', message: 'refused', next: 'Check the brokers.', at };
    const one = { '0': { offset: '9', behind: 4 }, '1': { offset: '3', behind: 0 } };
    const state = { behind: 4, lagMs: 0, error: null };
    states = [
      {
        ...{ kind: 'binding', id: 'cars_in', updatedAt: at },
        state: { ...state, partitions: { '1': { offset: '7', behind: 2 } } },
      },
      {
        ...{ kind: 'binding', id: 'cars_in', updatedAt: at - 5_000 },
        state: { ...state, partitions: one },
      },
      {
        ...{ kind: 'relay', id: 'cars_out', updatedAt: at },
        state: { behind: 200, lagMs: 12_000.4, place: 99, error },
      },
    ];
    const bindings = await send('get', '/kafka/bindings').expect(200);
    expect((bindings.body as { items: object[] }).items[0]).to.containSubset({
      state: {
        behind: 6,
        partitions: { '0': { offset: '9', behind: 4 }, '1': { offset: '7', behind: 2 } },
        lastError: null,
        updatedAt: '2026-03-01T00:00:00.000Z',
      },
    });
    const relays = await send('get', '/kafka/relays').expect(200);
    expect((relays.body as { items: object[] }).items[0]).to.containSubset({
      state: {
        ...{ behind: 200, lagMs: 12_000, place: 99 },
        lastError: { reason: 'unreachable', advice: 'Check the brokers.' },
      },
    });
  });

  it('let an owner mark its own topic and no other, and end it', async () => {
    await send('post', '/partners', { partnerId: 'city_bank', name: 'City Bank' });
    const [owner, stranger] = [await tokenOf('motor_house'), await tokenOf('city_bank')];
    const path = '/exchange/v1/topics/cars_chosen/relay';
    await call(stranger, 'put', path, { start: 'now' }).expect(404);
    await call(owner, 'put', path, { start: 'now' }).expect(200);
    await call(stranger, 'post', `${path}/end`, { reason: 'over' }).expect(404);
    await call(owner, 'post', `${path}/end`, { reason: 'over' }).expect(200);
    const { body } = await send('get', '/kafka/relays').expect(200);
    expect((body as { items: object[] }).items).to.containSubset([
      { relayId: 'topic_cars_chosen', status: 'ended', kafkaTopic: 'topics.cars_chosen' },
    ]);
  });

  it('refuse in the words of every other route', async () => {
    await send('post', '/kafka/relays', { ...relay, start: 'now' }).expect(201);
    const other = { ...relay, relayId: 'other', start: 'now' };
    const taken = await send('post', '/kafka/relays', other).expect(409);
    expect(taken.body).to.include({ code: 'kafka-topic-taken' });
    const none = await send('post', '/kafka/bindings/nothing/end', { reason: 'over' }).expect(404);
    expect(none.body).to.include({ code: 'kafka-link-not-found' });
    const cashier = request(shop.app).get('/admin/v1/kafka/relays');
    await cashier.set('authorization', `Bearer ${shop.tokens.till}`).expect(403);
  });
});
