/**
 * Reads a feed ahead of its consumer: while one batch is being written the next is already received and decoded. Bounded, so a
 * slow database slows the subscription down instead of filling the memory.
 */
import type { Fact, Position } from '../domain/fact.js';
import type { Feed } from './feed.js';

export interface Taken {
  readonly facts: readonly Fact[];
  /** Everything that matters up to here was handed out; null: nothing new is known. */
  readonly position: Position | null;
  /** The feed has handed out all there was when the subscription began. */
  readonly caughtUp: boolean;
}

export interface Intake {
  /**
   * The next facts, at most `max` by their weight, as soon as there is anything: then it waits up to `lingerMs` for more to come along, unless the
   * feed has just caught up.
   * @throws what the feed threw; after the end of the feed, that it ended.
   */
  take(max: number, lingerMs: number): Promise<Taken>;
  /** Ends the present or the next `take` at once, with what there is, maybe nothing. */
  interrupt(): void;
  close(): Promise<void>;
}

export interface IntakeOptions {
  readonly from: Position | null;
  readonly eventTypes: readonly string[];
  /** Facts kept ahead, by their weight. */
  readonly ahead: number;
  /** For how many it counts against the size of a batch; 1 unless told. */
  readonly weightOf?: (fact: Fact) => number;
}

interface Gate {
  readonly wait: () => Promise<void>;
  readonly open: () => void;
}

/** A wait that `open` ends; an opening that nobody waited for is remembered. */
const gate = (): Gate => {
  let wake: (() => void) | null = null;
  let opened = false;
  return {
    wait: () =>
      new Promise((resolve) => {
        if (opened) {
          opened = false;
          resolve();
        } else {
          wake = resolve;
        }
      }),
    open: () => {
      if (wake) wake();
      else opened = true;
      wake = null;
    },
  };
};

export const openIntake = (feed: Feed, options: IntakeOptions): Intake => {
  const { from, eventTypes, ahead, weightOf } = options;
  const weigh = weightOf ?? (() => 1);
  const aborting = new AbortController();
  const filled = gate();
  const drained = gate();
  let facts: Fact[] = [];
  let weight = 0;
  let position: Position | null = null;
  let caughtUp = false;
  let ended: Error | null = null;
  let interrupted = false;

  const receive = async (): Promise<void> => {
    const items = feed.subscribe({ from, filter: { eventTypes }, signal: aborting.signal });
    for await (const item of items) {
      if (item.kind === 'fact') {
        facts.push(item.fact);
        weight += weigh(item.fact);
        position = item.fact.position;
      } else if (item.kind === 'checkpoint') {
        if (position === null || item.position > position) position = item.position;
      } else {
        caughtUp = true;
      }
      filled.open();
      while (weight >= ahead && !aborting.signal.aborted) await drained.wait();
      if (aborting.signal.aborted) return;
    }
  };
  const receiving = receive()
    .then(() => new Error('The feed ended.'))
    .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
    .then((error) => {
      ended = error;
      filled.open();
    });

  const untilSome = async (): Promise<void> => {
    while (facts.length === 0 && position === null && !caughtUp && !interrupted) {
      if (ended) throw ended;
      await filled.wait();
    }
  };

  const untilEnough = async (max: number, lingerMs: number): Promise<void> => {
    let over = false;
    const timer = setTimeout(() => {
      over = true;
      filled.open();
    }, lingerMs);
    while (!over && !ended && !interrupted && !caughtUp && weight < max) await filled.wait();
    clearTimeout(timer);
  };

  /** At least one fact, whatever it weighs. */
  const countFor = (max: number): number => {
    if (!weightOf) return max;
    let sum = 0;
    const over = facts.findIndex((fact) => (sum += weightOf(fact)) > max);
    return over < 0 ? facts.length : Math.max(1, over);
  };

  const hand = (max: number): Taken => {
    const count = countFor(max);
    const batch = facts.length <= count ? facts : facts.slice(0, count);
    facts = facts.slice(batch.length);
    for (const fact of batch) weight -= weigh(fact);
    const all = facts.length === 0;
    const taken: Taken = {
      facts: batch,
      position: all ? position : (batch.at(-1)?.position ?? null),
      caughtUp: all && caughtUp,
    };
    if (all) {
      position = null;
      caughtUp = false;
    }
    drained.open();
    return taken;
  };

  return {
    take: async (max, lingerMs) => {
      await untilSome();
      if (lingerMs > 0 && facts.length > 0 && weight < max) await untilEnough(max, lingerMs);
      interrupted = false;
      return hand(max);
    },
    interrupt: () => {
      interrupted = true;
      filled.open();
    },
    close: async () => {
      aborting.abort();
      ended ??= new Error('The intake was closed.');
      drained.open();
      filled.open();
      await receiving;
    },
  };
};
