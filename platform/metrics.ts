/**
 * Metrics for Prometheus, in a registry that is made and handed on, never the library's global one: two Kopilkas in
 * one process (tests) do not meet.
 *
 * Every name is kopilka_, or outreach_ for messages to customers, plus what is measured, with its unit last (_seconds, _bytes, _total).
 * Labels take few values: a customer, a till or a path with ids in it is never one.
 */
import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
  type CounterConfiguration,
  type GaugeConfiguration,
  type HistogramConfiguration,
} from 'prom-client';

/** Seconds: from a command answered from memory to one that waits for a slow disk. */
export const latencyBuckets = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

export interface Metrics {
  readonly contentType: string;
  /** The exposition text of everything measured. */
  render(): Promise<string>;
  /** Counts up; asked twice for a name, gives the same counter. */
  counter<L extends string>(definition: CounterConfiguration<L>): Counter<L>;
  /** A value that goes up and down; `collect` may set it when it is read. */
  gauge<L extends string>(definition: GaugeConfiguration<L>): Gauge<L>;
  /** Durations in seconds, with latencyBuckets unless told. */
  histogram<L extends string>(definition: HistogramConfiguration<L>): Histogram<L>;
}

const wellNamed = /^(kopilka|outreach)_[a-z][a-z0-9_]*$/;

const checkName = (name: string): void => {
  if (!wellNamed.test(name))
    throw new Error(`Metric ${name}: names are kopilka_ or outreach_ and snake case.`);
};

/** @param labels put on every metric, such as the role. */
export const createMetrics = (labels: Readonly<Record<string, string>> = {}): Metrics => {
  const registry = new Registry();
  registry.setDefaultLabels(labels);
  collectDefaultMetrics({ register: registry });

  const once = <M>(name: string, make: () => M): M => {
    checkName(name);
    return (registry.getSingleMetric(name) as M | undefined) ?? make();
  };
  const registers = [registry];
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    counter: (definition) => once(definition.name, () => new Counter({ ...definition, registers })),
    gauge: (definition) => once(definition.name, () => new Gauge({ ...definition, registers })),
    histogram: (definition) =>
      once(
        definition.name,
        () => new Histogram({ buckets: [...latencyBuckets], ...definition, registers }),
      ),
  };
};
