/** What goes while tokens of a provider's pace are on their way, and where there are none. */
import { expect } from 'chai';
import { type Queued, type Sending, sendingOf, soon } from './sending.js';

const sms: Queued['accepted'] = {
  steps: [{ channel: 'sms', until: 'accepted', waitSeconds: 600 }],
};
const many = (count: number, accepted: Queued['accepted']): Queued[] =>
  Array.from({ length: count }, () => ({ accepted }));
const inOrder = [
  {
    ...{ ruleId: 'in_order', channel: 'sms', by: 'order' },
    providers: ['north', 'south'].map((providerId) => ({ providerId, weight: 100 })),
  },
];

describe('a provider with a pace', () => {
  let sending: Sending | undefined;
  let release = (): void => undefined;
  const start = (given: Parameters<typeof sendingOf>[0]): Sending => (sending = sendingOf(given));
  const countOf = (name: string): number => sending?.sent.get(name)?.length ?? 0;
  afterEach(async () => {
    release();
    await sending?.stop();
    sending = undefined;
  });

  it('is given a one-time password while its tokens are on their way, and nothing else', async () => {
    const held = new Promise<void>((resolve) => (release = resolve));
    start({
      senders: [{ providerId: 'north', pace: { perSecond: 100 }, batchMax: 1 }],
      queue: [...many(5, { ...sms, class: 'otp' }), ...many(20, sms)],
      beforeGrants: () => held,
    });
    await soon('a password is sent', () => countOf('north') === 1);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(countOf('north')).to.equal(1);
    release();
    await soon('all are sent', () => countOf('north') === 25);
    const first = (sending?.sent.get('north') ?? []).slice(0, 5);
    expect([...first].sort(), 'passwords first').to.deep.equal([1, 2, 3, 4, 5]);
  });

  it('is waited for while its tokens are on their way, where it is the one', async () => {
    start({
      senders: [{ providerId: 'north', pace: { perSecond: 1_000 } }, { providerId: 'south' }],
      rules: inOrder,
      queue: many(100, sms),
      beforeGrants: () => new Promise((resolve) => setTimeout(resolve, 30)),
    });
    await soon('all are sent', () => countOf('north') + countOf('south') === 100);
    expect(countOf('south')).to.equal(0);
  });

  it('leaves to the next one what it has no tokens for', async () => {
    start({
      senders: [{ providerId: 'north', pace: { perSecond: 1, burst: 3 } }, { providerId: 'south' }],
      rules: inOrder,
      queue: many(40, sms),
    });
    await soon('all are sent', () => countOf('north') + countOf('south') === 40);
    expect(countOf('north')).to.be.within(3, 6);
  });
});
