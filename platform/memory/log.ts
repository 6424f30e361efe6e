/**
 * A log in memory with the contract of the real one, for specs of commands, projections and workers: expected revisions,
 * idempotent repeats, global positions, live subscriptions. Nothing is kept when the process ends.
 */
import { type Log, VersionConflict } from '../../commands/log.js';
import type { Fact, NewFact, Position } from '../../domain/fact.js';
import type { Feed, FeedFilter, FeedItem } from '../../projections/feed.js';

export interface MemoryLog extends Log, Feed {
  readonly facts: readonly Fact[];
}

export const createMemoryLog = (now: () => number = () => 0): MemoryLog => {
  const facts: Fact[] = [];
  const streams = new Map<string, Fact[]>();
  const waiting = new Set<() => void>();

  const append: Log['append'] = async (stream, expected, added) => {
    const existing = streams.get(stream) ?? [];
    const head = existing.length - 1;
    const wanted = expected === 'noStream' ? -1 : expected;
    const known = wanted === 'any' && existing.findIndex(({ id }) => id === added[0]?.id);
    if (typeof known === 'number' && known >= 0) {
      const last = existing[known + added.length - 1] ?? (existing.at(-1) as Fact);
      return { position: last.position, revision: last.revision };
    }
    if (wanted !== 'any' && wanted !== head) {
      const repeated = repeatOf(existing, wanted + 1, added);
      if (!repeated) throw new VersionConflict(stream);
      return { position: repeated.position, revision: repeated.revision };
    }
    for (const fact of added) {
      const recorded: Fact = {
        ...fact,
        stream,
        revision: existing.length,
        position: BigInt(facts.length + 1),
        recordedAt: now(),
      };
      existing.push(recorded);
      facts.push(recorded);
    }
    streams.set(stream, existing);
    for (const wake of waiting) wake();
    return { position: BigInt(facts.length), revision: existing.length - 1 };
  };

  async function* subscribe({
    from,
    filter,
    signal,
  }: Parameters<Feed['subscribe']>[0]): AsyncGenerator<FeedItem> {
    let next = Number(from ?? 0n);
    let live = false;
    while (!signal.aborted) {
      for (; next < facts.length; next += 1) {
        const fact = facts[next] as Fact;
        if (passes(fact, filter)) yield { kind: 'fact', fact };
        if (signal.aborted) return;
      }
      if (!live && facts.length > 0) {
        yield { kind: 'checkpoint', position: BigInt(next) };
      }
      if (!live) yield { kind: 'caughtUp' };
      live = true;
      if (next < facts.length) continue;
      await new Promise<void>((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    }
  }

  return {
    facts,
    append,
    read: async (stream, from, limit) => (streams.get(stream) ?? []).slice(from, from + limit),
    subscribe,
    head: async (): Promise<Position | null> => (facts.length ? BigInt(facts.length) : null),
  };
};

const repeatOf = (
  existing: readonly Fact[],
  from: number,
  added: readonly NewFact[],
): Fact | null => {
  const before = existing.slice(from, from + added.length);
  const same =
    before.length === added.length && before.every((fact, i) => fact.id === added[i]?.id);
  return same ? (before.at(-1) ?? null) : null;
};

const passes = (fact: Fact, filter: FeedFilter): boolean =>
  (filter.eventTypes?.includes(fact.type) ?? true) &&
  (filter.streamPrefixes?.some((prefix) => fact.stream.startsWith(prefix)) ?? true);
