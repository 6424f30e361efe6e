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
});
