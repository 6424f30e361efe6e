/**
 * One programme has a hundred thousand messages of marketing waiting, another sends one-time passwords. How long these take is counted in
 * turns of the event loop, where each step outside (the log, the keys of persons, a provider) takes one: so what is compared is what goes
 * before them, whatever the machine does meanwhile.
 */
import { expect } from 'chai';
import type { TenantId } from '../../../../domain/ids.js';
import { type Queued, type Sending, sendingOf, soon } from './sending.js';

const backlog = 100_000;
const passwords = 100;
const [bulk, shop] = ['bulk', 'shop'] as TenantId[] as [TenantId, TenantId];
const steps = [{ channel: 'sms', until: 'accepted', waitSeconds: 600 }] as const;
/** The rest gives way for a while to a password that was sent: beyond it, it is in full swing again. */
const calmMs = 4_000;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Found {
  /** From when it was heard of to its provider's call. */
  readonly turns: readonly number[];
  /** Of the others, in the whole run. */
  readonly others: number;
}

describe('one-time passwords beside a hundred thousand messages of another programme', function () {
  this.timeout(120_000);
  let sending: Sending | undefined;
  afterEach(async () => {
    await sending?.stop();
    sending = undefined;
  });

  const measure = async (waiting: number, isCalm: boolean): Promise<Found> => {
    let ahead = 0;
    const marketing: Queued = { tenant: bulk, accepted: { class: 'marketing', steps: [...steps] } };
    const found = sendingOf({
      senders: [
        { providerId: 'north', tenant: bulk, concurrency: 2, batchMax: 25 },
        { providerId: 'south', tenant: shop, concurrency: 4, batchMax: 1 },
      ],
      queue: [],
      backlog: { each: marketing, count: waiting },
      now: () => Date.now() + ahead,
      away: turn,
    });
    sending = found;
    const countOf = (name: string): number => found.sent.get(name)?.length ?? 0;
    await soon('lanes are open', () => found.dispatcher.state().lanes === 3, 5_000);
    if (waiting > 0) await soon('the others are being sent', () => countOf('north') > 500, 5_000);
    const turns: number[] = [];
    for (let count = 1; count <= passwords; count += 1) {
      if (isCalm) ahead += calmMs;
      // Some moment of what the others are at.
      for (let pauses = (count * 7) % 13; pauses > 0; pauses -= 1) await turn();
      found.hear({ tenant: shop, accepted: { class: 'otp', steps: [...steps] } });
      let took = 0;
      while (countOf('south') < count && took < 1_000) {
        await turn();
        took += 1;
      }
      turns.push(took);
    }
    const others = countOf('north');
    expect(found.troubles).to.deep.equal([]);
    await found.stop();
    return { turns, others };
  };
  const p99 = (values: readonly number[]): number =>
    [...values].sort((one, other) => one - other)[Math.ceil(values.length * 0.99) - 1] ?? Infinity;

  for (const [moment, isCalm] of [
    ['one after the other', false],
    ['while nothing gives way to them', true],
  ] as const) {
    it(`are with their provider after as many turns as where nothing else waits, ${moment}`, async () => {
      const idle = await measure(0, isCalm);
      const busy = await measure(backlog, isCalm);
      expect(Math.max(...idle.turns)).to.be.within(1, 20);
      expect(p99(busy.turns)).to.be.at.most(p99(idle.turns) * 1.5);
      expect(busy.others, 'the others go on').to.be.greaterThan(500);
      expect(busy.others, 'and most of them wait').to.be.lessThan(backlog * 0.9);
    });
  }
});
