/** What an operator says about Kafka: relays and bindings, what they may name, and what the directory knows of them. */
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { endBinding } from '../../../commands/kafka/endBinding.js';
import { endRelay } from '../../../commands/kafka/endRelay.js';
import { relayableEvents } from '../../../commands/kafka/relayable.js';
import { setBinding } from '../../../commands/kafka/setBinding.js';
import { setRelay } from '../../../commands/kafka/setRelay.js';
import { registerPartner } from '../../../commands/partner/registerPartner.js';
import { createTopic } from '../../../commands/topic/createTopic.js';
import { archiveTopic } from '../../../commands/topic/archiveTopic.js';
import { eventDefinitions } from '../../../domain/registry.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import type { BindingId, PartnerId, RelayId, TenantId, TopicId } from '../../../domain/ids.js';
import type { RelaySource } from '../../../domain/kafka/relay.js';
import { Rejected } from '../../../domain/rejected.js';
import { InvalidInput } from '../../../commands/validation.js';
import { type House, openHouse } from '../commands/house.js';

const now = Date.UTC(2026, 2, 1);
const tenant = 'demo' as TenantId;
const dealer = 'dealer' as PartnerId;
const cars = 'cars' as TopicId;
const relayId = 'cars_out' as RelayId;
const bindingId = 'cars_in' as BindingId;

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof Rejected) return error.code;
    if (error instanceof InvalidInput) return 'invalid-input';
    throw error;
  }
  return 'done';
};

describe('links to Kafka', () => {
  let house: House;
  const context = () => house.context({ tenant, now, idempotencyKey: randomUUID() });
  const relay = (
    kafkaTopic: string,
    source: RelaySource = { topicId: cars },
    id: RelayId = relayId,
  ) =>
    house.handler.handle(
      setRelay,
      { relayId: id, source, kafkaTopic, start: 'beginning' as const },
      context(),
    );
  const bind = (kafkaTopic: string, partnerId = dealer, id: BindingId = bindingId) =>
    house.handler.handle(
      setBinding,
      { bindingId: id, partnerId, topicId: cars, kafkaTopic },
      context(),
    );

  beforeEach(async () => {
    house = openHouse(() => now);
    const { handler } = house;
    const named = { name: 'demo', currency: 'GBP', gsrnPrefix: '8018000010' };
    await handler.handle(registerTenant, named, context());
    for (const partnerId of [dealer, 'bank' as PartnerId]) {
      await handler.handle(registerPartner, { partnerId, name: partnerId }, context());
    }
    const about = { name: 'Cars', description: '', classification: 'open' as const };
    await handler.handle(createTopic, { topicId: cars, owner: dealer, ...about }, context());
  });
  afterEach(() => house.close());

  it('are kept with where in the log they were set, and another setting begins anew', async () => {
    const { position } = await relay('cars.chosen');
    const first = house.directory.kafka.relay(tenant, relayId);
    expect(first).to.include({ status: 'active', generation: 0, kafkaTopic: 'cars.chosen' });
    expect(first?.setAt).to.equal(position);
    await relay('cars.chosen');
    expect(house.directory.kafka.relay(tenant, relayId)?.generation).to.equal(0);
    await relay('cars.elsewhere');
    expect(house.directory.kafka.relay(tenant, relayId)?.generation).to.equal(1);
    await house.handler.handle(endRelay, { relayId, reason: 'moved' }, context());
    expect(house.directory.kafka.allRelays()).to.have.lengthOf(1);
    expect(house.directory.kafka.relay(tenant, relayId)?.status).to.equal('ended');
  });

  it('never read a Kafka topic that something else uses, so that nothing goes in a circle', async () => {
    await relay('cars.chosen');
    expect(await codeOf(bind('cars.chosen'))).to.equal('kafka-topic-taken');
    expect(await codeOf(bind('dealer.cars'))).to.equal('done');
    expect(await codeOf(relay('dealer.cars'))).to.equal('kafka-topic-taken');
    await house.handler.handle(endBinding, { bindingId, reason: 'over' }, context());
    expect(await codeOf(relay('dealer.cars'))).to.equal('done');
    expect(house.directory.kafka.bindings(tenant)).to.have.lengthOf(1);
  });

  it('refuse what the dead letters go to, and names that Kafka does not take', async () => {
    for (const name of ['cars.dead-letters', 'cars chosen', '..', 'x'.repeat(161)]) {
      expect(await codeOf(bind(name)), name).to.equal('invalid-input');
    }
  });

  it('publish as the owner of the topic and nobody else', async () => {
    expect(await codeOf(bind('a', 'bank' as PartnerId))).to.equal('not-topic-owner');
    expect(await codeOf(bind('a', 'nobody' as PartnerId))).to.equal('partner-not-found');
    await house.handler.handle(archiveTopic, { topicId: cars, reason: 'over' }, context());
    expect(await codeOf(bind('a'))).to.equal('topic-archived');
  });

  it('hand on what happened in the business, never what holds secrets', async () => {
    const send = (eventTypes: string[]) => codeOf(relay('events', { eventTypes }));
    expect(await send(['PurchaseConfirmed', 'TierChanged'])).to.equal('done');
    expect(await send(['TillRegistered'])).to.equal('event-type-not-relayed');
    expect(await send(['EventPublished'])).to.equal('event-type-not-relayed');
    const known = [...relayableEvents].filter((type) => !eventDefinitions.has(type));
    expect(known).to.deep.equal([]);
    const secret = [...eventDefinitions].filter(
      ([type, { schema }]) =>
        relayableEvents.has(type) && /secretHash|passwordHash/.test(JSON.stringify(schema)),
    );
    expect(secret).to.deep.equal([]);
  });

  it('are told what is missing', async () => {
    const ended = house.handler.handle(endRelay, { relayId, reason: '' }, context());
    expect(await codeOf(ended)).to.equal('kafka-link-not-found');
    const nothing = { topicId: 'nothing' as TopicId };
    expect(await codeOf(relay('a', nothing))).to.equal('topic-not-found');
  });

  it('are limited in number', async () => {
    for (let n = 0; n < 100; n += 1) {
      await relay(`out.${n}`, { topicId: cars }, `relay_${n}` as RelayId);
    }
    expect(await codeOf(bind('one.more'))).to.equal('too-many-kafka-links');
    expect(await codeOf(relay('out.0b', { topicId: cars }, 'relay_0' as RelayId))).to.equal('done');
  });
});
