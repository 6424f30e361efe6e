/** What becomes of requests: recorded once, sealed, by the rules of their class; or refused with what is wrong. */
import { expect } from 'chai';
import { createAcceptMessages, laneOf, messageIdOf } from '../../../commands/message/accept.js';
import { addressHash } from '../../../commands/message/addresses.js';
import {
  messageSubject,
  openMessage,
  presentAddresses,
} from '../../../commands/message/sealing.js';
import { wordHashes } from '../../../commands/message/words.js';
import { outreachRulesDefault } from '../../../domain/consent/rules.js';
import { LogUnavailable } from '../../../commands/log.js';
import type { Accepted } from '../../../domain/message/message.js';
import type { MessageId, UserId } from '../../../domain/ids.js';
import { laneKindOf, lanesEnd, lanesMax } from '../../../domain/message/lanes.js';
import { Desk, tenant } from './desk.js';
import { accepted, code, sms } from './requests.js';

const userId = '0000000000000000000000017' as UserId;
const recorded = (desk: Desk): Accepted[] => desk.log.facts.map(({ data }) => data as Accepted);

describe('A request for a message', () => {
  it('is recorded without anything personal in clear, and opened with the key of its address', async () => {
    const desk = new Desk();
    const { messageId } = accepted(await desk.accept(sms));
    const [data] = recorded(desk);
    expect(
      JSON.stringify(desk.log.facts, (_, value: unknown) =>
        typeof value === 'bigint' ? 0 : value,
      ),
    ).not.to.match(/2612|parcel/);
    expect(data).to.deep.include({
      ...{ messageId, class: 'transactional', template: null, strategy: null, notBefore: null },
      steps: [{ channel: 'sms', until: 'delivered', waitSeconds: 259_200 }],
      expiresAt: '2026-03-03T09:00:00.000Z',
    });
    const { subject, addresses } = (data as Accepted).recipient;
    expect(subject).to.equal(`addr_${addresses.phone?.slice(0, 40)}`);
    const { sealed } = data as Accepted;
    expect(await openMessage(desk.keys, tenant, { subject, sealed })).to.deep.equal({
      addresses: { phone: { kind: 'phone', phone: '+37126123456' } },
      text: { text: 'Your parcel is here.' },
    });
    const words = wordHashes(await desk.keys.indexKey(tenant), 'PARCEL');
    expect((data as Accepted).words).to.include(words[0]);
  });

  it('has one hash for each address, however it was spelt', async () => {
    const desk = new Desk();
    const email = (address: string) => ({
      ...sms,
      channel: 'email',
      recipient: { email: address },
    });
    await desk.accept(email('Ada@Example.com'), 'one');
    await desk.accept(email(' ada@example.com '), 'two');
    const [one, two] = recorded(desk);
    expect(one?.recipient.addresses.email).to.have.length(64);
    expect(two?.recipient).to.deep.equal(one?.recipient);
  });

  it('is recorded once under its key, and answered with the same id', async () => {
    const desk = new Desk();
    const first = accepted(await desk.accept(sms));
    desk.clock += 60_000;
    const again = accepted(await desk.accept(sms));
    expect(again.messageId).to.equal(first.messageId);
    expect([first.repeated, again.repeated]).to.deep.equal([false, true]);
    expect(desk.log.facts).to.have.length(1);
    const other = { ...sms, text: { text: 'Another.' } };
    expect(code(await desk.accept(other))).to.equal('idempotency-key-reused');
  });

  it('is told of at once where it is a one-time password, as the log has it, and not otherwise', async () => {
    const desk = new Desk();
    await desk.accept(sms, 'parcel');
    await desk.accept({ ...sms, class: 'otp' }, 'code');
    await desk.accept({ ...sms, class: 'otp', text: {} }, 'refused');
    const { data, position } = desk.log.facts[1] ?? {};
    expect(desk.urgent).to.deep.equal([{ tenant, accepted: data, position }]);
    expect(recorded(desk)).to.have.length(2);
  });

  it('is the same in whatever order its fields come', async () => {
    const desk = new Desk();
    const { class: of, ...rest } = sms;
    accepted(await desk.accept({ ...rest, reference: 'r', class: of }));
    expect(accepted(await desk.accept({ reference: 'r', ...sms })).repeated).to.equal(true);
    expect(desk.log.facts).to.have.length(1);
  });

  it('is known as a repeat by another process too, as far as the log went when that one began', async () => {
    const desk = new Desk();
    const first = accepted(await desk.accept(sms));
    const { log, directory, keys } = desk;
    const other = createAcceptMessages({ log, directory, keys, head: () => log.head() });
    const items = [
      { request: sms, key: 'key-1' },
      { request: sms, key: 'key-2' },
    ];
    const told = (await other(items, desk.context())).map(accepted);
    expect(told.map(({ repeated }) => repeated)).to.deep.equal([true, false]);
    expect(told[0]?.messageId).to.equal(first.messageId);
    const away = () => Promise.reject(new Error('away'));
    const third = createAcceptMessages({ log, directory, keys, head: away });
    expect((await third(items, desk.context())).map(({ kind }) => kind)).to.deep.equal([
      ...['accepted', 'accepted'],
    ]);
  });

  it('belongs to its requester: the same key of another one is another message', async () => {
    const desk = new Desk();
    await desk.accept(sms);
    await desk.accept(sms, 'key-1', { requester: { kind: 'partner', id: 'bank' } });
    expect(desk.log.facts).to.have.length(2);
  });

  it('is told apart by the keyed digest of its body alone, which tells nobody what it says', async () => {
    const [one, two] = [new Desk(), new Desk()];
    await one.accept(sms);
    await two.accept(sms);
    const [a, b] = [one, two].map((desk) => desk.log.facts[0]?.metadata.fingerprint);
    expect(a).to.match(/^[0-9a-f]{32}$/);
    expect(b).not.to.equal(a);
  });

  it('pins strategy, steps and template as they are now', async () => {
    const desk = new Desk();
    const request = {
      class: 'service',
      recipient: { userId },
      strategy: { strategyId: 'push_then_sms' },
      template: { templateId: 'points_expire' },
      variables: { points: 300 },
    };
    accepted(await desk.accept(request));
    const [data] = recorded(desk);
    expect(data?.strategy).to.deep.equal({ strategyId: 'push_then_sms', version: 1 });
    expect(data?.template).to.deep.equal({ templateId: 'points_expire', version: 1 });
    expect(data?.steps.map(({ channel }) => channel)).to.deep.equal(['push', 'sms']);
    expect(data?.recipient).to.deep.equal({ userId, subject: userId, addresses: {} });
  });

  it('expires as its class has it, and never later than it may', async () => {
    const desk = new Desk();
    const otp = { ...sms, class: 'otp' };
    await desk.accept(otp, 'a');
    expect(recorded(desk)[0]?.expiresAt).to.equal('2026-03-02T09:05:00.000Z');
    const late = { ...otp, expiresAt: '2026-03-02T09:05:01Z' };
    expect(code(await desk.accept(late, 'b'))).to.equal('/expiresAt');
    const notBefore = '2026-03-05T10:00:00Z';
    await desk.accept({ ...sms, notBefore }, 'c');
    expect(recorded(desk)[1]).to.deep.include({
      ...{ notBefore: '2026-03-05T10:00:00.000Z', expiresAt: '2026-03-06T10:00:00.000Z' },
    });
    const over = { ...sms, notBefore, expiresAt: '2026-03-05T09:00:00Z' };
    expect(code(await desk.accept(over, 'd'))).to.equal('/expiresAt');
  });

  const { text: _text, ...plain } = sms;
  const template = { templateId: 'points_expire' };
  const templated = { ...plain, template, variables: { points: 3 } };
  const wrong: Record<string, readonly [unknown, string]> = {
    'neither channel nor strategy': [{ ...sms, channel: undefined }, '/channel'],
    both: [{ ...sms, strategy: { strategyId: 'push_then_sms' } }, '/channel'],
    'neither template nor text': [{ ...sms, text: undefined }, '/template'],
    'variables of an own text': [{ ...sms, variables: { a: 1 } }, '/variables'],
    'no address for its channel': [{ ...sms, recipient: { email: 'a@b.lv' } }, '/recipient'],
    'an unknown time zone': [
      { ...sms, recipient: { ...sms.recipient, timeZone: 'Mars/North' } },
      '/recipient/timeZone',
    ],
    'a field that is not known': [{ ...sms, chanel: 'sms' }, '/chanel'],
    'a phone that is none': [{ ...sms, recipient: { phone: '12' } }, 'invalid-contact'],
    'a template that is not there': [
      { ...sms, text: undefined, template: { templateId: 'nothing' } },
      'template-not-found',
    ],
    'a channel that its template says nothing on': [
      { ...templated, channel: 'email', recipient: { email: 'a@b.lv' } },
      '/template',
    ],
    'a variable that is missing': [{ ...templated, variables: {} }, '/variables/points'],
    'a variable of another kind': [
      { ...templated, variables: { points: 'many' } },
      '/variables/points',
    ],
    'a version that is not there': [
      { ...sms, text: undefined, template: { templateId: 'points_expire', version: 2 } },
      'template-not-found',
    ],
    'a strategy that is not there': [
      { ...sms, channel: undefined, strategy: { strategyId: 'nothing' } },
      'strategy-not-found',
    ],
    'a provider that is not there': [{ ...sms, providerId: 'nobody' }, '/providerId'],
    'a provider of another channel': [{ ...sms, providerId: 'mail' }, '/providerId'],
    'a callback topic that is not its own': [
      { ...sms, callback: { topicId: 'cars_chosen' } },
      'topic-not-found',
    ],
    'more than may be said': [
      {
        ...{ ...sms, channel: 'email', recipient: { email: 'ada@example.com' } },
        text: { text: 'ж'.repeat(20_000), html: 'ж'.repeat(50_000) },
      },
      '',
    ],
  };
  for (const [what, [request, expected]] of Object.entries(wrong)) {
    it(`is refused with ${what}`, async () => {
      const desk = new Desk();
      const plain: unknown = JSON.parse(JSON.stringify(request));
      expect(code(await desk.accept(plain))).to.equal(expected);
      expect(desk.log.facts).to.have.length(0);
    });
  }

  it('is refused for a person who was erased', async () => {
    const desk = new Desk();
    await desk.keys.destroy(tenant, userId);
    expect(code(await desk.accept({ ...sms, recipient: { userId } }))).to.equal('recipient-erased');
  });

  it('is refused where it names an address that was erased, beside others too', async () => {
    const desk = new Desk();
    const phone = { kind: 'phone', phone: '+37126123456' } as const;
    const hash = addressHash(await desk.keys.indexKey(tenant), phone);
    const named = { ...sms.recipient, email: 'ada@example.com' };
    const { messageId } = accepted(await desk.accept({ ...sms, recipient: named }, 'before'));
    const [data] = recorded(desk) as [Accepted];
    await desk.keys.destroy(tenant, messageSubject(null, { phone: hash }));
    for (const recipient of [sms.recipient, named, { ...sms.recipient, userId }]) {
      const asked = { ...sms, recipient };
      const result = await desk.accept(asked, JSON.stringify(recipient));
      expect(code(result)).to.equal('recipient-erased');
    }
    const others = { ...sms, channel: 'email', recipient: { email: named.email } };
    expect(await desk.accept(others, 'others')).to.include({ kind: 'accepted' });
    // What was taken before is sealed under the e-mail address, and does not show the phone.
    const { subject, addresses } = data.recipient;
    const content = await openMessage(desk.keys, tenant, { subject, sealed: data.sealed });
    if (!content) throw new Error(`nothing to read of ${messageId}`);
    const shown = await presentAddresses(desk.keys, tenant, addresses, content);
    expect(Object.keys(shown)).to.deep.equal(['email']);
  });

  it('is refused where its own text has more parts as an SMS than anybody would pay for', async () => {
    const desk = new Desk();
    const saying = (text: string, more: object = {}) => ({ ...sms, text: { text }, ...more });
    const keyed = (request: object) => desk.accept(request, JSON.stringify(request));
    expect(code(await keyed(saying('x'.repeat(1_531))))).to.equal('/text/text');
    expect(code(await keyed(saying('ж'.repeat(671))))).to.equal('/text/text');
    const strategy = { strategyId: 'push_then_sms' };
    const { channel: _channel, ...others } = saying('x'.repeat(1_531), { strategy });
    const recipient = { ...sms.recipient, userId };
    expect(code(await keyed({ ...others, recipient }))).to.equal('/text/text');
    expect(await keyed(saying('x'.repeat(1_530)))).to.include({ kind: 'accepted' });
    const mail = { channel: 'email', recipient: { email: 'ada@example.com' } };
    expect(await keyed(saying('x'.repeat(1_531), mail))).to.include({ kind: 'accepted' });
  });

  it('is refused as part of a digest where that is over, or nobody waits for it', async () => {
    const desk = new Desk();
    const until = (minutes: number) => new Date(desk.clock + minutes * 60_000).toISOString();
    const digested = (minutes: number, more: object = {}) =>
      desk.accept(
        { ...sms, digest: { key: 'orders', until: until(minutes) }, ...more },
        `${minutes} ${JSON.stringify(more)}`,
      );
    expect(code(await digested(-60))).to.equal('/digest/until');
    expect(code(await digested(5, { class: 'otp' }))).to.match(/^\/digest /);
    expect(await digested(60)).to.include({ kind: 'accepted' });
    // It was on its way when the hour was over.
    expect(await digested(-1)).to.include({ kind: 'accepted' });
  });
});

