/** A feed over facts in memory, which may be added while it is followed. */
import type { Fact, Position } from '../../../domain/fact.js';
import type { Feed, FeedItem } from '../../../projections/feed.js';

export interface MemoryFeed extends Feed {
  add(facts: readonly Fact[]): void;
  /** Subscriptions that were opened so far. */
  readonly opened: () => number;
}

export const createMemoryFeed = (initial: readonly Fact[] = []): MemoryFeed => {
  const facts = [...initial];
  const waiting = new Set<() => void>();
  let opened = 0;

  const firstAfter = (from: Position | null): number => {
    if (from === null) return 0;
    const index = facts.findIndex(({ position }) => position > from);
    return index < 0 ? facts.length : index;
  };

  async function* subscribe({
    from,
    filter,
    signal,
  }: Parameters<Feed['subscribe']>[0]): AsyncGenerator<FeedItem> {
    opened += 1;
    const wanted = filter.eventTypes && new Set(filter.eventTypes);
    let next = firstAfter(from);
    for (let live = false; !signal.aborted; live = true) {
      let passed: Position | null = null;
      for (; next < facts.length; next += 1) {
        const fact = facts[next] as Fact;
        if (!wanted || wanted.has(fact.type)) {
          passed = null;
          yield { kind: 'fact', fact };
        } else {
          passed = fact.position;
        }
        if (signal.aborted) return;
      }
      if (passed !== null) yield { kind: 'checkpoint', position: passed };
      if (!live) yield { kind: 'caughtUp' };
      if (next < facts.length) continue;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
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
    subscribe,
    head: async () => facts.at(-1)?.position ?? null,
    add: (more) => {
      facts.push(...more);
      for (const wake of waiting) wake();
    },
    opened: () => opened,
  };
};
