/** Relays and bindings against a real Apache Kafka: what is acknowledged, what comes twice, what is refused. */
import { randomUUID } from 'node:crypto';
import { Kafka as KafkaBinding } from 'cloudevents';
import { expect } from 'chai';
import { setRelay } from '../../../commands/kafka/setRelay.js';
import { setBinding } from '../../../commands/kafka/setBinding.js';
import { endBinding } from '../../../commands/kafka/endBinding.js';
import { LogUnavailable } from '../../../commands/log.js';
import { registerPartner } from '../../../commands/partner/registerPartner.js';
import { createArrivals } from '../../../commands/publication/arrivals.js';
import { createPublish, type Publish } from '../../../commands/publication/publish.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { createTopic } from '../../../commands/topic/createTopic.js';
import type { Position } from '../../../domain/fact.js';
import type { BindingId, PartnerId, RelayId, TenantId, TopicId } from '../../../domain/ids.js';
import {
  type Publication,
  publicationsStream,
  type Published,
} from '../../../domain/publication/publication.js';
import { createKafka } from '../../../platform/kafka/client.js';
import { kafkaTopicNames } from '../../../platform/kafka/settings.js';
import { createLogger } from '../../../platform/logging.js';
import { createIntakes, type Intakes } from '../../../workers/kafka/in/intakes.js';
import { createRelays, type SoleRunner } from '../../../workers/kafka/out/relays.js';
import { createReporter, type LinkState } from '../../../workers/kafka/state.js';
import { type House, openHouse } from '../../unit/commands/house.js';
import { missing, note, sharedBroker, type TestBroker } from './testBroker.js';

const tenant = 'demo' as TenantId;
const dealer = 'dealer' as PartnerId;
const prefix = 'kopilka.demo.';
const now = () => Date.now();
const logger = createLogger({ logLevel: 'silent', logFormat: 'json', logFile: '' });
/** There is one process. */
const alone: SoleRunner = { run: (_name, signal, work) => work(signal) };

const until = async (what: string, holds: () => boolean | Promise<boolean>, ms = 40_000) => {
  const giveUpAt = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};

