/**
 * How many deliveries a second: a backlog of publications goes to one endpoint, and to twenty, beside undici alone posting the same bodies to
 * the same receiver in the same run.
 */
import type { Bench } from '../bench.js';
import { cpuTimeBetween, type CpuTimes, cpuTimes } from '../machine/cpuTime.js';
import { untilStill } from '../machine/stillness.js';
import { ratio, whole } from '../table.js';
import { openParts } from './parts.js';
import { eventOf, type Published } from './publisher.process.js';
import type { UndiciPlan } from './undici.process.js';

const bar = 0.5;
const deadlineMs = 300_000;
/**
 * Rounds that are not counted: what has not been compiled yet does a third of what it does later, on either side. A round takes a second, and
 * V8's helpers still spend a fifth of a processor on compiling in the second one.
 */
const warmUps = 3;

interface Kind {
  readonly endpoints: number;
  readonly concurrency: number;
  /** To each endpoint. */
  readonly requests: number;
}

interface Row extends Kind {
  readonly samples: Readonly<Record<'kopilka' | 'undici', readonly number[]>>;
  readonly us: Readonly<Record<'kopilka' | 'busiest' | 'undici', readonly number[]>>;
  readonly parts: Spent;
  /** Requests a second, medians of the rounds. */
  readonly kopilka: number;
  readonly alone: number;
  /** The median of what the rounds give: the machine changes from one to the next, and the two of one are a second apart. */
  readonly share: number;
}

/** Processor time by part of what delivered, microseconds for one request. */
type Spent = ReadonlyMap<string, number>;

const spentOn = (before: CpuTimes, after: CpuTimes, requests: number): Spent =>
  new Map(
    [...cpuTimeBetween(before, after)].map(([part, seconds]) => [part, (seconds * 1e6) / requests]),
  );

/** Of all rounds; what takes less than half a microsecond is left out. */
const byPart = (rounds: readonly Spent[]): Spent => {
  const parts = new Set(rounds.flatMap((spent) => [...spent.keys()]));
  const means = [...parts].map((part): [string, number] => {
    const name = part.startsWith('thread ') ? "V8's and libuv's threads" : part;
    return [name, rounds.reduce((sum, spent) => sum + (spent.get(part) ?? 0), 0) / rounds.length];
  });
  const named = new Map<string, number>();
  for (const [name, us] of means) named.set(name, (named.get(name) ?? 0) + us);
  return new Map([...named].filter(([, us]) => us >= 0.5).sort(([, a], [, b]) => b - a));
};

const together = (spent: Spent): number => [...spent.values()].reduce((sum, one) => sum + one, 0);
const busiestOf = (spent: Spent): number =>
  Math.max(0, ...[...spent].flatMap(([part, us]) => (part === 'PostgreSQL' ? [] : [us])));

const toEndpoints = (count: number): string => (count === 1 ? '1 endpoint' : `${count} endpoints`);

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;

