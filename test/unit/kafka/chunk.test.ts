/** What becomes of messages that are taken in together: one append where that is safe, one by one where something may come again. */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { BindingRecord } from '../../../commands/kafkaLinks.js';
import { LogUnavailable } from '../../../commands/log.js';
import { registerPartner } from '../../../commands/partner/registerPartner.js';
import { createArrivals } from '../../../commands/publication/arrivals.js';
import { createPublish, type Publish } from '../../../commands/publication/publish.js';
import { PublishedTooFast } from '../../../commands/publication/rates.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { archiveTopic } from '../../../commands/topic/archiveTopic.js';
import { createTopic } from '../../../commands/topic/createTopic.js';
import type { BindingId, PartnerId, TenantId, TopicId } from '../../../domain/ids.js';
import { publicationsStream, type Published } from '../../../domain/publication/publication.js';
import { Rejected } from '../../../domain/rejected.js';
import { type ChunkTaker, createChunkTaker } from '../../../workers/kafka/in/chunk.js';
import type { FoundMessage } from '../../../workers/kafka/port.js';
import { type House, openHouse } from '../commands/house.js';

const now = Date.UTC(2026, 2, 1);
const tenant = 'demo' as TenantId;
const dealer = 'dealer' as PartnerId;
const cars = 'cars' as TopicId;
const from = { kafkaTopic: 'in', partition: 0 };
const binding: BindingRecord = {
  ...{ tenant, bindingId: 'in_1' as BindingId, partnerId: dealer, topicId: cars },
  ...{ kafkaTopic: 'in', status: 'active', generation: 0, setAt: 1n, setAtMs: now },
};

const message = (offset: number, id: string, data: unknown = { id }): FoundMessage => ({
  offset: String(offset),
  key: Buffer.from('k'),
  value: Buffer.from(JSON.stringify(data)),
  headers: {
    ce_specversion: Buffer.from('1.0'),
    ce_id: Buffer.from(id),
    ce_source: Buffer.from('/dealer'),
    ce_type: Buffer.from('car.chosen'),
  },
  timestamp: now,
});

describe('a chunk of messages from Kafka', () => {
  let house: House;
  let appends: number;
  let publish: Publish;
  const context = () => house.context({ tenant, now, idempotencyKey: randomUUID() });
  const taker = (through: Publish = publish, signal = new AbortController().signal): ChunkTaker =>
    createChunkTaker(binding, through, () => now, signal);
  const ids = async () =>
    (await house.log.read(publicationsStream(tenant, cars), 0, 1_000)).map(
      ({ data }) => (data as Published).publication.id,
    );
  const outcomes = async (take: ReturnType<ChunkTaker['take']>) =>
    (await take).map(({ outcome, cause }) => cause?.code ?? outcome);

  beforeEach(async () => {
    house = openHouse(() => now);
    const { handler, log, directory } = house;
    appends = 0;
    const counted: typeof log = {
      ...log,
      append: (...given) => {
        appends += 1;
        return log.append(...given);
      },
    };
    publish = createPublish({
      ...{ directory, log: counted, arrivals: createArrivals(), keys: house.keys },
    });
    const named = { name: 'demo', currency: 'GBP', gsrnPrefix: '8018000010' };
    await handler.handle(registerTenant, named, context());
    await handler.handle(registerPartner, { partnerId: dealer, name: 'Dealer' }, context());
    const about = { name: 'Cars', description: '', classification: 'open' as const };
    await handler.handle(createTopic, { topicId: cars, owner: dealer, ...about }, context());
  });
  afterEach(() => house.close());

  it('is one append, in the order of the partition', async () => {
    const chunk = ['a', 'b', 'c'].map((id, n) => message(n, id));
    expect(await outcomes(taker().take(chunk, from, false))).to.deep.equal([
      ...['published', 'published', 'published'],
    ]);
    expect(await ids()).to.deep.equal(['a', 'b', 'c']);
    expect(appends).to.equal(1);
    const [first] = await house.log.read(publicationsStream(tenant, cars), 0, 1);
    expect(first?.metadata).to.deep.include({
      actor: { kind: 'partner', id: 'dealer' },
      correlationId: 'kafka in/0/0',
    });
  });

  it('comes again after a kill without being published again, also cut elsewhere', async () => {
    const messages = ['a', 'b', 'c', 'd', 'e'].map((id, n) => message(n, id));
    await taker().take(messages.slice(0, 3), from, false);
    const again = await outcomes(taker().take(messages, from, true));
    expect(again.slice(0, 3)).to.deep.equal(['repeated', 'repeated', 'repeated']);
    expect(await ids()).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
  });

  it('is the same publications as those that were sent to the API', async () => {
    const publication = {
      ...{ id: 'a', source: '/dealer', type: 'car.chosen', datacontenttype: 'application/json' },
      ...{ key: 'k', data: { id: 'a' } },
    };
    const input = { topicId: cars, partnerId: dealer, publications: [publication] };
    await publish(input, { ...context(), idempotencyKey: '/dealer a' });
    expect(await outcomes(taker().take([message(0, 'a')], from, true))).to.deep.equal(['repeated']);
  });

  it('goes one by one where a sender repeats itself, in one chunk or in a later one', async () => {
    const one = taker();
    const chunk = [message(0, 'a'), message(1, 'b'), message(2, 'a')];
    expect(await outcomes(one.take(chunk, from, false))).to.deep.equal([
      ...['published', 'published', 'repeated'],
    ]);
    const later = [message(3, 'c'), message(4, 'b'), message(5, 'a', 'another body')];
    expect(await outcomes(one.take(later, from, false))).to.deep.equal([
      ...['published', 'repeated', 'idempotency-key-reused'],
    ]);
    expect(await ids()).to.deep.equal(['a', 'b', 'c']);
  });

  it('is published but for those at fault, and their faults are told with pointers', async () => {
    const chunk = [message(0, 'a'), message(1, ''), message(2, 'c')];
    const taken = await taker().take(chunk, from, false);
    expect(taken.map(({ cause }) => cause?.code)).to.deep.equal([
      undefined,
      'invalid-input',
      undefined,
    ]);
    expect(taken[1]?.cause?.reason).to.match(/^\/id /);
    expect(await ids()).to.deep.equal(['a', 'c']);
  });

  it('is left alone where nothing of the binding can be published, or the log is away', async () => {
    await house.handler.handle(archiveTopic, { topicId: cars, reason: 'over' }, context());
    for (const careful of [true, false]) {
      const refused = await taker()
        .take([message(0, 'a')], from, careful)
        .catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(Rejected).with.property('code', 'topic-archived');
    }
    const away: Publish = () => Promise.reject(new LogUnavailable('away'));
    const failed = await taker(away)
      .take([message(0, 'a')], from, false)
      .catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(LogUnavailable);
  });

  it('waits where a limit is reached', async () => {
    let refusals = 2;
    const limited: Publish = (...given) => {
      refusals -= 1;
      return refusals >= 0
        ? Promise.reject(new PublishedTooFast('topic', 50, 5))
        : publish(...given);
    };
    const taken = taker(limited).take([message(0, 'a'), message(1, 'b')], from, false);
    expect(await outcomes(taken)).to.deep.equal(['published', 'published']);
    expect(appends).to.equal(1);
  });
});
