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
    const { asked, window } = open(300);
    const places = [0, 1, 127, 128, 299, 300];
    const found = await Promise.all(places.map((place) => placeAt(window, place)));
    expect(found).to.deep.equal([0, 1, 127, 128, 299, 'beyond']);
    expect(asked.sort((one, other) => one - other)).to.deep.equal([0, 128, 256]);
  });

  it('reads the next page ahead, so that a backlog is worked off without a wait', async () => {
    const { asked, window } = open(300);
    await placeAt(window, 0);
    for (let place = 0; place < 64; place += 1) window.at(place);
    expect(asked).to.deep.equal([0, 128]);
    await placeAt(window, 127);
    expect(window.at(128)).to.have.property('place', 128);
  });

  it('reads nothing ahead of what is known to be the end', async () => {
    const { asked, window } = open(100);
    expect(await placeAt(window, 99)).to.equal(99);
    for (let place = 0; place < 100; place += 1) window.at(place);
    expect(asked).to.deep.equal([0]);
  });

  it('is asked anew for a page that could not be read ahead', async () => {
    let fails = true;
    const { read } = createMemoryLogOf(300);
    const windows = createTopicWindows({
      log: {
        read: async (stream, from, limit) => {
          if (from === 128 && fails) throw new Error('the log is away');
          return read(stream, from, limit);
        },
      },
      reveal: createReveal(createMemoryPersonalKeys()),
    });
    const window = windows.open(tenant, topicId);
    for (let place = 0; place < 128; place += 1) await placeAt(window, place);
    await new Promise((resolve) => setImmediate(resolve));
    const first = await Promise.resolve(window.at(128)).catch((error: Error) => error.message);
    expect(first).to.equal('the log is away');
    fails = false;
    expect(await placeAt(window, 128)).to.equal(128);
  });

  it('grows by what is told, without reading, and tells its listeners', async () => {
    const { asked, publish, window } = open(2);
    expect(await placeAt(window, 2)).to.equal('beyond');
    const reads = asked.length;
    let told = 0;
    const silence = window.onMore(() => (told += 1));
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
    const { asked, window } = open(1_280, 0, 400_000);
    for (let place = 0; place < 1_280; place += 128) await placeAt(window, place);
    expect(asked).to.have.length(10);
    expect(await placeAt(window, 0)).to.equal(0);
    expect(asked).to.have.length(11);
    expect(await placeAt(window, 1_279)).to.equal(1_279);
    expect(asked).to.have.length(11);
  });
});
