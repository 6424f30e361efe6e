import { expect } from 'chai';
import { createReveal } from '../../../commands/publication/reveal.js';
import type { Fact } from '../../../domain/fact.js';
import type { TenantId, TopicId } from '../../../domain/ids.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { createTopicWindows, type TopicWindow } from '../../../workers/webhook/topicWindows.js';

const tenant = 'demo' as TenantId;
const topicId = 'cars_chosen' as TopicId;

const factOf = (revision: number): Fact =>
  ({
    ...{ id: `e${revision}`, type: 'EventPublished', stream: 'publications-demo.cars_chosen' },
    ...{ revision, position: BigInt(revision), recordedAt: 0, metadata: { tenant } },
    data: { partnerId: 'p', publication: { id: `c${revision}`, source: '/', type: 't' } },
  }) as unknown as Fact;

const createMemoryLogOf = (length: number) => ({
  read: async (_stream: string, from: number, limit: number) =>
    Array.from({ length: Math.max(0, Math.min(limit, length - from)) }, (_, i) => factOf(from + i)),
});

/** A topic of `length` places, of which those before `begins` are not kept any more. */
const open = (length: number, begins = 0, bytesMax?: number) => {
  const asked: number[] = [];
  let end = length;
  const windows = createTopicWindows({
    log: {
      read: async (_stream, from, limit) => {
        asked.push(from);
        const first = Math.max(from, begins);
        const count = Math.max(0, Math.min(limit, end - first));
        return Array.from({ length: count }, (_, index) => factOf(first + index));
      },
    },
    reveal: createReveal(createMemoryPersonalKeys()),
    ...(bytesMax === undefined ? {} : { bytesMax }),
  });
  const publish = () => windows.take(factOf((end += 1) - 1));
  return { asked, publish, window: windows.open(tenant, topicId) };
};

const placeAt = async (window: TopicWindow, place: number): Promise<string | number> => {
  let found = window.at(place);
  while (found instanceof Promise) {
    await found;
    found = window.at(place);
  }
  return typeof found === 'string' ? found : found.place;
};

