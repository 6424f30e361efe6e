/** Streams of events to partners: one reading of each topic for all of them, how many there may be, and how many there are. */
import type { History } from '../../api/audit/history.js';
import { streamRoutes } from '../../api/exchange/stream.js';
import { createStreamSlots } from '../../api/exchange/streamSlots.js';
import type { Route } from '../../api/route.js';
import type { Directory } from '../../commands/directory.js';
import type { Log } from '../../commands/log.js';
import type { HandOver } from '../../commands/publication/handovers.js';
import type { Arrivals } from '../../commands/publication/arrivals.js';
import { createFollow } from '../../commands/publication/follow.js';
import type { Reveal } from '../../commands/publication/reveal.js';
import { createTopicReadings } from '../../commands/publication/topicReadings.js';
import type { Config } from '../config.js';
import type { Metrics } from '../metrics.js';

export const openEventStreams = (options: {
  readonly config: Pick<Config, 'exchangeStreams' | 'exchangeStreamsPerPartner'>;
  readonly log: Log;
  readonly directory: Directory;
  readonly arrivals: Arrivals;
  readonly reveal: Reveal;
  readonly handOver: HandOver;
  readonly history: History;
  readonly metrics: Metrics;
  readonly stopping: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}): Route[] => {
  const { config, log, directory, arrivals, reveal, history, metrics, stopping, now } = options;
  const limits = { total: config.exchangeStreams, perPartner: config.exchangeStreamsPerPartner };
  const slots = createStreamSlots(limits, stopping);
  metrics.gauge({
    name: 'kopilka_exchange_streams',
    help: 'Streams of events that partners keep open.',
    collect() {
      this.set(slots.open());
    },
  });
  const readings = createTopicReadings({ log, arrivals });
  return streamRoutes({
    directory,
    slots,
    handOver: options.handOver,
    follow: createFollow({ readings, directory, reveal, now }),
    lastRevision: async (stream) => {
      const last = { direction: 'backwards', from: null, limit: 1 } as const;
      return (await history.stream(stream, last)).facts[0]?.revision ?? null;
    },
    monotonicMs: () => performance.now(),
  });
};
