/**
 * Pages of a topic's past, shared by all who read it at the same time: whoever comes back after a restart asks for the same page as
 * the others. Bounded by bytes, and never a source of truth: what was published does not change, so a page cannot be stale.
 */
import { LRUCache } from 'lru-cache';
import type { Fact } from '../../domain/fact.js';
import type { Log } from '../log.js';

export interface TopicPages {
  /** From revision `from` on; empty where the stream ends before it. @throws what the log throws. */
  read(stream: string, from: number): Promise<readonly Fact[]>;
}

const pageMax = 100;
/** Of what the facts are around what was published. */
const overheadBytes = 600;

/** About what a fact takes in memory. */
export const weightOf = (fact: Fact): number => {
  let weight = weights.get(fact);
  if (weight === undefined) {
    weight = JSON.stringify(fact.data).length + overheadBytes;
    weights.set(fact, weight);
  }
  return weight;
};
const weights = new WeakMap<Fact, number>();

export const createTopicPages = (log: Pick<Log, 'read'>, bytesMax = 16_000_000): TopicPages => {
  const kept = new LRUCache<string, readonly Fact[]>({
    maxSize: bytesMax,
    maxEntrySize: bytesMax / 4,
    sizeCalculation: (page) => page.reduce((sum, fact) => sum + weightOf(fact), 0),
  });
  const underWay = new Map<string, Promise<readonly Fact[]>>();

  const fetch = async (key: string, stream: string, from: number): Promise<readonly Fact[]> => {
    try {
      const page = await log.read(stream, from, pageMax);
      // Only a whole page is what it will always be.
      if (page.length === pageMax) kept.set(key, page);
      return page;
    } finally {
      underWay.delete(key);
    }
  };

  return {
    read: (stream, from) => {
      const key = `${stream}/${from}`;
      const known = kept.get(key);
      if (known) return Promise.resolve(known);
      let reading = underWay.get(key);
      if (!reading) underWay.set(key, (reading = fetch(key, stream, from)));
      return reading;
    },
  };
};
