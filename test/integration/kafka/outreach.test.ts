/**
 * Requests for messages from a real Apache Kafka: shared between processes that come and go, through a broker that is killed and a log that
 * is away. Every request is one message, and nothing is left behind.
 */
import { expect } from 'chai';
import { type AcceptMessages, createAcceptMessages } from '../../../commands/message/accept.js';
import { LogUnavailable } from '../../../commands/log.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import type { TenantId } from '../../../domain/ids.js';
import type { Accepted } from '../../../domain/message/message.js';
import { createKafka } from '../../../platform/kafka/client.js';
import { kafkaTopicNames } from '../../../platform/kafka/settings.js';
import { createLogger } from '../../../platform/logging.js';
import { createRequestIntakes } from '../../../workers/outreach/kafka/intakes.js';
import { type House, openHouse } from '../../unit/commands/house.js';
import { missing, note, sharedBroker, type TestBroker } from './testBroker.js';

const now = () => Date.now();
const logger = createLogger({ logLevel: 'silent', logFormat: 'json', logFile: '' });

const until = async (what: string, holds: () => boolean | Promise<boolean>, ms = 40_000) => {
  const giveUpAt = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};

const wanted = (n: number) => ({
  key: `demo:customer${n % 20}`,
  value: JSON.stringify({
    recipient: { email: `customer${n % 20}@example.com` },
    channel: 'email',
    text: { text: `Number ${n}` },
    reference: `${n}`,
  }),
  headers: {
    ...{ ce_specversion: '1.0', ce_id: `r${n}`, ce_source: '/shop', ce_type: 'message.wanted' },
    ...{ 'content-type': 'application/json', 'idempotency-key': `request-${n}` },
  },
});
const some = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => wanted(from + i));

describe(`Requests for messages from Kafka${note}`, function () {
  this.timeout(120_000);
  let broker: TestBroker;
  let house: House;
  let accept: AcceptMessages;
  let tenant: TenantId;
  let number = 0;
  let age = 0;
  const running: { readonly stop: AbortController; readonly end: Promise<void> }[] = [];
  const failures: string[] = [];

  before(async function () {
    if (missing !== null) return this.skip();
    broker = await sharedBroker();
  });

  beforeEach(async () => {
    number += 1;
    tenant = `mail${number}` as TenantId;
    age = 0;
    failures.length = 0;
    house = openHouse(now);
    const { log, directory, keys, handler } = house;
    accept = createAcceptMessages({ log, directory, keys });
    const named = { name: tenant, currency: 'GBP', gsrnPrefix: '8018000010' };
    await handler.handle(registerTenant, named, house.context({ tenant, now: now() }));
    await broker.createTopic(topicOf('service'), 4);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map(({ stop, end }) => (stop.abort(), end)));
    await house.close();
  });

  const topicOf = (of: string): string => `kopilka.${tenant}.outreach.${of}`;

  /** As a process of its own would. */
  const start = (through: AcceptMessages = accept) => {
    const settings = { brokers: [broker.address], clientId: 'kopilka', createTopics: true };
    const intakes = createRequestIntakes({
      kafka: createKafka({ ...settings, tls: false, sasl: null }, logger),
      nameOf: kafkaTopicNames('kopilka.{tenant}.'),
      ...{ directory: house.directory, groupPrefix: 'kopilka', accept: through, now },
      tenants: [tenant],
      queueAge: () => Promise.resolve(age),
      onFailed: (error) => failures.push(String(error)),
      onTaken: () => undefined,
      onBehind: () => undefined,
      onWaiting: () => undefined,
    });
    const stop = new AbortController();
    const one = { stop, end: intakes.run(stop.signal) };
    running.push(one);
    return one;
  };

  const recorded = (): string[] =>
    house.log.facts
      .filter(({ type }) => type === 'MessageAccepted')
      .map(({ data }) => (data as Accepted).reference ?? '');
  const settled = async (): Promise<number> => {
    const group = `kopilka.${tenant}.outreach.service`;
    const offsets = Object.values(await broker.committed(group, topicOf('service')));
    return offsets.reduce((sum, offset) => sum + Math.max(offset, 0), 0);
  };
  /** A producer that lost its broker may have sent something twice. */
  const isAllSettled = async () => (await settled()) === (await broker.count(topicOf('service')));
  const assertAllOnce = (count: number): void => {
    const found = recorded();
    expect(found).to.have.lengthOf(count);
    expect(new Set(found).size).to.equal(count);
  };

  it('are each handled once while processes come and go and the log is away now and then', async () => {
    const count = 3_000;
    let calls = 0;
    /** Of every third chunk it is not known what became of it, though all of it is recorded. */
    const flaky: AcceptMessages = async (items, context) => {
      const results = await accept(items, context);
      const isLost = (calls += 1) % 3 === 0;
      const error = new LogUnavailable('away');
      return isLost ? results.map(() => ({ kind: 'unavailable', error })) : results;
    };
    await broker.send(topicOf('service'), some(0, 1_000));
    const leaving = start(flaky);
    await until('some', () => recorded().length > 0);
    start(flaky);
    await broker.send(topicOf('service'), some(1_000, 2_000));
    await until('more', () => recorded().length >= 1_200);
    leaving.stop.abort();
    await broker.send(topicOf('service'), some(2_000, count));
    await until('all', () => recorded().length >= count);
    await until('all settled', isAllSettled);
    assertAllOnce(count);
    expect(failures.join()).to.include('away');
  });

  it('are each handled once through the loss of the broker', async () => {
    const count = 1_500;
    await broker.send(topicOf('service'), some(0, 700));
    start();
    await until('some', () => recorded().length > 0);
    await broker.kill();
    await broker.restart();
    await broker.send(topicOf('service'), some(700, count));
    await until('all', () => recorded().length >= count);
    await until('all settled', isAllSettled);
    expect(await broker.count(topicOf('service'))).to.be.at.least(count);
    assertAllOnce(count);
  });

  it('wait in Kafka while the queue is old, and what is at fault is put aside with its cause', async () => {
    age = 3_600_000;
    const fault = { ...wanted(0), value: '{"channel":"fax"}' };
    await broker.send(topicOf('service'), [fault, ...some(1, 50)]);
    start();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(recorded()).to.have.lengthOf(0);
    expect(await settled()).to.equal(0);
    age = 0;
    await until('all', () => recorded().length >= 49);
    const letters = await broker.read(`${topicOf('service')}.dead-letters`, 1);
    expect(letters[0]?.headers).to.include({
      ...{ dead_letter_topic: topicOf('service'), dead_letter_code: 'invalid-input' },
      'idempotency-key': 'request-0',
    });
    await until('all settled', isAllSettled);
  });
});
