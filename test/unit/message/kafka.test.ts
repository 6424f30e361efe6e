/** Requests from Kafka over a log in memory: what each becomes, when offsets are settled, and when nothing more is taken. */
import { expect } from 'chai';
import type { AcceptMessages } from '../../../commands/message/accept.js';
import { LogUnavailable } from '../../../commands/log.js';
import type { Accepted } from '../../../domain/message/message.js';
import type {
  FoundBatch,
  FoundMessage,
  Intake,
  KafkaMessage,
} from '../../../workers/kafka/port.js';
import { takeRequests } from '../../../workers/outreach/kafka/chunk.js';
import { queueAgeMax, runRequestIntake } from '../../../workers/outreach/kafka/intake.js';
import { Desk, tenant } from './desk.js';

const parcel = {
  recipient: { phone: '+371 2612 3456' },
  channel: 'sms',
  text: { text: 'Your parcel is here.' },
};
const place = { kafkaTopic: 'kopilka.demo.outreach.service', partition: 2 };
const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let offset = 0;
const message = (
  data: unknown,
  headers: Record<string, string> = { ce_id: `${offset}`, ce_source: '/shop' },
): FoundMessage => ({
  offset: String((offset += 1)),
  key: Buffer.from(`${tenant}:someone`),
  value: Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)),
  headers: Object.fromEntries(
    Object.entries({ ce_specversion: '1.0', ce_type: 'message.wanted', ...headers }).map(
      ([name, text]) => [name, Buffer.from(text)],
    ),
  ),
  timestamp: 0,
});

