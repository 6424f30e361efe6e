/**
 * The log of a process that runs for long: as logging.ts has it, and to a receiver of GELF besides where one is named. Nothing of that is
 * loaded where none is.
 */
import { hostname } from 'node:os';
import type { DestinationStream } from 'pino';
import type { Config } from '../config.js';
import { createLogger, destinationFor, type Logger } from '../logging.js';
import type { Metrics } from '../metrics.js';
import { gelfAddressOf } from './gelf/address.js';
import type { GelfClient, GelfNews, GelfState } from './gelf/client.js';

export type LogSettings = Pick<
  Config,
  'logLevel' | 'logFormat' | 'logFile' | 'gelfUrl' | 'gelfBufferLines' | 'roles'
>;

export interface OpenLogging {
  readonly logger: Logger;
  /** Adds what is known of the receiver; nothing where there is none. */
  measure(metrics: Metrics): void;
  /** Hands over what there is, at most for so long, and writes out the rest. Twice is safe. */
  close(deadlineMs: number): Promise<void>;
}

/** @param own where lines are written besides: of the settings unless told. */
export const openLogging = async (
  settings: LogSettings,
  own: DestinationStream = destinationFor(settings),
): Promise<OpenLogging> => {
  if (settings.gelfUrl === '') {
    const logger = createLogger({ ...settings, destination: own });
    return { logger, measure: () => undefined, close: async () => logger.flush() };
  }
  const { openGelfClient } = await import('./gelf/client.js');
  let logger: Logger | null = null;
  const client = openGelfClient(
    {
      address: gelfAddressOf(settings.gelfUrl),
      origin: {
        host: hostname(),
        fields: { service: 'kopilka', roles: settings.roles.join(',') },
      },
    },
    { linesMax: settings.gelfBufferLines, news: newsIn(() => logger) },
  );
  logger = createLogger({ ...settings, destination: both(own, client) });
  return {
    logger,
    measure: (metrics) => measureShipping(metrics, client),
    close: async (deadlineMs) => {
      await client.close(deadlineMs);
      logger?.flush();
    },
  };
};

const newsIn = (logger: () => Logger | null): GelfNews => ({
  away: (error) =>
    logger()?.warn({ err: error }, 'the receiver of logs is away: lines wait for it'),
  back: (awayMs) => logger()?.info({ awayMs }, 'the receiver of logs takes lines again'),
  dropped: (lines) =>
    logger()?.warn({ lines }, 'lines were dropped that the receiver of logs did not take in time'),
});

const both = (own: DestinationStream, client: GelfClient): DestinationStream => {
  const flushable = own as DestinationStream & { flush?: (done: () => void) => void };
  return {
    write: (line: string) => {
      own.write(line);
      client.write(line);
    },
    // pino looks for it.
    flush: (done: () => void) => (flushable.flush ? flushable.flush(done) : done()),
  } as DestinationStream;
};

const measureShipping = (metrics: Metrics, { state }: GelfClient): void => {
  /** A counter that is kept elsewhere. */
  const total = <L extends string>(
    name: `kopilka_${string}_total`,
    help: string,
    labelNames: L[],
    read: (state: GelfState) => readonly (readonly [Record<L, string>, number])[],
  ): void =>
    void metrics.counter({
      name,
      help,
      labelNames,
      collect() {
        this.reset();
        for (const [labels, count] of read(state())) this.inc(labels as never, count);
      },
    });
  total('kopilka_log_lines_sent_total', 'Log lines that their receiver took.', [], ({ sent }) => [
    [{}, sent],
  ]);
  total(
    'kopilka_log_lines_dropped_total',
    'Log lines that never reach their receiver, by reason.',
    ['reason'],
    ({ dropped }) => Object.entries(dropped).map(([reason, count]) => [{ reason }, count]),
  );
  metrics.gauge({
    name: 'kopilka_log_lines_waiting',
    help: 'Log lines on their way to their receiver.',
    collect() {
      this.set(state().waiting);
    },
  });
  metrics.gauge({
    name: 'kopilka_log_receiver_up',
    help: 'Whether the receiver of logs takes lines.',
    collect() {
      this.set(state().reached ? 1 : 0);
    },
  });
};
