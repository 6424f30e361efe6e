/**
 * The state of recently used streams, so that the hot path reads nothing.
 *
 * The cache is never trusted for its freshness: every append names the revision that was decided on, and a conflict throws the
 * entry away. One command at a time works on a stream in this process (`exclusive`), since two that decide on the same revision
 * can only end in one conflict; other processes meet in the log.
 */
import { LRUCache } from 'lru-cache';
import type { Aggregate, DomainEvent, Recorded } from '../domain/event.js';
import type { Fact } from '../domain/fact.js';
import type { Log } from './log.js';
import type { CommandMark, Snapshots } from './snapshots.js';

export interface CachedStream {
  state: unknown;
  /** Of the last event, -1 for a stream that does not exist. */
  revision: number;
  /** When it was as old as the log at most, by performance.now(). */
  freshAt: number;
  readonly commands: Map<string, CommandMark>;
}

/** Older repeats are still caught by the decider, which knows its purchases, returns and adjustments by id. */
const commandsRemembered = 500;
const page = 1_000;

export interface StreamCache {
  load(stream: string, aggregate: Aggregate<unknown, DomainEvent>): Promise<CachedStream>;
  /** Reads on from where the cached state is. Whether there was more; false where nothing is cached. */
  catchUp(stream: string, aggregate: Aggregate<unknown, DomainEvent>): Promise<boolean>;
  forget(stream: string): void;
  exclusive<Result>(stream: string, work: () => Promise<Result>): Promise<Result>;
  size(): number;
}

export const createStreamCache = (options: {
  readonly log: Log;
  readonly snapshots: Snapshots;
  readonly entries: number;
}): StreamCache => {
  const { log, snapshots } = options;
  const cache = new LRUCache<string, CachedStream>({ max: options.entries });
  const tails = new Map<string, Promise<unknown>>();

  const readOn = async (
    stream: string,
    aggregate: Aggregate<unknown, DomainEvent>,
    entry: CachedStream,
  ): Promise<void> => {
    for (;;) {
      const asked = performance.now();
      const facts = await log.read(stream, entry.revision + 1, page);
      for (const fact of facts) applyFact(entry, aggregate, fact);
      if (facts.length < page) {
        entry.freshAt = asked;
        return;
      }
    }
  };

  const load = async (stream: string, aggregate: Aggregate<unknown, DomainEvent>) => {
    const cached = cache.get(stream);
    if (cached) return cached;
    const entry = await startingPoint(snapshots, stream, aggregate);
    await readOn(stream, aggregate, entry);
    cache.set(stream, entry);
    return entry;
  };

  const catchUp: StreamCache['catchUp'] = async (stream, aggregate) => {
    const entry = cache.get(stream);
    if (!entry) return false;
    const { revision } = entry;
    await readOn(stream, aggregate, entry);
    return entry.revision > revision;
  };

  const exclusive = async <Result>(stream: string, work: () => Promise<Result>) => {
    const before = tails.get(stream);
    const mine = before ? before.then(work, work) : work();
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    tails.set(stream, settled);
    try {
      return await mine;
    } finally {
      if (tails.get(stream) === settled) tails.delete(stream);
    }
  };

  return {
    load,
    catchUp,
    exclusive,
    forget: (stream) => void cache.delete(stream),
    size: () => cache.size,
  };
};

const startingPoint = async (
  snapshots: Snapshots,
  stream: string,
  aggregate: Aggregate<unknown, DomainEvent>,
): Promise<CachedStream> => {
  const snapshot = aggregate.snapshot
    ? await snapshots.load(stream, aggregate.snapshot.schemaVersion)
    : null;
  if (!snapshot || !aggregate.snapshot) {
    return { state: aggregate.initial(), revision: -1, freshAt: -Infinity, commands: new Map() };
  }
  return {
    state: aggregate.snapshot.restore(snapshot.state),
    revision: snapshot.revision,
    freshAt: -Infinity,
    commands: new Map(snapshot.commands),
  };
};

const applyFact = (
  entry: CachedStream,
  aggregate: Aggregate<unknown, DomainEvent>,
  fact: Fact,
): void => {
  entry.state = aggregate.evolve(entry.state, asRecorded(fact));
  entry.revision = fact.revision;
  const { commandId, fingerprint } = fact.metadata;
  const mark = entry.commands.get(commandId);
  remember(entry, commandId, {
    revision: mark?.revision ?? fact.revision,
    count: (mark?.count ?? 0) + 1,
    fingerprint,
  });
};

export const remember = (entry: CachedStream, commandId: string, mark: CommandMark): void => {
  entry.commands.set(commandId, mark);
  if (entry.commands.size <= commandsRemembered) return;
  const oldest = entry.commands.keys().next();
  if (!oldest.done) entry.commands.delete(oldest.value);
};

export const asRecorded = (fact: Fact): Recorded<DomainEvent> => ({
  type: fact.type,
  data: fact.data,
  revision: fact.revision,
  occurredAt: Date.parse(fact.metadata.occurredAt),
});