describe('requests from Kafka', () => {
  let desk: Desk;
  const by = (accept: AcceptMessages = desk.acceptAll) => ({
    ...{ tenant, class: 'service' as const, accept, now: () => desk.clock },
    isPartner: (id: string) => id === 'shop',
  });
  const take = (...messages: FoundMessage[]) => takeRequests(messages, place, by());
  const recorded = (): Accepted[] => desk.log.facts.map(({ data }) => data as Accepted);

  beforeEach(() => {
    desk = new Desk();
  });

  it('are of the class of their topic, and keep their trace', async () => {
    const [taken] = await take(
      message(parcel, { ce_id: 'a', ce_source: '/x', traceparent: trace }),
    );
    expect(taken?.cause).to.equal(null);
    const [data] = recorded();
    expect(data).to.deep.include({ class: 'service', traceparent: trace });
    expect(data?.requester).to.deep.equal({ kind: 'operator', id: 'kafka' });
    expect(desk.log.facts[0]?.metadata.correlationId).to.match(/^kafka kopilka\.demo.*\/2\/\d+$/);
  });

  it('are those of the partner that their source names, if there is one', async () => {
    const of = (id: string) => message(parcel, { ce_id: id, ce_source: `/partners/${id}` });
    const [own, strange] = await take(of('shop'), of('nobody'));
    expect(own?.cause).to.equal(null);
    expect(recorded()[0]?.requester).to.deep.equal({ kind: 'partner', id: 'shop' });
    expect(strange?.cause?.code).to.equal('partner-not-found');
  });

  it('are one message under one key, whatever else they come with', async () => {
    const keyed = { ce_id: 'a', ce_source: '/x', 'idempotency-key': 'k1' };
    await take(message(parcel, keyed), message(parcel, { ...keyed, ce_id: 'b' }));
    await take(message(parcel), message(parcel, { ...keyed, ce_id: 'c' }));
    expect(recorded()).to.have.length(2);
    const [other] = await take(message({ ...parcel, reference: '7' }, keyed));
    expect(other?.cause?.code).to.equal('idempotency-key-reused');
  });

  it('without a key have that of their event, whole however long it is', async () => {
    const event = (id: string) =>
      message(parcel, { ce_id: id, ce_source: `/${'long'.repeat(60)}` });
    const taken = await take(event('a'), event('b'), event('a'));
    expect(taken.map(({ cause }) => cause)).to.deep.equal([null, null, null]);
    expect(recorded()).to.have.length(2);
  });

  it('are refused where their event has no id or source, or names more than a partner', async () => {
    const structured = (more: object) =>
      message(
        { specversion: '1.0', type: 't', id: 'i', source: '/x', ...more, data: parcel },
        { 'content-type': 'application/cloudevents+json' },
      );
    const taken = await take(
      message(parcel, { ce_source: '/partners/shop' }),
      message(parcel, { ce_id: '', ce_source: '/x' }),
      message(parcel, { ce_id: 'a' }),
      structured({ id: 7 }),
      structured({ source: {} }),
      message(parcel, { ce_id: 'a', ce_source: '/partners/shop/app' }),
      structured({ source: '/partners/' }),
    );
    const codes = taken.map(({ cause }) => cause?.code ?? null);
    expect(codes).to.deep.equal(Array(7).fill('invalid-input'));
    expect(recorded()).to.deep.equal([]);
  });

  it('may be structured events, or plain JSON under the place where it was found', async () => {
    const structured = { specversion: '1.0', id: 's', source: '/x', type: 't', data: parcel };
    const event = message(structured, { 'content-type': 'application/cloudevents+json' });
    const plain: FoundMessage = { ...message(parcel), headers: {} };
    await take(event, plain);
    await take(event, plain);
    expect(recorded()).to.have.length(2);
  });

  it('go to the dead letters with the cause where they are at fault, and keep no other back', async () => {
    const faulty: readonly (readonly [FoundMessage, string])[] = [
      [message('{broken'), 'invalid-input'],
      [message([1]), 'invalid-input'],
      [message({ ...parcel, class: 'otp' }), 'invalid-input'],
      [message({ ...parcel, channel: 'fax' }), 'invalid-input'],
      [message({ ...parcel, recipient: { phone: '12' } }), 'invalid-contact'],
      [message('x'.repeat(300_000)), 'invalid-input'],
      [{ ...message(parcel), value: null }, 'invalid-input'],
      [message(`${'['.repeat(20_000)}${']'.repeat(20_000)}`), 'invalid-input'],
    ];
    const deep = `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    const template = { templateId: 'points_expire' };
    const { text: _text, ...plain } = parcel;
    const request = JSON.stringify({ ...plain, template, variables: 0 });
    const nested = message(request.replace('"variables":0', `"variables":${deep}`));
    const taken = await take(...faulty.map(([one]) => one), nested, message(parcel));
    const causes = taken.map(({ cause }) => cause?.code ?? null);
    expect(causes).to.deep.equal([...faulty.map(([, code]) => code), 'invalid-input', null]);
  });

  describe('are settled', () => {
    const letters: KafkaMessage[] = [];
    const settled: string[] = [];
    const waits: boolean[] = [];
    let age = 0;
    let failsToBury = false;

    const run = async (
      messages: readonly FoundMessage[],
      accept: AcceptMessages = desk.acceptAll,
      isOver = (): boolean => false,
    ): Promise<void> => {
      const batch: FoundBatch = {
        ...{ ...place, messages, generation: 1, behind: 0, isOver },
        settle: async (at) => void settled.push(at),
      };
      const stopping = new AbortController();
      await runRequestIntake(
        { tenant, class: 'service' },
        {
          kafka: {
            sender: () => ({
              send: async (_topic, some) => {
                if (failsToBury) throw new Error('no brokers');
                letters.push(...some);
              },
              close: async () => undefined,
            }),
            ensureTopic: async () => undefined,
            consume: (intake: Intake) => intake.onBatch(batch),
          },
          ...{ directory: desk.directory, accept, groupPrefix: 'kopilka', now: () => desk.clock },
          nameOf: (_tenant, name) => `kopilka.demo.${name}`,
          ...{ queueAge: async () => age, lookEveryMs: 20 },
          onFailed: () => undefined,
          onTaken: () => undefined,
          onBehind: () => undefined,
          onWaiting: (_topic, isWaiting) => waits.push(isWaiting),
        },
        stopping.signal,
      );
    };

    beforeEach(() => {
      for (const kept of [letters, settled, waits]) kept.length = 0;
      age = 0;
      failsToBury = false;
    });

    it('five hundred at a time, once all of them are durable', async () => {
      const messages = Array.from({ length: 1_100 }, () => message(parcel));
      const sizes: number[] = [];
      await run(messages, async (items, context) => {
        sizes.push(items.length);
        const results = await desk.acceptAll(items, context);
        expect(settled).to.have.length(sizes.length - 1);
        return results;
      });
      expect(sizes).to.deep.equal([500, 500, 100]);
      expect(settled).to.deep.equal([499, 999, 1_099].map((i) => messages[i]?.offset));
    });

    it('not at all while the log is away, nor where a dead letter cannot be written', async () => {
      const away: AcceptMessages = async (items) =>
        items.map(() => ({ kind: 'unavailable', error: new LogUnavailable('away') }));
      const failed = (messages: FoundMessage[], accept?: AcceptMessages) =>
        run(messages, accept).catch((error: unknown) => String(error));
      expect(await failed([message(parcel)], away)).to.match(/away/);
      failsToBury = true;
      expect(await failed([message('{broken')])).to.match(/no brokers/);
      expect(settled).to.deep.equal([]);
      failsToBury = false;
      await run([message('{broken')]);
      expect(settled).to.have.length(1);
      expect(letters[0]?.headers).to.include({
        ...{ dead_letter_topic: place.kafkaTopic, dead_letter_partition: '2' },
        ...{ dead_letter_group: 'kopilka.demo.outreach.service' },
        dead_letter_code: 'invalid-input',
      });
    });

    it('not before the queue is young again, and never where the partition is gone meanwhile', async () => {
      age = queueAgeMax.service + 1;
      let looks = 0;
      await run([message(parcel)], desk.acceptAll, () => (looks += 1) > 1);
      expect({ settled, waits }).to.deep.equal({ settled: [], waits: [true, false] });
      waits.length = 0;
      setTimeout(() => (age = 0), 100);
      await run([message(parcel)]);
      expect(settled).to.have.length(1);
      expect(waits).to.deep.equal([true, false]);
    });
  });
});
