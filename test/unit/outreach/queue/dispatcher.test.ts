/** What the dispatcher does with a queue while some of those who are to carry it do not. */
import { expect } from 'chai';
import { hanging, type Queued, type Sending, sendingOf, soon } from './sending.js';

const step = (channel: 'sms' | 'email', waitSeconds = 600) =>
  ({ channel, until: 'accepted', waitSeconds }) as const;

describe('the dispatcher', () => {
  let sending: Sending | undefined;
  let releases: (() => void)[] = [];
  const start = (given: Parameters<typeof sendingOf>[0]): Sending => (sending = sendingOf(given));
  const hangs = () => {
    const { send, release } = hanging();
    releases.push(release);
    return send;
  };
  afterEach(async () => {
    for (const release of releases) release();
    releases = [];
    await sending?.stop();
    sending = undefined;
  });
  const many = (count: number, accepted: Queued['accepted'], rest: Partial<Queued> = {}) =>
    Array.from({ length: count }, (): Queued => ({ accepted, ...rest }));
  const sms = { steps: [step('sms')] };
  const email = { steps: [step('email')] };
  const countOf = (name: string): number => sending?.sent.get(name)?.length ?? 0;

  it('gives way to one-time passwords, but lets nobody wait for a provider that hangs', async () => {
    const phone = { addresses: { phone: 'a'.repeat(64), email: 'b'.repeat(64) } };
    const recipient = { userId: null, subject: 'addr_ada', ...phone };
    start({
      senders: [{ providerId: 'post', channel: 'email', send: hangs() }, { providerId: 'north' }],
      queue: [
        ...many(3, { ...sms, class: 'otp' }),
        ...many(40, { ...email, recipient }),
        ...many(200, { ...sms, class: 'marketing' }),
      ],
    });
    await soon('passwords', () => countOf('north') >= 3);
    await soon('the rest', () => countOf('north') === 203);
    expect(sending?.troubles).to.deep.equal([]);
  });

  const rule = (ruleId: string, prefix: string, providerId: string) => ({
    ...{ ruleId, channel: 'sms', prefixes: [prefix], by: 'weight' },
    providers: [{ providerId, weight: 100 }],
  });
  const rules = [rule('latvia', '+371', 'north'), rule('georgia', '+995', 'south')];

  it('sends by one provider while another of the channel takes nothing in', async () => {
    start({
      senders: [
        { providerId: 'north', concurrency: 2, batchMax: 10, send: hangs() },
        { providerId: 'south', concurrency: 2, batchMax: 10 },
      ],
      queue: many(300, sms),
    });
    await soon('most are sent', () => countOf('south') > 100);
    await soon('no more than are called at a time', () => countOf('north') <= 20);
  });

  it('keeps what one provider cannot take from holding up the others of the window', async () => {
    start({
      senders: [{ providerId: 'north', pace: { perSecond: 5, burst: 5 } }, { providerId: 'south' }],
      rules,
      queue: [...many(1_600, sms), ...many(50, sms, { phone: '+99550000000' })],
    });
    await soon('they go by the other', () => countOf('south') === 50, 4_000);
    await soon('its pace is used', () => countOf('north') > 7, 4_000);
    const north = sending?.sent.get('north') ?? [];
    expect(north, 'in order').to.deep.equal([...north].sort((one, other) => one - other));
  });

  it('learns nothing again and again of what waits for tokens', async () => {
    let chunks = 0;
    start({
      senders: [{ providerId: 'north', pace: { perSecond: 1, burst: 1 } }, { providerId: 'south' }],
      rules,
      queue: many(50, sms),
      onLearn: () => (chunks += 1),
    });
    await soon('one is sent', () => countOf('north') === 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(chunks).to.be.lessThan(6);
  });
});
