/**
 * Keeps all read models up to date: opens each, lets those at the same place follow the log as one group, and takes care of the
 * stragglers. Knows nothing of threads: it is given plain objects and may run in any.
 */
import { setMaxListeners } from 'node:events';
import type pg from 'pg';
import { type Observable, Subject } from 'rxjs';
import { deliveryOutcomes } from '../domain/delivery/events.js';
import type { Position } from '../domain/fact.js';
import { eventDefinitions } from '../domain/registry.js';
import { allProjections } from './all.js';
import type { Feed } from './feed.js';
import type { GivingWay } from './givingWay.js';
import { type Applied, type BatchSize, createGroup, type Group } from './group.js';
import { openProjection, type Opened } from './open.js';
import { backOffMs, pause } from './pause.js';
import { eventTypesOf, type Projection } from './projection.js';
import { type RetryTimes, straggle, type StragglerState } from './straggler.js';

/** The part of a pino logger that is used here. */
export interface ProjectionLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What is measured; prom-client is wired to it outside. */
export interface ProjectionMetrics {
  /** A batch was committed for these read models. `lagSeconds`: from the record of its last fact to its commit. */
  batch?(done: {
    readonly projections: readonly string[];
    readonly facts: number;
    readonly seconds: number;
    readonly lagSeconds: number | null;
  }): void;
  failed?(projection: string): void;
}

export interface StartProjections {
  readonly feed: Feed;
  readonly pool: pg.Pool;
  readonly logger: ProjectionLogger;
  readonly signal: AbortSignal;
  readonly metrics?: ProjectionMetrics;
  /** All of them unless told. */
  readonly projections?: readonly Projection[];
  /** Milliseconds since the epoch, for the lag alone; Date.now unless told. */
  readonly now?: () => number;
  /** Longest wait for company of the first fact of a batch; 50 ms unless told. */
  readonly lingerMaxMs?: number;
  readonly retry?: Partial<RetryTimes>;
  readonly batches?: BatchSize;
  /** To what is more urgent; to nothing, unless told. */
  readonly givingWay?: GivingWay;
  /** Is sent its own events alone: nobody waits for it with the position of another. */
  readonly ownEventsOnly?: boolean;
}

/** Rows of these read models are committed up to `position`. */
export interface Advanced {
  readonly projections: readonly string[];
  readonly position: Position;
}

export interface ProjectionState {
  readonly projection: string;
  readonly version: number;
  readonly state: 'following' | StragglerState;
  readonly position: Position;
  /** Facts applied by this process. */
  readonly events: number;
  readonly error: string | null;
}

export interface RunningProjections {
  readonly advanced: Observable<Advanced>;
  /** Resolves when the group has reached the end of the log for the first time, or the work was stopped. */
  readonly caughtUp: Promise<void>;
  states(): ProjectionState[];
  /** Resolves once the signal has aborted and the last batch is done. */
  readonly stopped: Promise<void>;
}

interface Member extends Opened {
  state: ProjectionState['state'];
  error: string | null;
}

const retryDefault: RetryTimes = { firstMs: 1_000, mostMs: 60_000, quietMs: 5_000 };

/** Starts at once and never throws: what goes wrong is tried again, logged and told by `states`. */
export const startProjections = (options: StartProjections): RunningProjections => {
  setMaxListeners(0, options.signal); // every wait of every read model listens to it
  const advanced = new Subject<Advanced>();
  const members: Member[] = [];
  let reached = (): void => undefined;
  const caughtUp = new Promise<void>((resolve) => (reached = resolve));
  options.signal.addEventListener('abort', () => reached(), { once: true });
  const stopped = run(options, { advanced, members, reached: () => reached() }).finally(() =>
    advanced.complete(),
  );
  return {
    advanced: advanced.asObservable(),
    caughtUp,
    states: () => members.map(stateOf),
    stopped,
  };
};

const stateOf = ({ projection, position, events, state, error }: Member): ProjectionState => ({
  projection: projection.name,
  version: projection.version,
  state,
  position,
  events,
  error,
});

interface Outlets {
  readonly advanced: Subject<Advanced>;
  readonly members: Member[];
  readonly reached: () => void;
}

