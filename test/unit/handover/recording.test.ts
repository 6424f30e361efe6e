/** What is recorded of a handover, before it: all of it, once, together with what others ask, or nothing is handed over. */
import { expect } from 'chai';
import fc from 'fast-check';
import { createHandOver, type HandedOver } from '../../../commands/publication/handovers.js';
import { type Log, LogUnavailable } from '../../../commands/log.js';
import type { Handover } from '../../../domain/handover/events.js';
import type { CredentialId, PartnerId, TenantId, TopicId } from '../../../domain/ids.js';
import { createMemoryLog } from '../../../platform/memory/log.js';

const asked = (places: readonly number[], more: Partial<HandedOver> = {}): HandedOver => ({
  ...{ tenant: 'demo' as TenantId, topicId: 'cars' as TopicId, partnerId: 'bank' as PartnerId },
  ...{ credentialId: 'credential1' as CredentialId, userId: null, way: 'pull', places },
  ...more,
});
const stream = 'handovers-demo.cars';
const placesOf = ({ ranges }: Pick<Handover, 'ranges'>): number[] =>
  ranges.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, n) => first + n),
  );

describe('recording what partners are handed', () => {
  const clock = { now: 1_000 };
  let log: ReturnType<typeof createMemoryLog>;
  let appends: number;
  let fault: Error | null;
  /** Lets an append through. */
  let gate: Promise<void>;
  const open = (pause: (ms: number) => Promise<void> = () => Promise.resolve()) => {
    const append: Log['append'] = async (...given) => {
      appends += 1;
      await gate;
      if (fault) throw fault;
      return log.append(...given);
    };
    return createHandOver({ log: { append }, owner: 'a', now: () => clock.now, pause });
  };
  const handovers = async (): Promise<Handover[]> =>
    (await log.read(stream, 0, 10_000)).flatMap(
      ({ data }) => (data as { handovers: Handover[] }).handovers,
    );

  beforeEach(() => {
    clock.now = 1_000;
    log = createMemoryLog();
    appends = 0;
    fault = null;
    gate = Promise.resolve();
  });

  it('says which partner, by which program, in which way, and ranges of places', async () => {
    await open()(asked([0, 1, 2, 7, 9, 8]));
    const [fact] = await log.read(stream, 0, 10);
    expect(fact?.data).to.deep.equal({
      handovers: [
        {
          ...{ partnerId: 'bank', credentialId: 'credential1', way: 'pull' },
          ranges: [
            { first: 0, last: 2 },
            { first: 7, last: 9 },
          ],
        },
      ],
    });
    expect(fact?.metadata).to.deep.include({ tenant: 'demo', actor: { kind: 'system', id: 'a' } });
  });

  it('lets nobody go on before it is in the log', async () => {
    let release = (): void => undefined;
    gate = new Promise((resolve) => (release = resolve));
    let isHanded = false;
    const handing = open()(asked([0])).then(() => (isHanded = true));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([appends, isHanded]).to.deep.equal([1, false]);
    release();
    await handing;
    expect(await handovers()).to.have.length(1);
  });

  it('is one append for all who ask while another is on its way', async () => {
    let release = (): void => undefined;
    gate = new Promise((resolve) => (release = resolve));
    const handOver = open();
    const first = handOver(asked([0]));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const others = Array.from({ length: 50 }, (_, n) =>
      handOver(asked([n], { partnerId: `bank${n % 10}` as PartnerId, way: 'stream' })),
    );
    release();
    await Promise.all([first, ...others]);
    expect(appends).to.equal(2);
    const [, ...together] = await handovers();
    expect(together).to.have.length(10);
    expect(together.map(placesOf)).to.deep.include([3, 13, 23, 33, 43].sort((a, b) => a - b));
  });

  it('fails whoever asks where it cannot be recorded, and is tried anew for the next', async () => {
    const handOver = open();
    fault = new LogUnavailable('the log is away');
    const failed = await handOver(asked([0])).catch((error: unknown) => error);
    expect(failed).to.equal(fault);
    expect(await handovers()).to.deep.equal([]);
    fault = null;
    await handOver(asked([0]));
    expect((await handovers()).map(placesOf)).to.deep.equal([[0]]);
  });

  it('is not repeated within a minute for the same program and way, and is after it', async () => {
    const handOver = open();
    await handOver(asked([0, 1]));
    await handOver(asked([0, 1]));
    expect(appends).to.equal(1);
    // Only what is new.
    await handOver(asked([1, 2]));
    await handOver(asked([0, 1], { way: 'search' }));
    await handOver(asked([0, 1], { credentialId: 'credential2' as CredentialId }));
    expect((await handovers()).map(placesOf)).to.deep.equal([[0, 1], [2], [0, 1], [0, 1]]);
    clock.now += 60_001;
    await handOver(asked([0, 1]));
    expect(appends).to.equal(5);
  });

  it('keeps events within their size, and loses none of what they hold', async () => {
    const places = Array.from({ length: 9_000 }, (_, n) => n * 2);
    await open()(asked(places));
    const facts = await log.read(stream, 0, 100);
    expect(facts.length).to.equal(3);
    expect((await handovers()).flatMap(placesOf)).to.deep.equal(places);
  });

  it('holds exactly the places that anybody was handed, however they come', async () => {
    const requests = fc.array(
      fc.record({
        bank: fc.integer({ min: 0, max: 2 }),
        way: fc.constantFrom('pull' as const, 'stream' as const, 'search' as const),
        places: fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 20 }),
        later: fc.integer({ min: 0, max: 40_000 }),
      }),
      { maxLength: 15 },
    );
    await fc.assert(
      fc.asyncProperty(requests, async (all) => {
        log = createMemoryLog();
        const handOver = open();
        const wanted = new Map<string, Set<number>>();
        const handing = all.map(({ bank, way, places, later }) => {
          clock.now += later;
          const key = `bank${bank} ${way}`;
          wanted.set(key, new Set([...(wanted.get(key) ?? []), ...places]));
          return handOver(asked(places, { partnerId: `bank${bank}` as PartnerId, way }));
        });
        await Promise.all(handing);
        const recorded = new Map<string, Set<number>>();
        for (const handover of await handovers()) {
          const key = `${handover.partnerId} ${handover.way}`;
          const known = recorded.get(key) ?? [];
          recorded.set(key, new Set([...known, ...placesOf(handover)]));
        }
        const sorted = (map: Map<string, Set<number>>) =>
          [...map]
            .map(([key, places]): [string, number[]] => [key, [...places].sort((a, b) => a - b)])
            .sort(([one], [other]) => one.localeCompare(other));
        expect(sorted(recorded)).to.deep.equal(sorted(wanted));
      }),
      { numRuns: 60 },
    );
  });
});
