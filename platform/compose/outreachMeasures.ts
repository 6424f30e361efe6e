/**
 * What a thread that sends messages measures, gathered until it is told to the main thread, and the metrics that are made of it there. Labels
 * are providers, channels, classes and outcomes: never a recipient.
 */
import type { OutreachMeasures } from '../../workers/outreach/measures.js';
import type { Metrics } from '../metrics.js';

const counters = {
  outreach_messages_total: ['Messages that are over.', ['channel', 'class', 'status']],
  outreach_attempts_total: ['Attempts answered.', ['provider', 'channel', 'outcome']],
  outreach_receipts_total: ['Receipts joined to their attempts.', ['provider', 'status']],
  outreach_receipts_orphan_total: [
    'Receipts given up: nobody sent what they are about.',
    ['provider'],
  ],
  outreach_failover_total: [
    'Attempts by another provider than the one before.',
    ['from', 'to', 'reason'],
  ],
  outreach_expired_total: ['Messages that came too late.', ['class']],
  outreach_suppressed_total: ['Messages that were not to be sent.', ['reason']],
  outreach_cost_total: [
    'What providers charge, in units of the currency.',
    ['provider', 'currency'],
  ],
} as const;
type Counter = keyof typeof counters;

const histograms = {
  outreach_queue_wait_duration_seconds: [
    'From when a message could be sent to its call.',
    ['class'],
  ],
  outreach_provider_request_duration_seconds: ['Calls of providers.', ['provider']],
  outreach_delivery_duration_seconds: [
    'From acceptance to the end of what was delivered.',
    ['class'],
  ],
  outreach_batch_size: ['Messages in one call of a provider.', ['provider']],
} as const;
type Histogram = keyof typeof histograms;

const batchBuckets = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];
const waitBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 120, 600, 3_600];
/** Values of one kind in one report: beyond it a sample is enough. */
const valuesMax = 2_000;

export interface Measured {
  /** By name, then by the values of the labels with a line feed between. */
  readonly counts: Readonly<Partial<Record<Counter, Readonly<Record<string, number>>>>>;
  readonly values: Readonly<
    Partial<Record<Histogram, Readonly<Record<string, readonly number[]>>>>
  >;
}

const separator = '\n';

export interface Gathering {
  readonly measures: OutreachMeasures;
  /** What came since the last time. */
  take(): Measured;
}

/** @param onCall for the log: a line for each call of a provider. */
export const gatherMeasures = (onCall: OutreachMeasures['call']): Gathering => {
  let counts: Partial<Record<Counter, Record<string, number>>> = {};
  let values: Partial<Record<Histogram, Record<string, number[]>>> = {};
  const count = (name: Counter, labels: readonly string[], by = 1): void => {
    const of = (counts[name] ??= {});
    const key = labels.join(separator);
    of[key] = (of[key] ?? 0) + by;
  };
  const observe = (name: Histogram, label: string, value: number): void => {
    const of = (values[name] ??= {});
    const known = (of[label] ??= []);
    if (known.length < valuesMax) known.push(value);
  };
  return {
    measures: {
      call: (record) => {
        const { providerId, messages, ms } = record;
        observe('outreach_provider_request_duration_seconds', providerId, ms / 1_000);
        observe('outreach_batch_size', providerId, messages);
        onCall(record);
      },
      attempted: ({ provider, channel, outcome }, by) =>
        count('outreach_attempts_total', [provider, channel, outcome], by),
      ended: ({ channel, class: of, status }, by) =>
        count('outreach_messages_total', [channel, of, status], by),
      queued: (of, ms) => observe('outreach_queue_wait_duration_seconds', of, ms / 1_000),
      delivered: (of, ms) => observe('outreach_delivery_duration_seconds', of, ms / 1_000),
      failedOver: ({ from, to, reason }) => count('outreach_failover_total', [from, to, reason]),
      suppressed: (reason) => count('outreach_suppressed_total', [reason]),
      expired: (of) => count('outreach_expired_total', [of]),
      cost: (provider, currency, micros) =>
        count('outreach_cost_total', [provider, currency], micros / 1_000_000),
      receipt: (provider, status) => count('outreach_receipts_total', [provider, status]),
      orphan: (provider) => count('outreach_receipts_orphan_total', [provider]),
    },
    take: () => {
      const taken = { counts, values };
      [counts, values] = [{}, {}];
      return taken;
    },
  };
};

const labelled = (names: readonly string[], key: string): Record<string, string> => {
  const found = key.split(separator);
  return Object.fromEntries(names.map((name, index) => [name, found[index] ?? '']));
};

/** Metrics of a process that sends; made when it first does. */
export const outreachMetrics = (metrics: Metrics): ((measured: Measured) => void) => {
  const counterOf = (name: Counter) => {
    const [help, labelNames] = counters[name];
    return metrics.counter({ name, help, labelNames: [...labelNames] as string[] });
  };
  const histogramOf = (name: Histogram) => {
    const [help, labelNames] = histograms[name];
    const buckets =
      name === 'outreach_batch_size'
        ? { buckets: batchBuckets }
        : name === 'outreach_provider_request_duration_seconds'
          ? {}
          : { buckets: waitBuckets };
    return metrics.histogram({ name, help, labelNames: [...labelNames] as string[], ...buckets });
  };
  return ({ counts, values }) => {
    for (const [name, of] of Object.entries(counts) as [Counter, Record<string, number>][]) {
      for (const [key, by] of Object.entries(of)) {
        counterOf(name).inc(labelled(counters[name][1], key), by);
      }
    }
    for (const [name, of] of Object.entries(values) as [Histogram, Record<string, number[]>][]) {
      for (const [key, all] of Object.entries(of)) {
        const labels = labelled(histograms[name][1], key);
        for (const value of all) histogramOf(name).observe(labels, value);
      }
    }
  };
};

/** Of receipts that come by calls of providers: made with the first. */
export const receiptCounter = (metrics: Metrics): OutreachMeasures['receipt'] => {
  const count = outreachMetrics(metrics);
  return (provider, status) =>
    count({
      counts: { outreach_receipts_total: { [`${provider}${separator}${status}`]: 1 } },
      values: {},
    });
};
