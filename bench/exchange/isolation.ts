/**
 * Whether troubled endpoints delay the healthy: seven that answer receive what is published at a steady rate, by turns alone, beside thirteen
 * that answer as well, and beside thirteen that are slow, dead, flapping, refusing, cutting off, or hang. Each turn has a topic and
 * subscriptions of its own.
 */
import type { Bench } from '../bench.js';
import { milliseconds, ratio, whole } from '../table.js';
import { openParts, percentile } from './parts.js';
import type { Published } from './publisher.process.js';

const healthy = 7;
const others = 13;
const perSecond = 25;
const allowed = 1.2;
const deadlineMs = 120_000;

const kinds = ['alone', 'beside 13 healthy', 'beside 13 troubled'] as const;
type Kind = (typeof kinds)[number];

const run: Bench['run'] = async (options) => {
  const { say, quick, rounds = quick ? 1 : 4, seconds = quick ? 2 : 12 } = options;
  const events = perSecond * seconds;
  const parts = await openParts(options);
  const all = await parts.receiver.open(healthy + others, events);
  const urls = all.slice(0, healthy);
  const ailing = await parts.process('./troubled.process.js').ask<readonly string[]>({}, 30_000);
  const publisher = parts.process('./publisher.process.js');
  let turns = 0;

  /** Milliseconds from the answer to the publisher to the first arrival, at each of the healthy. */
  const turn = async (kind: Kind): Promise<number[]> => {
    turns += 1;
    const topicId = `turn_${turns}`;
    await parts.topic(topicId);
    await parts.receiver.reset();
    const called = {
      alone: urls,
      'beside 13 healthy': all,
      'beside 13 troubled': [...urls, ...ailing],
    }[kind];
    const ids = await Promise.all(called.map((url) => parts.subscribe(topicId, url, {})));
    // Claimed, all of them.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const answering = kind === 'beside 13 healthy' ? all.length : healthy;
    const arriving = parts.receiver.arrived(events * answering, deadlineMs);
    const plan = { url: parts.product.url, token: parts.dealer, topicId, events, perSecond };
    const { accepted } = await publisher.ask<Published>(plan, deadlineMs);
    const { arrivals } = await arriving;
    await Promise.all(ids.map(parts.end));
    return arrivals
      .slice(0, healthy)
      .flatMap((own) =>
        Array.from(accepted, (at, place) => Math.max(0, (own[place] || Infinity) - at)),
      );
  };

  for (const kind of kinds) await turn(kind);
  const taken: Record<Kind, number[][]> = {
    alone: [],
    'beside 13 healthy': [],
    'beside 13 troubled': [],
  };
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of round % 2 === 0 ? kinds : [...kinds].reverse()) {
      const latencies = await turn(kind);
      taken[kind].push(latencies);
      const p99 = percentile(Float64Array.from(latencies).sort(), 0.99);
      say(`round ${round + 1}/${rounds}, ${kind}: p99 ${milliseconds(p99)} ms`);
    }
  }
  const rows = kinds.map((kind) => {
    const each = Float64Array.from(taken[kind].flat()).sort();
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(each, share));
    const ofRounds = taken[kind].map((one) => percentile(Float64Array.from(one).sort(), 0.99));
    return { kind, deliveries: each.length, p50, p95, p99, max: each.at(-1), ofRounds };
  });
  const [, calm, wild] = rows.map(({ p99 = Infinity }) => p99);
  const share = (wild ?? Infinity) / (calm ?? Infinity);
  return {
    tables: [
      {
        title: 'From acceptance to arrival at seven healthy endpoints, ms',
        head: ['', 'deliveries', 'p50', 'p95', 'p99', 'p99 of the rounds', 'max'],
        rows: rows.map(({ kind, deliveries, p50, p95, p99, max, ofRounds }) => [
          kind,
          whole(deliveries),
          ...[p50, p95, p99].map((ms) => milliseconds(ms ?? Infinity)),
          `${milliseconds(Math.min(...ofRounds))}-${milliseconds(Math.max(...ofRounds))}`,
          milliseconds(max ?? Infinity),
        ]),
      },
    ],
    figures: { perSecond, seconds, rounds, rows, share },
    notes: [
      `${share <= allowed ? 'met   ' : 'MISSED'} p99 of the healthy beside the troubled at most ${allowed} times that beside as many healthy: ${ratio(share)}`,
    ],
  };
};

export const isolation: Bench = {
  name: 'isolation',
  summary: 'what thirteen troubled endpoints add to the time until seven healthy ones are served',
  run,
};
