/** Messages both ways: what a partner's becomes, what is handed on, where it goes, and what Kafka's failures are called. */
import { Kafka as KafkaBinding } from 'cloudevents';
import { expect } from 'chai';
import { schemaNotMet } from '../../../commands/schema/judge.js';
import { InvalidInput } from '../../../commands/validation.js';
import type { Fact } from '../../../domain/fact.js';
import type { PartnerId, TenantId } from '../../../domain/ids.js';
import type { Publication } from '../../../domain/publication/publication.js';
import { placeHeader, stablePartitioner } from '../../../platform/kafka/sender.js';
import { kafkaSettings, kafkaTopicNames } from '../../../platform/kafka/settings.js';
import { asTrouble } from '../../../platform/kafka/trouble.js';
import { readConfig } from '../../../platform/config.js';
import { causeOf, deadLetterOf } from '../../../workers/kafka/in/deadLetter.js';
import { publicationOf } from '../../../workers/kafka/in/message.js';
import { messageOfEvent, messageOfPublication } from '../../../workers/kafka/out/message.js';
import type { FoundMessage } from '../../../workers/kafka/port.js';

const made = { id: 'in/0/7', partnerId: 'dealer' as PartnerId };
const found = (
  value: string | Buffer | null,
  headers: Record<string, string> = {},
  key: string | null = null,
): FoundMessage => ({
  offset: '7',
  key: key === null ? null : Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]),
  ),
  timestamp: 5,
});
const event = { ce_specversion: '1.0', ce_id: 'e1', ce_source: '/dealer', ce_type: 'car.chosen' };
const named = { id: 'e1', source: '/dealer', type: 'car.chosen' };
const read = (message: FoundMessage): Publication => publicationOf(message, made);
const faultOf = (message: FoundMessage): string => {
  try {
    read(message);
  } catch (error) {
    if (error instanceof InvalidInput) return error.faults.map((one) => one.pointer).join();
    throw error;
  }
  return 'none';
};

const publishedFact = (publication: Publication): Fact => ({
  id: 'f1',
  type: 'EventPublished',
  data: { partnerId: 'dealer', publication },
  metadata: {
    tenant: 'demo' as TenantId,
    actor: { kind: 'partner', id: 'dealer' },
    correlationId: 'c1',
    causationId: 'c1',
    commandId: 'd1',
    occurredAt: '2026-03-01T12:00:00.000Z',
    schemaVersion: 1,
    fingerprint: '',
  },
  stream: 'publications-demo.cars',
  revision: 41,
  position: 99n,
  recordedAt: 1_000,
});

describe('a message of a partner', () => {
  it('is read in binary and in structured mode, with the key of the message unless the event names one', () => {
    const json = { 'content-type': 'application/json; charset=utf-8' };
    expect(read(found('{"n":1}', { ...event, ...json, ce_rank: '3' }, 'k'))).to.deep.equal({
      ...named,
      datacontenttype: 'application/json; charset=utf-8',
      ...{ key: 'k', extensions: { rank: '3' }, data: { n: 1 } },
    });
    const whole = { specversion: '1.0', ...named, partitionkey: 'own', data: [1] };
    const structured = { 'content-type': 'application/cloudevents+json' };
    expect(read(found(JSON.stringify(whole), structured, 'k'))).to.deep.equal({
      ...{ ...named, key: 'own', data: [1] },
    });
  });

  it('keeps text as text and bytes as bytes, and nothing as nothing', () => {
    const text = read(found('Привет', { ...event, 'content-type': 'text/plain' }));
    expect(text.data).to.equal('Привет');
    const bytes = read(found(Buffer.from([0, 255]), { ...event, 'content-type': 'image/png' }));
    expect(bytes).to.include({ dataBase64: 'AP8=', datacontenttype: 'image/png' });
    expect(read(found(null, event))).to.deep.equal(named);
    expect(read(found('', event))).to.deep.equal(named);
  });

  it('that knows nothing of CloudEvents is the data of one, named by where it was found', () => {
    expect(read(found('{"n":1}'))).to.deep.equal({
      ...{ id: 'in/0/7', source: '/partners/dealer', type: 'com.kopilka.plain' },
      ...{ datacontenttype: 'application/json', data: { n: 1 } },
    });
  });

  it('is refused with a pointer where it cannot be read', () => {
    expect(faultOf(found('{broken', event))).to.equal('/data');
    expect(faultOf(found(Buffer.from([0xc3, 0x28]), event))).to.equal('/data');
    expect(faultOf(found('{}', { ...event, ce_specversion: '0.3' }))).to.equal('/specversion');
    const structured = { 'content-type': 'application/cloudevents+json' };
    expect(faultOf(found('[]', structured))).to.equal('');
    expect(faultOf(found('{}', structured))).to.equal('/specversion');
    expect(faultOf(found('[]', { 'content-type': 'application/cloudevents-batch+json' }))).to.equal(
      '',
    );
    expect(faultOf(found(null))).to.equal('');
  });

  it('that does not meet the schema says where, among the dead letters', () => {
    const faults = [{ pointer: '/publications/0/data/brand', reason: 'is missing' }];
    expect(causeOf(schemaNotMet(2, faults))).to.deep.equal({
      code: 'schema-not-met',
      reason: '/data/brand is missing',
    });
  });

  it('stays as it was among the dead letters', () => {
    const message = found('{broken', { ...event, own: 'x' }, 'k');
    const about = { kafkaTopic: 'in', partition: 2, group: 'g' };
    const letter = deadLetterOf(message, about, { code: 'invalid-input', reason: 'why' });
    expect(String(letter.value)).to.equal('{broken');
    expect(String(letter.key)).to.equal('k');
    expect(String(letter.headers['own'])).to.equal('x');
    expect(letter.headers).to.include({
      ...{ dead_letter_topic: 'in', dead_letter_partition: '2', dead_letter_offset: '7' },
      ...{ dead_letter_timestamp: '5', dead_letter_group: 'g' },
      ...{ dead_letter_code: 'invalid-input', dead_letter_reason: 'why' },
    });
  });
});