describe(`Kafka${note}`, function () {
  this.timeout(120_000);
  let broker: TestBroker;
  let house: House;
  let publish: Publish;
  let stop: AbortController;
  let running: Promise<unknown>[];
  const states = new Map<string, LinkState>();
  const checkpoints = new Map<string, Position>();
  const failures: string[] = [];
  let number = 0;
  let topicId: TopicId;

  before(async function () {
    if (missing !== null) return this.skip();
    broker = await sharedBroker();
  });

  const context = () => house.context({ tenant, now: now(), idempotencyKey: randomUUID() });

  beforeEach(async () => {
    number += 1;
    house = openHouse(now);
    stop = new AbortController();
    running = [];
    for (const kept of [states, checkpoints]) kept.clear();
    failures.length = 0;
    topicId = `cars_${number}` as TopicId;
    const { handler, log, directory } = house;
    publish = createPublish({ log, directory, arrivals: createArrivals(), keys: house.keys });
    const named = { name: 'demo', currency: 'GBP', gsrnPrefix: '8018000010' };
    await handler.handle(registerTenant, named, context());
    await handler.handle(registerPartner, { partnerId: dealer, name: 'Dealer' }, context());
    const about = { name: 'Cars', description: '', classification: 'open' as const };
    await handler.handle(createTopic, { topicId, owner: dealer, ...about }, context());
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(running);
    await house.close();
  });

  const services = () => {
    const settings = { brokers: [broker.address], clientId: 'kopilka', createTopics: true };
    const kafka = createKafka({ ...settings, tls: false, sasl: null }, logger);
    const reporter = createReporter({
      states: {
        save: (kind, _tenant, id, state) =>
          Promise.resolve(void states.set(`${kind} ${id}`, state)),
      },
      onFailed: (error) => failures.push(String(error)),
    });
    running.push(reporter.run(stop.signal));
    const nameOf = kafkaTopicNames('kopilka.{tenant}.');
    return { kafka, nameOf, reporter, now, directory: house.directory };
  };

  const startRelays = (signal = stop.signal): Promise<void> => {
    const relays = createRelays({
      ...services(),
      feed: house.log,
      reveal: (_tenant, _topic, fact) =>
        Promise.resolve({ kind: 'shown', publication: (fact.data as Published).publication }),
      checkpoints: {
        load: (worker) => Promise.resolve(checkpoints.get(worker) ?? null),
        save: (worker, position) => Promise.resolve(void checkpoints.set(worker, position)),
      },
      soleRunner: alone,
      lastRevision: async (stream) => (await house.log.read(stream, 0, 1e9)).length - 1,
      onFailed: (error) => failures.push(String(error)),
      onRelayed: () => undefined,
    });
    const run = relays.run(signal);
    running.push(run);
    return run;
  };

  const startIntakes = (through: Publish = publish, signal = stop.signal): Intakes => {
    const intakes = createIntakes({
      ...services(),
      groupPrefix: 'kopilka',
      publish: through,
      onFailed: (error) => failures.push(String(error)),
      onTaken: () => undefined,
    });
    running.push(intakes.run(signal));
    return intakes;
  };

  const relayTo = (kafkaTopic: string) =>
    house.handler.handle(
      setRelay,
      {
        relayId: `out_${number}` as RelayId,
        source: { topicId },
        kafkaTopic,
        start: 'beginning' as const,
      },
      context(),
    );
  const bindTo = (kafkaTopic: string) =>
    house.handler.handle(
      setBinding,
      { bindingId: `in_${number}` as BindingId, partnerId: dealer, topicId, kafkaTopic },
      context(),
    );

  const chosen = (id: string, more: Partial<Publication> = {}): Publication => ({
    ...{ id, source: '/sites/dealer', type: 'car.chosen', data: { n: id } },
    ...more,
  });
  const say = (...publications: Publication[]) =>
    publish({ topicId, partnerId: dealer, publications }, context());
  const recorded = async (): Promise<Publication[]> => {
    const facts = await house.log.read(publicationsStream(tenant, topicId), 0, 100_000);
    return facts.map(({ data }) => (data as Published).publication);
  };

  const binary = (id: string, data: unknown, more: Record<string, string> = {}, key?: string) => ({
    ...(key === undefined ? {} : { key }),
    value: typeof data === 'string' ? data : JSON.stringify(data),
    headers: {
      ...{ ce_specversion: '1.0', ce_id: id, ce_source: '/dealer', ce_type: 'car.chosen' },
      'content-type': 'application/json',
      ...more,
    },
  });

  it('gets publications as CloudEvents that an independent reader understands', async () => {
    const told = [
      chosen('whole', {
        subject: 'car:42',
        time: '2026-03-01T12:00:00.000Z',
        datacontenttype: 'application/json',
        dataschema: 'https://dealer.example/car.json',
        key: 'customer:17',
        extensions: { region: 'nørd', rank: 3, vip: true },
        data: { brand: 'Škoda', price: 12.5 },
      }),
      chosen('bytes', {
        datacontenttype: 'image/png',
        data: undefined,
        dataBase64: Buffer.from([1, 2, 255]).toString('base64'),
      }),
      chosen('text', { datacontenttype: 'text/plain', data: 'Привет' }),
      chosen('nothing', { data: undefined }),
    ];
    await say(...told.map((one) => JSON.parse(JSON.stringify(one)) as Publication));
    await relayTo('out.whole');
    startRelays();
    const found = await broker.read(`${prefix}out.whole`, told.length);
    const by = (id: string) => found.find(({ headers }) => headers['ce_id'] === id)!;
    const whole = by('whole');
    expect(whole.key).to.equal('customer:17');
    expect(whole.headers).to.include({
      kopilka_topic: topicId,
      kopilka_partner: 'dealer',
      kopilka_place: '0',
    });
    const { key, value, headers } = whole;
    const read = KafkaBinding.toEvent({ key, value: String(value), headers } as never);
    expect({ ...read }).to.include({
      id: 'whole',
      source: '/sites/dealer',
      type: 'car.chosen',
      subject: 'car:42',
      time: '2026-03-01T12:00:00.000Z',
      dataschema: 'https://dealer.example/car.json',
      partitionkey: 'customer:17',
      region: 'nørd',
    });
    expect((read as { data: unknown }).data).to.deep.equal({ brand: 'Škoda', price: 12.5 });
    expect([...by('bytes').value]).to.deep.equal([1, 2, 255]);
    expect(by('bytes').headers['content-type']).to.equal('image/png');
    expect(String(by('text').value)).to.equal('Привет');
    expect(by('nothing').value).to.have.lengthOf(0);
    expect(by('nothing').headers).not.to.have.property('content-type');
  });

  it('keeps what has a key in order, and goes on from the place that was kept', async () => {
    const count = 1_200;
    const keyOf = (n: number) => `customer:${n % 7}`;
    const all = Array.from({ length: count }, (_, n) => chosen(`c${n}`, { key: keyOf(n) }));
    for (let n = 0; n < 600; n += 100) await say(...all.slice(n, n + 100));
    await relayTo('out.order');
    const first = new AbortController();
    const ended = startRelays(first.signal);
    await until('the half', () => states.get(`relay out_${number}`)?.place === 599);
    first.abort();
    await ended;
    for (let n = 600; n < count; n += 100) await say(...all.slice(n, n + 100));
    startRelays();
    const found = await broker.read(`${prefix}out.order`, count);
    expect(found).to.have.lengthOf(count);
    expect(new Set(found.map(({ partition }) => partition)).size).to.be.greaterThan(1);
    for (let key = 0; key < 7; key += 1) {
      const ids = found
        .filter((one) => one.key === keyOf(key))
        .map(({ headers }) => headers['ce_id']);
      const wanted = all.filter((one) => one.key === keyOf(key)).map(({ id }) => id);
      expect(ids).to.deep.equal(wanted);
    }
    await until('no backlog', () => states.get(`relay out_${number}`)?.behind === 0);
  });

  it('publishes what a partner writes, each once, however often it comes', async () => {
    const topic = `${prefix}in.plain`;
    await broker.createTopic(topic);
    await broker.send(topic, [
      binary('a', { n: 1 }, { ce_subject: 'car:1', ce_region: 'nørd' }, 'customer:1'),
      binary('a', { n: 1 }, { ce_subject: 'car:1', ce_region: 'nørd' }, 'customer:1'),
      {
        value: JSON.stringify({
          ...{ specversion: '1.0', id: 'b', source: '/dealer', type: 'car.chosen' },
          data: { n: 2 },
        }),
        headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
      },
      { key: 'customer:3', value: '{"n":3}' },
    ]);
    await bindTo('in.plain');
    startIntakes();
    await until('three', async () => (await recorded()).length >= 3);
    const group = `kopilka.demo.in_${number}`;
    const settled = async () => Object.values(await broker.committed(group, topic));
    await until(
      'all settled',
      async () => (await settled()).reduce((a, b) => a + Math.max(b, 0), 0) === 4,
    );
    const found = await recorded();
    expect(found).to.have.lengthOf(3);
    const a = found.find(({ id }) => id === 'a');
    expect(a).to.deep.equal({
      ...{ id: 'a', source: '/dealer', type: 'car.chosen', subject: 'car:1' },
      ...{ datacontenttype: 'application/json', key: 'customer:1' },
      extensions: { region: 'nørd' },
      data: { n: 1 },
    });
    expect(found.find(({ id }) => id === 'b')?.data).to.deep.equal({ n: 2 });
    const plain = found.find(({ type }) => type === 'com.kopilka.plain');
    expect(plain).to.deep.include({
      source: '/partners/dealer',
      key: 'customer:3',
      data: { n: 3 },
    });
    expect(plain?.id).to.match(/^kopilka\.demo\.in\.plain\/\d\/\d$/);
  });

  it('says that it listens before anything has come', async () => {
    await bindTo('in.silent');
    startIntakes();
    await until('it listens', () => states.get(`binding in_${number}`)?.behind === 0);
    expect(states.get(`binding in_${number}`)).to.deep.equal({ behind: 0, lagMs: 0, error: null });
  });

  it('puts what cannot be published to the dead letters, as it was, with the cause', async () => {
    const topic = `${prefix}in.faulty`;
    await broker.createTopic(topic, 1);
    await broker.send(topic, [
      binary('x', '{broken'),
      binary('', { n: 1 }),
      binary('good', { n: 2 }),
      binary('good', { n: 'another body' }),
      { value: 'x'.repeat(300_000), headers: { 'content-type': 'text/plain' } },
      { key: 'gone', value: null },
    ]);
    await bindTo('in.faulty');
    startIntakes();
    const letters = await broker.read(`${topic}.dead-letters`, 5);
    const told = letters.map(({ headers }) => [
      headers['dead_letter_offset'],
      headers['dead_letter_code'],
    ]);
    expect(told.sort()).to.deep.equal([
      ['0', 'invalid-input'],
      ['1', 'invalid-input'],
      ['3', 'idempotency-key-reused'],
      ['4', 'body-too-large'],
      ['5', 'invalid-input'],
    ]);
    const broken = letters.find(({ headers }) => headers['dead_letter_offset'] === '0');
    expect(String(broken?.value)).to.equal('{broken');
    expect(broken?.headers).to.include({
      ce_id: 'x',
      dead_letter_topic: topic,
      dead_letter_partition: '0',
      dead_letter_group: `kopilka.demo.in_${number}`,
      dead_letter_reason: '/data must be JSON',
    });
    expect(await recorded()).to.have.lengthOf(1);
  });

  it('leaves messages where they are while the log is away, and loses none', async () => {
    const topic = `${prefix}in.away`;
    await broker.createTopic(topic, 1);
    const count = 40;
    await broker.send(
      topic,
      Array.from({ length: count }, (_, n) => binary(`m${n}`, { n }, {}, 'k')),
    );
    let away = true;
    const flaky: Publish = async (input, given) => {
      if (away) throw new LogUnavailable('away');
      return publish(input, given);
    };
    await bindTo('in.away');
    startIntakes(flaky);
    const failed = () => states.get(`binding in_${number}`)?.error?.message === 'away';
    await until('the trouble is told', failed);
    expect((await broker.committed(`kopilka.demo.in_${number}`, topic))[0]).to.equal(-1);
    away = false;
    await until('all published', async () => (await recorded()).length === count);
    expect((await recorded()).map(({ id }) => id)).to.deep.equal(
      Array.from({ length: count }, (_, n) => `m${n}`),
    );
    await until('the trouble is over', () => states.get(`binding in_${number}`)?.error === null);
    await house.handler.handle(
      endBinding,
      { bindingId: `in_${number}` as BindingId, reason: 'over' },
      context(),
    );
  });

  it('shares partitions between processes, and what moves with them comes in once', async () => {
    const topic = `${prefix}in.shared`;
    await broker.createTopic(topic, 4);
    const count = 600;
    const send = (from: number, to: number) =>
      broker.send(
        topic,
        Array.from({ length: to - from }, (_, i) =>
          binary(`s${from + i}`, { n: from + i }, {}, `key${(from + i) % 12}`),
        ),
      );
    await send(0, 200);
    await bindTo('in.shared');
    const leaving = new AbortController();
    startIntakes(publish, leaving.signal);
    await until('some', async () => (await recorded()).length > 0);
    startIntakes();
    await send(200, 400);
    await until('more', async () => (await recorded()).length >= 300);
    leaving.abort();
    await send(400, count);
    await until('all', async () => (await recorded()).length >= count);
    const found = await recorded();
    expect(new Set(found.map(({ id }) => id)).size).to.equal(count);
    expect(found).to.have.lengthOf(count);
    for (let key = 0; key < 12; key += 1) {
      const places = found
        .filter((one) => one.key === `key${key}`)
        .map(({ id }) => Number(id.slice(1)));
      expect(places).to.deep.equal([...places].sort((a, b) => a - b));
    }
  });
});
