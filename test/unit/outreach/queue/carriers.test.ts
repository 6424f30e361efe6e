import { expect } from 'chai';
import { createCarriers } from '../../../../commands/carriers.js';
import type { Fact } from '../../../../domain/fact.js';
import { providerStream } from '../../../../domain/provider/events.js';
import {
  type CarrierOptions,
  type CarrierPool,
  createCarrierPool,
} from '../../../../workers/outreach/carriers.js';
import type { CarrierQuestion } from '../../../../workers/outreach/choosing.js';
import { createPacing } from '../../../../workers/outreach/pace.js';
import { ProviderUnusable } from '../../../../workers/outreach/providers/open.js';
import { demo, noon, north } from './known.js';
import { createMemoryPace } from './memoryPace.js';

describe('a provider in use', () => {
  let now: number;
  let opened: number;
  let closed: number;
  let troubles: unknown[];
  const provider = {
    send: () => Promise.resolve([{ outcome: 'submitted' as const }]),
    reconcile: () => Promise.resolve({ outcome: 'unknown' as const }),
    close: () => Promise.resolve(void (closed += 1)),
  };
  beforeEach(() => {
    now = noon;
    opened = closed = 0;
    troubles = [];
  });

  const factsOf = (type: string, data: object, revision = 0): Fact =>
    ({
      ...{ type, data, revision, stream: providerStream(demo, north) },
      metadata: { tenant: demo, occurredAt: new Date(noon).toISOString() },
    }) as Fact;
  const poolOf = (open: CarrierOptions['open']) => {
    const carriers = createCarriers();
    const terms = { providerId: north, name: 'North', kind: 'sandbox', channel: 'sms' };
    const paces = { settings: {}, concurrency: 2 };
    carriers.apply(factsOf('ProviderRegistered', { ...terms, ...paces }));
    const pool = createCarrierPool({
      ...{ carriers, open, now: () => now },
      pacing: createPacing({
        ...{ grants: createMemoryPace(() => now), now: () => now },
        ...{ onRoom: () => undefined, onTrouble: (error) => troubles.push(error) },
      }),
      ...{ recordHealth: () => undefined, onRoom: () => undefined },
      onTrouble: (error) => troubles.push(error),
    });
    return { pool, carriers };
  };
  const question: CarrierQuestion = {
    ...{ channel: 'sms', class: 'service', destination: '+37120000000', tried: [], random: 0 },
  };
  const reasonOf = (pool: CarrierPool): string => {
    const found = pool.route(demo, question);
    return found.kind === 'none' ? found.reason : found.kind;
  };

  it('is opened again after a hiccup, and asked for nothing until then', async () => {
    const { pool } = poolOf(() => {
      opened += 1;
      if (opened < 3) return Promise.reject(new Error('the database is away'));
      return Promise.resolve({ provider, batchMax: 1 });
    });
    await pool.ready(demo);
    expect(reasonOf(pool)).to.equal('no-tokens');
    expect(pool.room(demo, 'sms', 'service', 9)).to.include({ messages: 0 });
    await pool.ready(demo);
    expect(opened, 'not at once').to.equal(1);
    now += 60_000;
    await pool.ready(demo);
    now += 60_000;
    await pool.ready(demo);
    expect(opened).to.equal(3);
    expect(reasonOf(pool)).to.equal('chosen');
  });

  it('is left out while every attempt to open it fails, and still opened again', async () => {
    const { pool } = poolOf(() => {
      opened += 1;
      if (opened < 12) return Promise.reject(new TypeError('of this kind for ever'));
      return Promise.resolve({ provider, batchMax: 1 });
    });
    for (let tries = 1; tries <= 10; tries += 1) {
      await pool.ready(demo);
      now += 60_000;
    }
    expect(reasonOf(pool)).to.equal('unavailable');
    now += 60_000;
    for (let tries = 1; tries <= 2; tries += 1) {
      pool.review();
      await new Promise(setImmediate);
      now += 60_000;
    }
    expect(reasonOf(pool)).to.equal('chosen');
  });

  it('is asked what became of attempts in calls that count, and keeps half of them for sending', async () => {
    const under: (() => void)[] = [];
    const reconcile = () =>
      new Promise<{ outcome: 'never-arrived' }>((resolve) =>
        under.push(() => resolve({ outcome: 'never-arrived' })),
      );
    const { pool } = poolOf(() =>
      Promise.resolve({ provider: { ...provider, reconcile }, batchMax: 1 }),
    );
    await pool.ready(demo);
    expect(pool.room(demo, 'sms', 'service', 9)).to.include({ messages: 2 });
    const asked = Promise.all([1, 2, 3].map((n) => pool.reconcile(demo, north, `one-${n}`)));
    for (let answered = 0; answered < 3; answered += 1) {
      await new Promise(setImmediate);
      expect(under).to.have.length(answered + 1);
      expect(pool.room(demo, 'sms', 'service', 9)).to.include({ messages: 1 });
      under[answered]?.();
    }
    expect(await asked).to.deep.equal([1, 2, 3].map(() => ({ outcome: 'never-arrived' })));
    expect(pool.room(demo, 'sms', 'service', 9)).to.include({ messages: 2 });
  });

  it('is left alone once another process opened its breaker, until one of them closed it', async () => {
    const { pool, carriers } = poolOf(() => Promise.resolve({ provider, batchMax: 1 }));
    await pool.ready(demo);
    expect(reasonOf(pool)).to.equal('chosen');
    const until = new Date(noon + 30_000).toISOString();
    const opening = { reason: 'failing', until, attempts: 10, failures: 8 };
    carriers.apply(factsOf('ProviderBreakerOpened', opening, 1));
    await pool.ready(demo);
    expect(reasonOf(pool)).to.equal('unavailable');
    expect(pool.states()).to.deep.include({ tenant: demo, providerId: north, breaker: 'open' });
    carriers.apply(factsOf('ProviderBreakerClosed', {}, 2));
    await pool.ready(demo);
    expect(reasonOf(pool)).to.equal('chosen');
  });

  it('is not opened again as it is registered where that is what is wrong', async () => {
    const { pool, carriers } = poolOf(({ generation }) => {
      opened += 1;
      if (generation === 1) return Promise.reject(new ProviderUnusable('no such kind'));
      return Promise.resolve({ provider, batchMax: 1 });
    });
    await pool.ready(demo);
    now += 3_600_000;
    await pool.ready(demo);
    pool.review();
    expect(opened).to.equal(1);
    expect(reasonOf(pool)).to.equal('unavailable');
    carriers.apply(factsOf('ProviderChanged', { settings: { host: 'right' } }, 1));
    await pool.ready(demo);
    expect(reasonOf(pool)).to.equal('chosen');
  });
});