describe('A batch of requests', () => {
  it('is answered one by one: what one is at fault of keeps no other back', async () => {
    const desk = new Desk();
    const results = await desk.acceptAll(
      [
        { request: sms, key: 'a' },
        { request: { ...sms, channel: 'fax' }, key: 'b' },
        { request: { ...sms, recipient: { phone: '+371 2612 3457' } }, key: 'c' },
        { request: sms, key: 'a' },
        { request: { ...sms, reference: '7' }, key: 'a' },
      ],
      desk.context(),
    );
    expect(results.map(({ kind }) => kind)).to.deep.equal([
      ...['accepted', 'refused', 'accepted', 'accepted', 'refused'],
    ]);
    expect(desk.log.facts).to.have.length(2);
  });

  it('says of which it is not known whether they are recorded', async () => {
    const desk = new Desk();
    const append = desk.log.append.bind(desk.log);
    let calls = 0;
    Object.assign(desk.log, {
      append: (...given: Parameters<typeof append>) =>
        (calls += 1) === 2 ? Promise.reject(new LogUnavailable('away')) : append(...given),
    });
    const items = ['a', 'b', 'c'].map((key) => ({ request: sms, key }));
    const results = await desk.acceptAll(items, desk.context());
    expect(results.map(({ kind }) => kind)).to.deep.equal(['accepted', 'unavailable', 'accepted']);
    const again = await desk.acceptAll(items, desk.context());
    expect(again.map(({ kind }) => kind)).to.deep.equal(['accepted', 'accepted', 'accepted']);
    expect(desk.log.facts).to.have.length(3);
  });
});

