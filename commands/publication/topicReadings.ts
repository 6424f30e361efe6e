/**
 * One reading of each topic for all who follow it in this process: a hundred followers cost the log what one does.
 *
 * A window in memory holds the latest; whoever lies behind it reads pages (topicPages.ts) until they are there. Nothing is handed to
 * a follower that did not ask: each keeps a place and takes what comes after it, so a slow one holds nothing back and piles
 * nothing up. What this process publishes is told by `arrivals`; what others do is found by looking.
 */
import type { Fact } from '../../domain/fact.js';
import type { Log } from '../log.js';
import type { Arrivals } from './arrivals.js';
import { createTopicPages, type TopicPages, weightOf } from './topicPages.js';

export interface TopicReading {
  /**
   * Facts from revision `from` on, in order and without a gap but of those that the log does not keep any more; none where nothing came within `milliseconds` or the signal aborted.
   * @throws what the log throws.
   */
  read(from: number, milliseconds: number, signal: AbortSignal): Promise<readonly Fact[]>;
  /** Twice is safe. */
  close(): void;
}

export interface TopicReadings {
  open(stream: string): TopicReading;
}

export interface TopicReadingLimits {
  /** Of all windows together. */
  readonly windowBytes: number;
  readonly windowFacts: number;
  /** What other processes publish is looked for so often. */
  readonly lookEveryMs: number;
}

const limitsDefault: TopicReadingLimits = {
  windowBytes: 32_000_000,
  windowFacts: 1_000,
  lookEveryMs: 500,
};
const readMax = 200;
const handedMax = 100;
/** Publishers that come one after the other are read together. */
const paceMs = 5;
const backOffMaxMs = 10_000;

interface Held {
  readonly fact: Fact;
  readonly bytes: number;
}

const bytesOf = (held: readonly Held[]): number => held.reduce((sum, { bytes }) => sum + bytes, 0);

interface Topic {
  followers: number;
  /** Without a gap, up to `end`. */
  readonly window: Held[];
  bytes: number;
  /** Where to look for more: the last revision that was seen, or one that the stream ends before; null: not looked yet. */
  end: number | null;
  readonly waiting: Set<() => void>;
  pumping: boolean;
}

const newTopic = (): Topic => ({
  followers: 0,
  window: [],
  bytes: 0,
  end: null,
  waiting: new Set(),
  pumping: false,
});

export const createTopicReadings = (options: {
  readonly log: Pick<Log, 'read'>;
  readonly arrivals: Arrivals;
  readonly pages?: TopicPages;
  readonly limits?: Partial<TopicReadingLimits>;
}): TopicReadings => {
  const { log, arrivals } = options;
  const pages = options.pages ?? createTopicPages(log);
  const limits = { ...limitsDefault, ...options.limits };
  const topics = new Map<string, Topic>();

  const keep = (topic: Topic, facts: readonly Fact[]): void => {
    const added = facts.map((fact): Held => ({ fact, bytes: weightOf(fact) }));
    topic.window.push(...added);
    topic.bytes += bytesOf(added);
    topic.end = facts.at(-1)?.revision ?? topic.end;
    const bytesMax = limits.windowBytes / topics.size;
    let dropped = 0;
    while (
      topic.window.length - dropped > 1 &&
      (topic.window.length - dropped > limits.windowFacts || topic.bytes > bytesMax)
    ) {
      topic.bytes -= topic.window[dropped]?.bytes ?? 0;
      dropped += 1;
    }
    if (dropped > 0) topic.window.splice(0, dropped);
  };

  /** One look at the end of a topic. @returns whether there was anything. */
  const look = async (stream: string, topic: Topic): Promise<boolean> => {
    const { end } = topic;
    const from = (end ?? -1) + 1;
    const facts = await log.read(stream, from, readMax);
    // Somebody may have learned meanwhile that the topic ends earlier: look there.
    if (facts.length === 0 || topic.end !== end) return false;
    // Of a topic that was cut at its beginning the first ones are gone, and the window has no gap.
    if (facts[0]?.revision !== from) topic.bytes -= bytesOf(topic.window.splice(0));
    keep(topic, facts);
    for (const wake of [...topic.waiting]) wake();
    return true;
  };

  /** Goes on for as long as anybody waits at the end of the topic. */
  const pump = async (stream: string, topic: Topic): Promise<void> => {
    if (topic.pumping) return;
    topic.pumping = true;
    let failures = 0;
    while (topic.waiting.size > 0) {
      // Listens before it looks: what comes in between is not missed.
      const heard = new AbortController();
      const pauseMs = Math.min(limits.lookEveryMs * 2 ** failures, backOffMaxMs);
      const told = arrivals.wait(stream, pauseMs, heard.signal);
      try {
        const found = await look(stream, topic);
        failures = 0;
        if (found) heard.abort();
        else await told;
        await pause(paceMs);
      } catch {
        // The log is away: whoever waits goes on waiting, and is told that it is quiet.
        failures = Math.min(failures + 1, 8);
        heard.abort();
        await pause(pauseMs);
      }
    }
    topic.pumping = false;
  };

  const wait = (stream: string, topic: Topic, milliseconds: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        topic.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal.addEventListener('abort', done, { once: true });
      topic.waiting.add(done);
      void pump(stream, topic);
    });

  const inWindow = (topic: Topic, from: number): readonly Fact[] => {
    const first = topic.window[0]?.fact.revision;
    if (first === undefined || from < first) return [];
    return topic.window.slice(from - first, from - first + handedMax).map(({ fact }) => fact);
  };

  /** What is there already: of the window, or of the pages before it. */
  const present = async (stream: string, topic: Topic, from: number): Promise<readonly Fact[]> => {
    const held = inWindow(topic, from);
    if (held.length > 0) return held;
    if (topic.end !== null && from > topic.end) return [];
    const page = await pages.read(stream, from);
    // The topic ends before `from`, wherever that is; what the window holds is known better.
    if (page.length === 0 && topic.window.length === 0) {
      topic.end = Math.min(topic.end ?? from - 1, from - 1);
    }
    return page;
  };

  const read = async (
    stream: string,
    topic: Topic,
    from: number,
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<readonly Fact[]> => {
    const there = await present(stream, topic, from);
    if (there.length > 0 || signal.aborted) return there;
    await wait(stream, topic, milliseconds, signal);
    return signal.aborted ? [] : present(stream, topic, from);
  };

  return {
    open: (stream) => {
      let topic = topics.get(stream);
      if (!topic) topics.set(stream, (topic = newTopic()));
      const held = topic;
      held.followers += 1;
      let open = true;
      return {
        read: (from, milliseconds, signal) => read(stream, held, from, milliseconds, signal),
        close: () => {
          if (!open) return;
          open = false;
          held.followers -= 1;
          if (held.followers === 0) topics.delete(stream);
        },
      };
    },
  };
};

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, milliseconds).unref());