describe('what is handed on to Kafka', () => {
  it('is an event that an independent reader takes, whatever its data', () => {
    const given: Publication = {
      ...named,
      ...{ subject: 'car:42', time: '2026-03-01T12:00:00.000Z', key: 'customer:17' },
      ...{ extensions: { region: 'nørd', rank: 3, vip: true }, data: { price: 12.5 } },
    };
    const { key, value, headers, place } = messageOfPublication(publishedFact(given), given);
    const taken = KafkaBinding.toEvent({ key, value: String(value), headers } as never);
    expect(taken).to.deep.include({
      ...{ ...named, subject: 'car:42', time: '2026-03-01T12:00:00.000Z' },
      ...{ partitionkey: 'customer:17', region: 'nørd', data: { price: 12.5 } },
    });
    expect(place).to.equal(41);
    expect(headers).to.include({ kopilka_topic: 'cars', kopilka_partner: 'dealer' });
  });

  it('never is a tombstone', () => {
    const { value, headers } = messageOfPublication(publishedFact(named), named);
    expect(value).to.have.lengthOf(0);
    expect(headers).to.not.have.property('content-type');
  });

  it('reads back as what was published', () => {
    for (const data of [{ a: [1, null] }, 'text', 5, null, false]) {
      const given: Publication = { ...named, key: 'k', datacontenttype: 'application/json', data };
      const { value, headers, key } = messageOfPublication(publishedFact(given), given);
      const back = read(found(value, headers as Record<string, string>, String(key)));
      expect(back).to.deep.equal(given);
    }
  });

  it('names an event of the programme by its own id, under its stream', () => {
    const fact = { ...publishedFact(named), type: 'TierChanged', stream: 'account-demo.8018' };
    const { key, headers } = messageOfEvent(fact);
    expect(key).to.equal('account-demo.8018');
    expect(headers).to.include({
      ...{ ce_id: 'f1', ce_type: 'com.kopilka.TierChanged', ce_source: '/kopilka/demo' },
      ...{ ce_subject: 'account-demo.8018', kopilka_position: '99' },
    });
  });

  it('goes to the partition that its key or its place says, at every try', () => {
    const partitionMetadata = [0, 1, 2].map((partitionId) => ({
      ...{ partitionId, partitionErrorCode: 0, leader: 1, replicas: [1], isr: [1] },
    }));
    const at = (message: object) =>
      stablePartitioner()({ topic: 't', partitionMetadata, message: message as never });
    for (let place = 0; place < 9; place += 1) {
      const message = { key: null, value: 'x', headers: { [placeHeader]: String(place) } };
      expect([at(message), at(message)]).to.deep.equal([place % 3, place % 3]);
    }
    const keyed = { key: 'customer:17', value: 'x', headers: { [placeHeader]: '1' } };
    const moved = { ...keyed, headers: { [placeHeader]: '2' } };
    expect(at(keyed)).to.equal(at(moved));
  });
});

describe('Kafka at the door', () => {
  it('is told with a reason and what to do next, however deep the client wrapped it', () => {
    const cause = (name: string, type?: string) => Object.assign(new Error(name), { name, type });
    const wrapped = (inner: Error) =>
      Object.assign(new Error('many tries'), {
        name: 'KafkaJSNumberOfRetriesExceeded',
        cause: inner,
      });
    expect(asTrouble(wrapped(cause('KafkaJSConnectionError'))).reason).to.equal('unreachable');
    const large = cause('KafkaJSProtocolError', 'MESSAGE_TOO_LARGE');
    expect(asTrouble(wrapped(wrapped(large))).reason).to.equal('too-large');
    const denied = asTrouble(cause('KafkaJSProtocolError', 'TOPIC_AUTHORIZATION_FAILED'));
    expect(denied).to.include({ reason: 'access-denied' });
    expect(denied.next).to.contain('KOPILKA_KAFKA_USER');
    expect(asTrouble(cause('KafkaJSNotImplemented')).reason).to.equal('compression');
    expect(asTrouble('odd').reason).to.equal('refused');
  });

  it('is off until brokers are named, and refuses half a login', () => {
    expect(kafkaSettings(readConfig({}))).to.equal(null);
    const named = { KOPILKA_KAFKA_BROKERS: 'a:9092, [::1]:9093' };
    expect(kafkaSettings(readConfig(named))).to.deep.include({
      ...{ brokers: ['a:9092', '[::1]:9093'], tls: false, sasl: null },
    });
    expect(() => readConfig({ KOPILKA_KAFKA_BROKERS: 'kafka' })).to.throw('host:port');
    const half = { ...named, KOPILKA_KAFKA_SASL: 'plain', KOPILKA_KAFKA_USER: 'u' };
    expect(() => kafkaSettings(readConfig(half))).to.throw('KOPILKA_KAFKA_PASSWORD');
    const whole = { ...half, KOPILKA_KAFKA_PASSWORD: 'p', KOPILKA_KAFKA_TLS: 'yes' };
    expect(kafkaSettings(readConfig(whole))).to.deep.include({
      ...{ sasl: { mechanism: 'plain', username: 'u', password: 'p' }, tls: {} },
    });
  });

  it('keeps the programmes of one cluster apart by the names of their topics', () => {
    expect(kafkaTopicNames('kopilka.{tenant}.')('demo', 'cars')).to.equal('kopilka.demo.cars');
    expect(kafkaTopicNames('')('demo', 'cars')).to.equal('cars');
  });
});