const run: Bench['run'] = async (options) => {
  const { say, quick, rounds = quick ? 1 : 5 } = options;
  const events = quick ? 1_000 : 20_000;
  const kinds: readonly Kind[] = [
    { endpoints: 1, concurrency: 50, requests: events },
    { endpoints: 20, concurrency: 8, requests: events / 10 },
  ];
  const parts = await openParts(options);
  const urls = await parts.receiver.open(20, events);
  const undici = parts.process('./undici.process.js');
  const publisher = parts.process('./publisher.process.js');
  const about = { url: parts.product.url, token: parts.dealer, perSecond: null };
  for (const { endpoints, requests } of kinds) {
    const topicId = `backlog_${endpoints}`;
    await parts.topic(topicId);
    await publisher.ask<Published>({ ...about, topicId, events: requests }, deadlineMs);
  }
  const body = JSON.stringify(eventOf(1));

  const measured = async (kind: Kind, pid: number, act: () => Promise<void>) => {
    const total = kind.endpoints * kind.requests;
    await parts.receiver.reset();
    // Search documents of what was delivered before are written late, and would be in the way of either.
    await untilStill([parts.product.pid], deadlineMs);
    const before = cpuTimes([pid]);
    const arriving = parts.receiver.arrived(total, deadlineMs);
    await act();
    const { firstAt, lastAt } = await arriving;
    const spent = spentOn(before, cpuTimes([pid]), total);
    return { rate: (total * 1_000) / (lastAt - firstAt), spent };
  };
  const byUndici = (kind: Kind) =>
    measured(kind, undici.pid, () => {
      const { concurrency, requests, endpoints } = kind;
      const plan: UndiciPlan = { urls: urls.slice(0, endpoints), requests, concurrency, body };
      return undici.ask<void>(plan, deadlineMs);
    });
  const byKopilka = async (kind: Kind) => {
    let ids: string[] = [];
    const taken = await measured(kind, parts.product.pid, async () => {
      const terms = { concurrency: kind.concurrency, from: { kind: 'place', after: null } };
      ids = await Promise.all(
        urls
          .slice(0, kind.endpoints)
          .map((url) => parts.subscribe(`backlog_${kind.endpoints}`, url, terms)),
      );
    });
    await Promise.all(ids.map(parts.end));
    return taken;
  };

  const rows: Row[] = [];
  for (const kind of kinds) {
    const samples = { kopilka: [] as number[], undici: [] as number[] };
    const spent: Spent[] = [];
    const us: Record<'kopilka' | 'busiest' | 'undici', number[]> = {
      kopilka: [],
      busiest: [],
      undici: [],
    };
    for (let round = 1 - warmUps; round <= rounds; round += 1) {
      const [rival, own] = [await byUndici(kind), await byKopilka(kind)];
      if (round < 1) continue;
      samples.undici.push(rival.rate);
      samples.kopilka.push(own.rate);
      us.undici.push(together(rival.spent));
      spent.push(own.spent);
      us.kopilka.push(together(own.spent));
      us.busiest.push(busiestOf(own.spent));
      say(
        `${kind.endpoints}: ${whole(samples.kopilka.at(-1) ?? 0)}/s, undici ${whole(samples.undici.at(-1) ?? 0)}/s`,
      );
    }
    const [kopilka, alone] = [median(samples.kopilka), median(samples.undici)];
    rows.push({
      ...kind,
      samples,
      us,
      parts: byPart(spent),
      kopilka,
      alone,
      share: median(samples.kopilka.map((rate, round) => rate / (samples.undici[round] ?? NaN))),
    });
  }
  return {
    tables: [
      {
        title: 'Deliveries a second',
        head: ['endpoints', 'deliveries/s', 'undici alone', 'ratio'],
        rows: rows.map(({ endpoints, kopilka, alone, share }) => [
          String(endpoints),
          ...[whole(kopilka), whole(alone), ratio(share)],
        ]),
      },
      {
        title: 'Processor time of one delivery in microseconds, without the receiver',
        head: ['endpoints', 'all of Kopilka', 'its busiest thread', 'undici alone'],
        rows: rows.map(({ endpoints, us }) => [
          String(endpoints),
          ...[us.kopilka, us.busiest, us.undici].map((taken) => whole(median(taken))),
        ]),
      },
      {
        title: 'The same by part of Kopilka, on average',
        head: ['', ...rows.map(({ endpoints }) => toEndpoints(endpoints))],
        rows: [...new Set(rows.flatMap(({ parts }) => [...parts.keys()]))].map((part) => [
          part,
          ...rows.map(({ parts }) => whole(parts.get(part) ?? 0)),
        ]),
      },
    ],
    figures: {
      rows: rows.map(({ parts, ...row }) => ({ ...row, parts: Object.fromEntries(parts) })),
    },
    notes: rows.map(
      ({ endpoints, share }) =>
        `${share >= bar ? 'met   ' : 'MISSED'} ${bar} of undici alone, ${toEndpoints(endpoints)}: ${ratio(share)}`,
    ),
  };
};

export const deliveries: Bench = {
  name: 'deliveries',
  summary: 'signed and recorded deliveries a second to 1 and 20 endpoints, beside undici alone',
  run,
};
