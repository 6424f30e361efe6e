/**
 * Decides on the cached state of a stream and appends what was decided, until no race is lost.
 *
 * A cached state may be older than the log when other processes write too. An append finds that out by itself (the expected
 * revision); a refusal does not append, nor does a decision that nothing is left to do, so before one is told, the stream is read on
 * from where the cache is, and where there was more the decision is taken again.
 */
import type { Aggregate, DomainEvent, Recorded } from '../domain/event.js';
import type { Metadata, NewFact, Position } from '../domain/fact.js';
import { Rejected } from '../domain/rejected.js';
import { eventIdOf } from './commandId.js';
import { type Log, VersionConflict } from './log.js';
import type { Snapshots } from './snapshots.js';
import { type CachedStream, createStreamCache, remember } from './streamCache.js';

type AnyAggregate = Aggregate<unknown, DomainEvent>;

export interface StreamWriter {
  /** Runs `attempt` on the loaded stream, again after a lost race. One at a time on a stream of this process. */
  onStream<Result>(
    stream: string,
    aggregate: AnyAggregate,
    attempt: (entry: CachedStream, number: number) => Promise<Result>,
  ): Promise<Result>;
  /** Appends and brings the cached state up to what was appended. Only inside `onStream`. */
  record(
    stream: string,
    aggregate: AnyAggregate,
    entry: CachedStream,
    events: readonly DomainEvent[],
    metadata: Omit<Metadata, 'schemaVersion'>,
  ): Promise<{ readonly position: Position; readonly recorded: readonly Recorded<DomainEvent>[] }>;
  /** Brings the cached state up to the log. Whether there was more. Only inside `onStream`. */
  readOn(stream: string, aggregate: AnyAggregate): Promise<boolean>;
  /** No older than `freshWithinMs`, where that is given. */
  state(stream: string, aggregate: AnyAggregate, freshWithinMs?: number): Promise<unknown>;
  readonly streamsCached: () => number;
}

const attemptsMax = 8;

export const createStreamWriter = (options: {
  readonly log: Log;
  readonly snapshots: Snapshots;
  readonly entries: number;
  readonly onSnapshotFailed: (stream: string, error: unknown) => void;
}): StreamWriter => {
  const { log, snapshots } = options;
  const cache = createStreamCache(options);

  const saveSnapshot = (stream: string, aggregate: AnyAggregate, entry: CachedStream) => {
    if (!aggregate.snapshot) return;
    const { schemaVersion, take } = aggregate.snapshot;
    const { revision, state, commands } = entry;
    snapshots
      .save(stream, schemaVersion, { revision, state: take(state), commands: [...commands] })
      .catch((error: unknown) => options.onSnapshotFailed(stream, error));
  };

  const record: StreamWriter['record'] = async (stream, aggregate, entry, events, metadata) => {
    const { commandId, fingerprint } = metadata;
    const first = entry.revision + 1;
    const facts = events.map((event, index) => newFact(event, index, metadata));
    const appended = performance.now();
    const { position } = await log.append(stream, first === 0 ? 'noStream' : entry.revision, facts);
    const occurredAt = Date.parse(metadata.occurredAt);
    const recorded = events.map(({ type, data }, index): Recorded<DomainEvent> => {
      const revision = first + index;
      return { type, data, occurredAt, revision };
    });
    for (const event of recorded) entry.state = aggregate.evolve(entry.state, event);
    entry.revision += events.length;
    entry.freshAt = appended;
    remember(entry, commandId, { revision: first, count: events.length, fingerprint });
    const every = aggregate.snapshot?.every;
    if (every && Math.floor(first / every) !== Math.floor((entry.revision + 1) / every)) {
      saveSnapshot(stream, aggregate, entry);
    }
    return { position, recorded };
  };

  /** Whether another attempt is worth it after this failure; if so, the cache is as good as the log. */
  const prepared = async (
    stream: string,
    aggregate: AnyAggregate,
    error: unknown,
  ): Promise<boolean> => {
    if (error instanceof Rejected) return cache.catchUp(stream, aggregate);
    // Whatever else it is, what is in the cache can no longer be trusted.
    cache.forget(stream);
    return error instanceof VersionConflict;
  };

  const onStream: StreamWriter['onStream'] = (stream, aggregate, attempt) =>
    cache.exclusive(stream, async () => {
      for (let number = 1; ; number += 1) {
        const entry = await cache.load(stream, aggregate);
        try {
          return await attempt(entry, number);
        } catch (error) {
          const again = await prepared(stream, aggregate, error);
          if (!again || number >= attemptsMax) throw error;
          if (!(error instanceof Rejected)) await pause(number);
        }
      }
    });

  return {
    onStream,
    record,
    readOn: cache.catchUp,
    state: (stream, aggregate, freshWithinMs = Infinity) =>
      cache.exclusive(stream, async () => {
        const entry = await cache.load(stream, aggregate);
        const isOld = performance.now() - entry.freshAt > freshWithinMs;
        if (isOld) await cache.catchUp(stream, aggregate);
        return entry.state;
      }),
    streamsCached: cache.size,
  };
};

const newFact = (
  { type, data }: DomainEvent,
  index: number,
  metadata: Omit<Metadata, 'schemaVersion'>,
): NewFact => ({
  id: eventIdOf(metadata.commandId, index),
  type,
  data,
  // The codec knows the schema version of each type and puts it in.
  metadata: metadata as Metadata,
});

/** 1, 2, 4 … 64 ms with jitter: a lost race is over when the winner's append is. */
const pause = (attempt: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, (0.5 + Math.random()) * 2 ** (attempt - 1)));
