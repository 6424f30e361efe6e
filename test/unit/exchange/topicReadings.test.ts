/** One reading of a topic for all who follow it: no gap, no double, whatever comes when, and few questions to the log. */
import { setMaxListeners } from 'node:events';
import { expect } from 'chai';
import type { Fact } from '../../../domain/fact.js';
import type { Log } from '../../../commands/log.js';
import { LogUnavailable } from '../../../commands/log.js';
import { createArrivals } from '../../../commands/publication/arrivals.js';
import {
  createTopicReadings,
  type TopicReading,
} from '../../../commands/publication/topicReadings.js';

const stream = 'publications-demo.cars';
const factAt = (revision: number, text = ''): Fact =>
  ({ revision, stream, data: { publication: { id: String(revision), text } } }) as unknown as Fact;

const openLog = (facts: Fact[]) => {
  const asked: number[] = [];
  let failing = 0;
  const read: Log['read'] = async (_stream, from, limit) => {
    asked.push(from);
    await Promise.resolve();
    if (failing > 0) {
      failing -= 1;
      throw new LogUnavailable('away');
    }
    return facts.slice(from, from + limit);
  };
  return { read, asked, fail: (times: number) => (failing = times) };
};

describe('the reading of a topic', () => {
  const never = new AbortController().signal;
  setMaxListeners(0, never);

  const collect = async (reading: TopicReading, from: number, count: number): Promise<number[]> => {
    const places: number[] = [];
    while (places.length < count) {
      const facts = await reading.read(from + places.length, 2_000, never);
      expect(facts.length, 'nothing came in time').to.be.greaterThan(0);
      places.push(...facts.map(({ revision }) => revision));
    }
    return places;
  };
  const countedFrom = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => from + i);

  it('hands out what was there and what comes, in order, wherever a follower begins', async () => {
    const facts = countedFrom(0, 250).map((place) => factAt(place));
    const arrivals = createArrivals();
    const readings = createTopicReadings({ log: openLog(facts), arrivals });
    const starts = [0, 17, 240, 250];
    const following = starts.map((from) =>
      collect(readings.open(stream), from, 400 - from).then((places) =>
        expect(places).to.deep.equal(countedFrom(from, places.length)),
      ),
    );
    for (let place = 250; place < 400; place += 1) {
      facts.push(factAt(place));
      arrivals.tell(stream);
      if (place % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(following);
  });

  it('asks the log as often for a hundred followers as for one', async () => {
    const facts = countedFrom(0, 90).map((place) => factAt(place));
    const log = openLog(facts);
    const arrivals = createArrivals();
    const readings = createTopicReadings({ log, arrivals, limits: { lookEveryMs: 5_000 } });
    const followers = countedFrom(0, 100).map(() => readings.open(stream));
    const following = followers.map((reading) => collect(reading, 0, 95));
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (let place = 90; place < 95; place += 1) facts.push(factAt(place));
    arrivals.tell(stream);
    for (const places of await Promise.all(following)) expect(places).to.have.length(95);
    expect(log.asked.length).to.be.lessThan(8);
  });

  it('lets a follower ask for a place that is still to come', async () => {
    const facts = [factAt(0)];
    const arrivals = createArrivals();
    const readings = createTopicReadings({ log: openLog(facts), arrivals });
    const early = collect(readings.open(stream), 3, 1);
    const usual = collect(readings.open(stream), 1, 3);
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (const place of [1, 2, 3]) {
      facts.push(factAt(place));
      arrivals.tell(stream);
    }
    expect(await usual).to.deep.equal([1, 2, 3]);
    expect(await early).to.deep.equal([3]);
  });

  it('finds what other processes publish', async () => {
    const facts: Fact[] = [];
    const limits = { lookEveryMs: 20 };
    const readings = createTopicReadings({
      ...{ log: openLog(facts), arrivals: createArrivals(), limits },
    });
    const coming = collect(readings.open(stream), 0, 1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    facts.push(factAt(0));
    expect(await coming).to.deep.equal([0]);
  });

  it('keeps no more in memory than it may, and still hands out everything', async () => {
    const facts: Fact[] = [];
    const arrivals = createArrivals();
    const log = openLog(facts);
    const limits = { windowFacts: 10, windowBytes: 20_000 };
    const readings = createTopicReadings({ log, arrivals, limits });
    const fast = readings.open(stream);
    const behind = readings.open(stream);
    const fastPlaces = collect(fast, 0, 300);
    for (let place = 0; place < 300; place += 1) {
      facts.push(factAt(place, 'x'.repeat(1_000)));
      arrivals.tell(stream);
      if (place % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(await fastPlaces).to.deep.equal(countedFrom(0, 300));
    log.asked.length = 0;
    expect(await collect(behind, 0, 300)).to.deep.equal(countedFrom(0, 300));
    expect(log.asked.length, 'pages behind the window').to.be.within(1, 5);
  });

  it('waits out a log that is away', async () => {
    const facts: Fact[] = [];
    const log = openLog(facts);
    const arrivals = createArrivals();
    const readings = createTopicReadings({ log, arrivals, limits: { lookEveryMs: 10 } });
    const reading = readings.open(stream);
    expect(await reading.read(0, 5, never)).to.deep.equal([]);
    log.fail(3);
    const coming = collect(reading, 0, 1);
    facts.push(factAt(0));
    expect(await coming).to.deep.equal([0]);
  });

  it('goes on behind what the log does not keep any more', async () => {
    const facts = countedFrom(0, 40).map((place) => factAt(place));
    const cut: Log['read'] = async (_stream, from, limit) => {
      const first = Math.max(from, 30);
      return facts.slice(first, first + limit);
    };
    const readings = createTopicReadings({ log: { read: cut }, arrivals: createArrivals() });
    for (const from of [0, 29, 30]) {
      const [first] = await readings.open(stream).read(from, 1_000, never);
      expect(first?.revision).to.equal(30);
    }
    const tail = readings.open(stream);
    const coming = tail.read(40, 2_000, never);
    facts.push(factAt(40));
    expect((await coming).map(({ revision }) => revision)).to.deep.equal([40]);
  });

  it('answers at once whoever goes away', async () => {
    const readings = createTopicReadings({ log: openLog([]), arrivals: createArrivals() });
    const leaving = new AbortController();
    const started = performance.now();
    const coming = readings.open(stream).read(0, 15_000, leaving.signal);
    setTimeout(() => leaving.abort(), 20);
    expect(await coming).to.deep.equal([]);
    expect(performance.now() - started).to.be.lessThan(10_000);
  });
});
