/**
 * From acceptance to arrival: events are published over the API at a steady rate, each is delivered to one webhook, and the time from the
 * answer to the publisher until the first attempt reaches the receiver is taken for each. The benchmark that Outpost's issue 204 names.
 */
import type { Bench } from '../bench.js';
import { milliseconds, whole } from '../table.js';
import { openParts, percentile } from './parts.js';
import type { Published, PublishPlan } from './publisher.process.js';

const perSecond = 1_000;
const secondsDefault = 100;
const p99AllowedMs = 100;

const run: Bench['run'] = async (options) => {
  const { say, quick, seconds: asked } = options;
  const events = perSecond * (asked ?? (quick ? 2 : secondsDefault));
  const parts = await openParts(options);
  const [url = ''] = await parts.receiver.open(1, events);
  const publisher = parts.process('./publisher.process.js');
  const publish = (plan: Omit<PublishPlan, 'url' | 'token'>) =>
    publisher.ask<Published>(
      { ...plan, url: parts.product.url, token: parts.dealer },
      (plan.events / perSecond) * 3_000 + 60_000,
    );
  await parts.topic('warm_up');
  const warm = await parts.subscribe('warm_up', url, { concurrency: 50 });
  await publish({ topicId: 'warm_up', events: quick ? 500 : 3_000, perSecond });
  await parts.receiver.arrived(quick ? 500 : 3_000, 30_000);
  await parts.end(warm);
  await parts.receiver.reset();

  await parts.topic('bench_topic');
  await parts.subscribe('bench_topic', url, { concurrency: 50 });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  say(`${whole(events)} publications at ${whole(perSecond)}/s`);
  const arriving = parts.receiver.arrived(events, (events / perSecond) * 3_000 + 60_000);
  const { accepted, seconds, refused } = await publish({
    topicId: 'bench_topic',
    events,
    perSecond,
  });
  const { arrivals, requests } = await arriving;
  const [own = new Float64Array(0)] = arrivals;
  const latencies = accepted.map((at, place) => (own[place] || Infinity) - at);
  // Some arrive before their publisher has read that they are accepted.
  const early = latencies.filter((ms) => ms < 0).length;
  const sorted = latencies.map((ms) => Math.max(0, ms)).sort();
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(sorted, share));
  const most = sorted.at(-1) ?? 0;
  const figures = { events, seconds, refused, requests, early, p50, p95, p99, max: most };
  const met = (p99 ?? Infinity) < p99AllowedMs && refused === 0;
  return {
    tables: [
      {
        title: 'From acceptance to arrival, ms',
        head: ['publications/s', 'p50', 'p95', 'p99', 'max'],
        rows: [
          [whole(events / seconds), ...[p50, p95, p99, most].map((ms) => milliseconds(ms ?? 0))],
        ],
      },
    ],
    figures,
    notes: [
      `${whole(events)} published, ${whole(requests)} requests came; ${whole(early)} arrived before the publisher had its answer.`,
      `${met ? 'met   ' : 'MISSED'} p99 below ${p99AllowedMs} ms: ${milliseconds(p99 ?? 0)} ms`,
    ],
  };
};

export const exchange: Bench = {
  name: 'exchange',
  summary: '1,000 publications a second, from acceptance to arrival at a webhook',
  run,
};