describe('the window of a topic', () => {
  it('is read a page at a time, once for all who wait for it', async () => {
    const { asked, window } = open(600);
    const places = [0, 1, 255, 256, 599, 600];
    const found = await Promise.all(places.map((place) => placeAt(window, place)));
    expect(found).to.deep.equal([0, 1, 255, 256, 599, 'beyond']);
    expect(asked.sort((one, other) => one - other)).to.deep.equal([0, 256, 512]);
  });

  it('reads the next page ahead, so that a backlog is worked off without a wait', async () => {
    const { asked, window } = open(600);
    await placeAt(window, 0);
    for (let place = 0; place < 128; place += 1) window.at(place);
    expect(asked).to.deep.equal([0, 256]);
    await placeAt(window, 255);
    await new Promise((resolve) => setImmediate(resolve));
    expect(window.at(256)).to.have.property('place', 256);
  });

  it('reads ahead two pages at once, or the one that is missing', async () => {
    const { asked, window } = open(2_000);
    for (let place = 0; place < 1_030; place += 1)
      expect(await placeAt(window, place)).to.equal(place);
    expect(asked).to.deep.equal([0, 256, 768]);
    const other = open(2_000);
    await placeAt(other.window, 512);
    for (let place = 0; place < 1_030; place += 1) await placeAt(other.window, place);
    expect(other.asked).to.deep.equal([512, 0, 256, 768]);
  });

  it('reads nothing ahead of what is known to be the end', async () => {
    const { asked, window } = open(100);
    expect(await placeAt(window, 99)).to.equal(99);
    for (let place = 0; place < 100; place += 1) window.at(place);
    expect(asked).to.deep.equal([0]);
  });

  it('is asked anew for a page that could not be read ahead', async () => {
    let fails = true;
    const { read } = createMemoryLogOf(600);
    const windows = createTopicWindows({
      log: {
        read: async (stream, from, limit) => {
          if (from === 256 && fails) throw new Error('the log is away');
          return read(stream, from, limit);
        },
      },
      reveal: createReveal(createMemoryPersonalKeys()),
    });
    const window = windows.open(tenant, topicId);
    for (let place = 0; place < 256; place += 1) await placeAt(window, place);
    await new Promise((resolve) => setImmediate(resolve));
    const first = await Promise.resolve(window.at(256)).catch((error: Error) => error.message);
    expect(first).to.equal('the log is away');
    fails = false;
    expect(await placeAt(window, 256)).to.equal(256);
  });

  it('grows by what is told, without reading, and tells its listeners', async () => {
    const { asked, publish, window } = open(2);
    expect(await placeAt(window, 2)).to.equal('beyond');
    const reads = asked.length;
    let told = 0;
    const silence = window.onMore(
      () => (told += 1),
      () => 0,
    );
    publish();
    expect(await placeAt(window, 2)).to.equal(2);
    expect(window.head).to.equal(2);
    silence();
    publish();
    expect([told, asked.length]).to.deep.equal([1, reads]);
  });

  it('reads what it was not told of, before and between', async () => {
    const { publish, window } = open(1_000);
    publish();
    expect(await placeAt(window, 1_000)).to.equal(1_000);
    expect(await placeAt(window, 999)).to.equal(999);
    expect(await placeAt(window, 5)).to.equal(5);
    expect(await placeAt(window, 1_001)).to.equal('beyond');
  });

  it('says what the log does not keep any more', async () => {
    const { window } = open(400, 200);
    expect(await placeAt(window, 10)).to.equal('gone');
    expect(await placeAt(window, 199)).to.equal('gone');
    expect(await placeAt(window, 200)).to.equal(200);
  });

  it('lets old pages go, and reads them again when they are asked for', async () => {
    const { asked, window } = open(2_560, 0, 800_000);
    for (let place = 0; place < 2_560; place += 256) await placeAt(window, place);
    expect(asked).to.have.length(10);
    expect(await placeAt(window, 0)).to.equal(0);
    expect(asked).to.have.length(11);
    expect(await placeAt(window, 2_559)).to.equal(2_559);
    expect(asked).to.have.length(11);
  });

  it('lets go what all have done with, and keeps what is asked for once more', async () => {
    const { asked, publish, window } = open(1_280);
    const done = { fast: 0, slow: 0 };
    const silence = window.onMore(
      () => undefined,
      () => done.fast,
    );
    window.onMore(
      () => undefined,
      () => done.slow,
    );
    const goOn = async (who: 'fast' | 'slow', to: number): Promise<void> => {
      for (; done[who] < to; done[who] += 1) await placeAt(window, done[who]);
    };
    await goOn('fast', 1_280);
    const reads = asked.length;
    await goOn('slow', 600);
    expect(asked, 'nothing was let go that the slow one needs').to.have.length(reads);
    // The next publication begins a page: what both are done with goes.
    publish();
    await placeAt(window, 300);
    expect(asked).to.have.length(reads + 1);
    silence();
    await goOn('slow', 1_281);
    for (let i = 0; i < 256; i += 1) publish();
    expect(await placeAt(window, 300)).to.equal(300);
    expect(asked, 'it was asked for again, and stays').to.have.length(reads + 1);
    expect(await placeAt(window, 700)).to.equal(700);
    expect(asked).to.have.length(reads + 2);
  });

  it('hands out a page that is larger than all that may be kept', async () => {
    const { asked, window } = open(1_000, 0, 10_000);
    const found = await placeAt(window, 600);
    expect(found).to.equal(600);
    expect(window.at(601)).to.have.property('place', 601);
    expect(asked).to.have.length(1);
  });

  it('does not take what came while it was read, and is kept no more, for gone', async () => {
    let answer = (_facts: Fact[]): void => undefined;
    const windows = createTopicWindows({
      log: {
        read: (_stream, from) =>
          from === 256 ? new Promise<Fact[]>((resolve) => (answer = resolve)) : Promise.resolve([]),
      },
      reveal: createReveal(createMemoryPersonalKeys()),
    });
    const window = windows.open(tenant, topicId);
    let needed = 256;
    window.onMore(
      () => undefined,
      () => needed,
    );
    windows.take(factOf(299));
    needed = 1_000;
    const reading = window.at(256);
    for (let place = 300; place <= 512; place += 1) windows.take(factOf(place));
    answer(Array.from({ length: 44 }, (_, i) => factOf(256 + i)));
    await reading;
    expect(window.at(299)).to.have.property('place', 299);
    expect(window.at(400), 'it is read again').to.be.instanceOf(Promise);
  });
});
