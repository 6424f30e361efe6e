/**
 * Starts the thread of the read models and listens to it.
 */
import { Worker } from 'node:worker_threads';
import type { Observable } from 'rxjs';
import { Subject } from 'rxjs';
import type { Position } from '../../domain/fact.js';
import type { Advanced } from '../../projections/runner.js';
import type { PartState } from '../lifecycle.js';
import type { Logger } from '../logging.js';
import type { Metrics } from '../metrics.js';
import type { PostgresConfig } from '../postgres/pool.js';
import type { TurnsMemory } from './givingWay.js';

export interface ProjectionsSettings {
  readonly connectionString: string;
  readonly postgres: PostgresConfig;
}

export interface DocumentsSettings {
  readonly connectionString: string;
  readonly mongoUrl: string;
  readonly turns: TurnsMemory;
  /** Of DocumentProjection.inMemoryMax, where the documents are in memory; null: all of them are kept. */
  readonly share: number | null;
}

export type FromProjections =
  | { kind: 'log'; level: 'debug' | 'info' | 'warn' | 'error'; fields: object; message: string }
  | { kind: 'advanced'; projections: readonly string[]; position: Position }
  | { kind: 'caughtUp' }
  | {
      kind: 'batch';
      projections: readonly string[];
      facts: number;
      seconds: number;
      lagSeconds: number | null;
    }
  | { kind: 'failed'; projection: string };

export interface ProjectionsThread {
  readonly advanced: Observable<Advanced>;
  readonly caughtUp: Promise<void>;
  stop(): Promise<void>;
  /** Starting: until it has caught up. */
  state(): PartState;
}

const threads = {
  tables: './projections.thread.js',
  documents: './documents.thread.js',
} as const;

/** Facts live for one batch: with room for that, collecting the young ones copies next to nothing. */
const youngGenerationMb = 64;
const stopDeadlineMs = 5_000;

export const startProjectionsThread = (options: {
  readonly settings: ProjectionsSettings | DocumentsSettings;
  /** Of read models in documents; in tables unless told. */
  readonly store?: 'tables' | 'documents';
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly onCrash: (error: Error) => void;
}): ProjectionsThread => {
  const { store = 'tables' } = options;
  const worker = new Worker(new URL(threads[store], import.meta.url), {
    workerData: options.settings,
    name: store === 'tables' ? 'projections' : 'documents',
    resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
  });
  const advanced = new Subject<Advanced>();
  const measure = measures(options.metrics);
  let isBehind = true;
  let caughtUp = (): void => undefined;
  const whenCaughtUp = new Promise<void>((resolve) => (caughtUp = resolve));
  worker.on('message', (message: FromProjections) => {
    if (message.kind === 'log') options.logger[message.level](message.fields, message.message);
    else if (message.kind === 'advanced') advanced.next(message);
    else if (message.kind === 'caughtUp') {
      isBehind = false;
      caughtUp();
    } else measure(message);
  });

  let stopping: Promise<void> | undefined;
  let failure: Error | undefined;
  worker.on('error', (error: Error) => (failure = error));
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      advanced.complete();
      caughtUp();
      resolve();
      if (stopping) return;
      options.onCrash(
        failure ?? new Error(`the thread of the read models ended with code ${code}`),
      );
    });
  });
  const stop = async (): Promise<void> => {
    const timer = setTimeout(() => void worker.terminate(), stopDeadlineMs);
    worker.postMessage('stop');
    await exited;
    clearTimeout(timer);
  };
  return {
    advanced,
    caughtUp: whenCaughtUp,
    stop: () => (stopping ??= stop()),
    state: () => (isBehind ? 'starting' : 'running'),
  };
};

type Measured = Extract<FromProjections, { kind: 'batch' | 'failed' }>;

const measures = (metrics: Metrics): ((message: Measured) => void) => {
  const labelNames = ['projection'] as const;
  const facts = metrics.counter({
    name: 'kopilka_projection_facts_total',
    help: 'Facts applied by the projections, each counted once for the batch it came in.',
  });
  const seconds = metrics.histogram({
    name: 'kopilka_projection_batch_seconds',
    help: 'Time to project, write and commit a batch of facts.',
  });
  const lag = metrics.gauge({
    name: 'kopilka_projection_lag_seconds',
    help: 'From the record of a fact to the commit of its rows, of the last batch.',
    labelNames: [...labelNames],
  });
  const failures = metrics.counter({
    name: 'kopilka_projection_failures_total',
    help: 'Batches that could not be applied.',
    labelNames: [...labelNames],
  });
  return (message) => {
    if (message.kind === 'failed') return failures.inc({ projection: message.projection });
    facts.inc(message.facts);
    seconds.observe(message.seconds);
    if (message.lagSeconds === null) return;
    for (const projection of message.projections) lag.set({ projection }, message.lagSeconds);
  };
};
