/**
 * Starts the parts of a process in order and stops them in reverse, in four steps: no new work (intake), let work end
 * (drain, with a deadline), break off the rest (abort), give back what was held (close).
 *
 * Each step runs over all parts before the next begins, so that a server refuses new requests while the pool below it
 * still serves the old ones. A part that fails to stop never keeps the others from stopping. Stopping twice, before
 * the start, or during it is safe.
 */
import { endsWithin } from './lifecycle/deadline.js';
import { healthOf, type Check, type Health, type PartState } from './lifecycle/health.js';
import type { Logger } from './logging.js';

export type { Check, Health, PartState, Verdict } from './lifecycle/health.js';
export { onSignals } from './lifecycle/signals.js';

export interface Component {
  readonly name: string;
  start?(): Promise<void> | void;
  /** Takes no new work from now on. */
  stopIntake?(): Promise<void> | void;
  /** Resolves when the work in hand is done. */
  drain?(): Promise<void> | void;
  /** Breaks off what is still going; called only when the drain was late. */
  abort?(): Promise<void> | void;
  /** Gives back connections, files, processes. */
  close?(): Promise<void> | void;
  /** May requests come? */
  readonly ready?: Check;
  /** Where readiness does not depend on it. */
  readonly state?: () => PartState;
  /** False or a reason: a restart is needed. */
  readonly live?: Check;
}

export interface LifecycleOptions {
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** For the whole stop, ms. */
  readonly shutdownDeadlineMs: number;
}

export interface Lifecycle {
  /** Adds a part, to be started after those before it. Only before start(). */
  add(component: Component): void;
  /** @throws what a part threw, after those already started were stopped again. */
  start(): Promise<void>;
  /** Resolves with whether all ended cleanly and in time. Never rejects; twice is safe. */
  stop(reason: string): Promise<boolean>;
  live(): Promise<Health>;
  /** Not ok before the start has ended and from the moment a stop begins. */
  ready(): Promise<Health>;
  /** Of the parts that have one. */
  states(): Readonly<Record<string, PartState>>;
}

type Step = 'stopIntake' | 'drain' | 'abort' | 'close';
type Phase = 'new' | 'starting' | 'running' | 'stopping' | 'stopped';

/** The part of the whole deadline that work in hand may use; the rest is for closing. */
const drainShare = 0.5;

export const createLifecycle = ({ logger, shutdownDeadlineMs }: LifecycleOptions): Lifecycle => {
  const components: Component[] = [];
  const started: Component[] = [];
  let phase: Phase = 'new';
  let starting: Promise<void> = Promise.resolve();
  let stopping: Promise<boolean> | undefined;

  const startAll = async (): Promise<void> => {
    for (const component of components) {
      if (phase !== 'starting') return; // a stop came in between
      const begunMs = performance.now();
      started.push(component); // also a half-started part is closed
      await component.start?.();
      const tookMs = Math.round(performance.now() - begunMs);
      logger.info({ component: component.name, tookMs }, 'started');
    }
    if (phase === 'starting') phase = 'running';
  };

  /** One step over all parts, last started first; false when one failed or was late. */
  const runStep = async (step: Step, endMs: number): Promise<boolean> => {
    let clean = true;
    for (const component of [...started].reverse()) {
      const fault = await stepOf(component, step, endMs);
      if (fault === undefined) continue;
      clean = false;
      logger.warn({ component: component.name, step, ...fault }, 'did not stop cleanly');
    }
    return clean;
  };

  const stopAll = async (reason: string): Promise<boolean> => {
    const begunMs = performance.now();
    const endMs = begunMs + shutdownDeadlineMs;
    phase = 'stopping';
    logger.info({ reason }, 'stopping');
    const startEnded = starting.catch(() => {});
    await endsWithin(startEnded, shutdownDeadlineMs * drainShare);
    const drainEndMs = begunMs + shutdownDeadlineMs * drainShare;
    const intakeStopped = await runStep('stopIntake', drainEndMs);
    const drained = await runStep('drain', drainEndMs);
    if (!drained) await runStep('abort', endMs);
    const closed = await runStep('close', endMs);
    phase = 'stopped';
    const clean = intakeStopped && drained && closed;
    logger.info({ reason, clean, tookMs: Math.round(performance.now() - begunMs) }, 'stopped');
    return clean;
  };

  const stop = (reason: string): Promise<boolean> => (stopping ??= stopAll(reason));

  const checks = (kind: 'ready' | 'live'): Map<string, Check> =>
    new Map(
      components.flatMap((component) => {
        const check = component[kind];
        return check === undefined ? [] : [[component.name, check] as const];
      }),
    );

  const states = (): Record<string, PartState> =>
    Object.fromEntries(
      components.flatMap(({ name, state }) => (state ? [[name, state()] as const] : [])),
    );

  return {
    states,
    add: (component) => {
      if (phase !== 'new') throw new Error(`${component.name} was added after the start.`);
      components.push(component);
    },
    start: async () => {
      if (phase !== 'new') throw new Error('Started twice, or after a stop.');
      phase = 'starting';
      starting = startAll();
      try {
        await starting;
      } catch (error) {
        await stop('a part failed to start');
        throw error;
      }
    },
    stop,
    live: () => healthOf(checks('live')),
    ready: async () => {
      const { ok, components: answers } = await healthOf(checks('ready'));
      const parts = states();
      const shown = Object.keys(parts).length > 0 ? { parts } : {};
      if (phase === 'running') return { ok, components: answers, ...shown };
      return { ok: false, components: { process: phase, ...answers }, ...shown };
    },
  };
};

type Fault = { readonly err: unknown } | { readonly late: true };

const stepOf = async (
  component: Component,
  step: Step,
  endMs: number,
): Promise<Fault | undefined> => {
  try {
    const work = Promise.resolve(component[step]?.());
    work.catch(() => {}); // it may still fail after the deadline
    return (await endsWithin(work, endMs - performance.now())) ? undefined : { late: true };
  } catch (err) {
    return { err };
  }
};
