/**
 * Consumer strategies: who gets the next message. RoundRobin takes turns, DispatchToSingle fills one consumer before
 * it turns to the next, Pinned keeps the messages of one stream with one consumer for as long as they stay.
 *
 * Pinned spreads streams over a fixed number of buckets and gives buckets to consumers; when one joins, the buckets
 * with nothing in flight are given out anew, when one leaves, its own are.
 */
import type { Consumer } from './consumer.js';
import type { ConsumerStrategy } from './definition.js';
import type { Message } from './message.js';

export interface Strategy {
  join(consumer: Consumer): void;
  leave(consumer: Consumer): void;
  /** Whose turn it is: 'full' when nobody can take any message, 'wait' when nobody can take this one now. */
  pick(message: Message): Consumer | 'full' | 'wait';
  /** A message that was picked is answered or taken back. */
  settle(message: Message): void;
}

export const strategyOf = (name: ConsumerStrategy): Strategy =>
  name === 'Pinned' ? new Pinned() : new Turns(name === 'RoundRobin');

class Turns implements Strategy {
  private readonly queue: Consumer[] = [];

  constructor(private readonly isRoundRobin: boolean) {}

  join(consumer: Consumer): void {
    this.queue.push(consumer);
  }

  leave(consumer: Consumer): void {
    this.queue.splice(this.queue.indexOf(consumer), 1);
  }

  pick(): Consumer | 'full' {
    for (let tried = 0; tried < this.queue.length; tried++) {
      const consumer = this.queue[0]!;
      const canTake = consumer.hasRoom;
      if (!canTake || this.isRoundRobin) this.queue.push(this.queue.shift()!);
      if (canTake) return consumer;
    }
    return 'full';
  }

  settle(): void {}
}

const BUCKETS = 1024;

/** FNV-1a: spreads names evenly, and is the same in every run. */
const bucketOf = (stream: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < stream.length; i++)
    hash = Math.imul(hash ^ stream.charCodeAt(i), 0x01000193) >>> 0;
  return hash % BUCKETS;
};

class Pinned implements Strategy {
  private readonly consumers = new Set<Consumer>();
  private readonly assigned = new Map<number, Consumer>();
  private readonly inFlight = new Map<number, number>();

  join(consumer: Consumer): void {
    this.consumers.add(consumer);
    for (const bucket of [...this.assigned.keys()])
      if (!this.inFlight.has(bucket)) this.assigned.delete(bucket);
  }

  leave(consumer: Consumer): void {
    this.consumers.delete(consumer);
    for (const [bucket, owner] of [...this.assigned])
      if (owner === consumer) this.assigned.delete(bucket);
  }

  pick(message: Message): Consumer | 'full' | 'wait' {
    if (![...this.consumers].some((consumer) => consumer.hasRoom)) return 'full';
    const bucket = bucketOf(message.stream);
    const owner = this.assigned.get(bucket) ?? this.leastLoaded();
    this.assigned.set(bucket, owner);
    if (!owner.hasRoom) return 'wait';
    this.inFlight.set(bucket, (this.inFlight.get(bucket) ?? 0) + 1);
    return owner;
  }

  settle(message: Message): void {
    const bucket = bucketOf(message.stream);
    const left = (this.inFlight.get(bucket) ?? 1) - 1;
    if (left > 0) this.inFlight.set(bucket, left);
    else this.inFlight.delete(bucket);
  }

  private leastLoaded(): Consumer {
    const load = new Map([...this.consumers].map((consumer) => [consumer, 0]));
    for (const owner of this.assigned.values()) load.set(owner, load.get(owner)! + 1);
    return [...load].reduce((least, next) => (next[1] < least[1] ? next : least))[0];
  }
}