const run = async (options: StartProjections, outlets: Outlets): Promise<void> => {
  const { signal, projections = allProjections } = options;
  const { members } = outlets;
  for (const projection of projections) {
    const opened = await openPatiently(options, projection);
    if (!opened) return;
    members.push({ ...opened, state: 'catchingUp', error: null });
  }
  const furthest = members.reduce((most, { position }) => (position > most ? position : most), 0n);
  const inGroup = (member: Member) => member.position === furthest && member.status === 'live';
  const going = new Set<Promise<void>>();
  const go = (member: Member, why: unknown): void => {
    const track = straggle(stragglerOptions(options, outlets, group, member), member, why)
      .catch((error: unknown) => options.logger.error({ err: error }, 'a read model was given up'))
      .finally(() => going.delete(track));
    going.add(track);
  };
  const group: Group<Member> = createGroup(
    groupOptions(options, outlets, projections, go),
    members.filter(inGroup),
  );
  for (const member of members) if (inGroup(member)) member.state = 'following';
  for (const member of members) if (!inGroup(member)) go(member, null);
  await group.run();
  while (going.size > 0) await Promise.all(going);
  if (!signal.aborted) throw new Error('The read models ended without being stopped.');
};

/** Null: the work was stopped. */
const openPatiently = async (
  { pool, signal, logger }: StartProjections,
  projection: Projection,
): Promise<Opened | null> => {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      return await openProjection(pool, projection);
    } catch (error) {
      logger.warn(
        { err: error, projection: projection.name, attempt },
        'cannot open a read model yet',
      );
      await pause(backOffMs(attempt, 100, 5_000), signal);
    }
  }
  return null;
};

/** Whoever wants them: a command answers with the position of any of these, and a query may wait for it. */
const awaitedTypes = [...eventDefinitions.keys()].filter(
  (type) => !deliveryOutcomes.includes(type),
);

const groupOptions = (
  options: StartProjections,
  { advanced, reached }: Outlets,
  projections: readonly Projection[],
  go: (member: Member, why: unknown) => void,
) => {
  const { feed, pool, signal, logger, metrics, now = Date.now, lingerMaxMs = 50 } = options;
  const own = eventTypesOf(projections);
  return {
    feed,
    pool,
    signal,
    lingerMaxMs,
    batches: options.batches,
    givingWay: options.givingWay,
    eventTypes: options.ownEventsOnly ? own : [...new Set([...awaitedTypes, ...own])],
    onCaughtUp: reached,
    onBatch: ({ members, facts, position, recordedAt, seconds }: Applied<Member>) => {
      const names = members.map(({ projection }) => projection.name);
      advanced.next({ projections: names, position });
      const lagSeconds = recordedAt === null ? null : Math.max(0, (now() - recordedAt) / 1_000);
      metrics?.batch?.({ projections: names, facts, seconds, lagSeconds });
      logger.debug({ projections: names, facts, position: String(position), seconds }, 'batch');
    },
    onDropped: go,
    onOutage: (error: unknown, attempt: number) =>
      logger.warn({ err: error, attempt }, 'the read models wait for the database or the log'),
  };
};

const stragglerOptions = (
  { feed, pool, signal, logger, metrics, retry }: StartProjections,
  { advanced }: Outlets,
  group: Group<Member>,
  member: Member,
) => {
  const projection = member.projection.name;
  return {
    feed,
    pool,
    signal,
    retry: { ...retryDefault, ...retry },
    admit: async (): Promise<void> => {
      await group.admit(member);
      member.state = 'following';
      member.error = null;
      logger.info({ projection, position: String(member.position) }, 'follows with the others');
    },
    onFilled: () => advanced.next({ projections: [projection], position: member.position }),
    onState: (state: StragglerState, error: unknown, attempt: number): void => {
      member.state = state;
      member.error = error === null ? null : error instanceof Error ? error.message : String(error);
      if (state === 'failed') {
        metrics?.failed?.(projection);
        logger.error({ err: error, projection, attempt }, 'a read model cannot go on');
      } else {
        logger.info({ projection, state, position: String(member.position) }, 'goes by itself');
      }
    },
  };
};