describe('The lane of a message', () => {
  it('is the same for all that one recipient gets and is counted for caps, and any for the rest', async () => {
    const desk = new Desk();
    const rules = { ...outreachRulesDefault, laneCount: 16 };
    desk.know({ type: 'OutreachRulesSet', data: { version: 1, rules } }, 90);
    const lanesOf = async (of: string, phones: readonly string[]): Promise<number> => {
      const from = desk.log.facts.length;
      for (const [index, phone] of phones.entries()) {
        await desk.accept({ ...sms, class: of, recipient: { phone } }, `${of} ${index} ${from}`);
      }
      return new Set(
        recorded(desk)
          .slice(from)
          .map(({ lane }) => lane),
      ).size;
    };
    const same = Array.from({ length: 20 }, () => '+37126123456');
    const others = same.map((_, index) => `+371261234${10 + index}`);
    expect(await lanesOf('marketing', same)).to.equal(1);
    expect(await lanesOf('marketing', others)).to.be.greaterThan(5);
    expect(await lanesOf('service', same)).to.be.greaterThan(5);
  });

  it('is one of their own for one-time passwords, even where all else has only one', async () => {
    const desk = new Desk();
    const requests = Array.from({ length: 20 }, (_, index) => index);
    for (const index of requests) {
      await desk.accept({ ...sms, class: 'otp' }, `otp ${index}`);
      await desk.accept({ ...sms, class: 'service' }, `service ${index}`);
    }
    const lanes = recorded(desk).map(({ class: of, lane }) => `${of} ${lane} ${laneKindOf(lane)}`);
    expect([...new Set(lanes)]).to.have.members(['otp 64 urgent', 'service 0 usual']);
    const rules = { ...outreachRulesDefault, laneCount: lanesMax };
    desk.know({ type: 'OutreachRulesSet', data: { version: 1, rules } }, 90);
    for (const index of requests) await desk.accept({ ...sms, class: 'otp' }, `more ${index}`);
    const spread = recorded(desk)
      .slice(-requests.length)
      .map(({ lane }) => lane);
    expect(new Set(spread).size).to.be.greaterThan(5);
    expect(spread.every((lane) => lane >= lanesMax && lane < lanesEnd)).to.equal(true);
  });
});

describe('The id of a message', () => {
  it('follows from programme, requester and key alone, and spreads over the lanes', () => {
    const by = { kind: 'partner', id: 'shop' } as const;
    const id = messageIdOf(tenant, by, 'k');
    expect(id).to.match(/^[0-9a-f]{32}$/);
    expect(messageIdOf(tenant, by, 'k')).to.equal(id);
    expect(messageIdOf('other' as typeof tenant, by, 'k')).not.to.equal(id);
    const lanes = Array.from({ length: 400 }, (_, i) => laneOf(messageIdOf(tenant, by, `${i}`), 4));
    for (const lane of [0, 1, 2, 3]) {
      expect(lanes.filter((one) => one === lane).length).to.be.within(60, 140);
    }
    expect(laneOf('f'.repeat(32) as MessageId, 1)).to.equal(0);
  });
});
