/**
 * What a process knows of its log, from the calls that it makes anyway: counts for metrics, and whether calls come through.
 *
 * Written to on the hot path, hence plain numbers that metrics read when they are asked.
 */
import type { Metrics } from '../metrics.js';

export interface Trouble {
  readonly atMs: number;
  readonly words: string;
  /** An append was given up: those that come now wait less. */
  readonly gaveUp: boolean;
}

export interface LogWatch {
  /** Appends that were answered, whatever the answer. */
  answered: number;
  /** Tries of an append after the first. */
  repeated: number;
  /** Appends given up without an answer. */
  givenUp: number;
  /** Answers to tries that had been given up. */
  stray: number;
  /** Subscriptions that broke and were begun again. */
  interrupted: number;
  /** When an append was last not answered, as performance.now() tells it, and why; null as soon as one is. */
  trouble: Trouble | null;
}

export const createLogWatch = (): LogWatch => ({
  answered: 0,
  repeated: 0,
  givenUp: 0,
  stray: 0,
  interrupted: 0,
  trouble: null,
});

/** Trouble that no append has met for so long is not told any more: who sends nothing here would never send again. */
const forgetTroubleMs = 10_000;

/**
 * The log's part of "may requests come?": appends come through, and a read does.
 * @param probe a short read; what it rejects with is not shown.
 */
export const logReady = (watch: LogWatch, probe: () => Promise<unknown>) => {
  let seen = 0;
  return async (): Promise<true | string> => {
    const { trouble, answered } = watch;
    if (trouble && performance.now() - trouble.atMs < forgetTroubleMs)
      return 'appends are not answered';
    if (answered > seen) {
      seen = answered;
      return true;
    }
    return probe().then(
      () => true,
      () => 'no answer',
    );
  };
};

export const measureLog = (metrics: Metrics, watch: LogWatch): void => {
  const counts = {
    appends_answered: ['Appends that the log answered.', 'answered'],
    appends_repeated: [
      'Tries of an append after its first, whose outcome was unknown.',
      'repeated',
    ],
    appends_given_up: ['Appends whose outcome could not be learned in time.', 'givenUp'],
    stray_answers: ['Answers to appends that had been given up.', 'stray'],
    subscriptions_interrupted: ['Subscriptions that broke and were begun again.', 'interrupted'],
  } as const;
  for (const [name, [help, field]] of Object.entries(counts)) {
    metrics.counter({
      name: `kopilka_log_${name}_total`,
      help,
      collect() {
        this.reset();
        this.inc(watch[field]);
      },
    });
  }
  metrics.gauge({
    name: 'kopilka_log_in_trouble',
    help: '1 while appends are not answered.',
    collect() {
      this.set(watch.trouble ? 1 : 0);
    },
  });
};
