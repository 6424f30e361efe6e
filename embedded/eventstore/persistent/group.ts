/**
 * A group of competing consumers, apart from I/O and time: what it is offered goes to one consumer each, comes back
 * when it is refused, times out or its consumer leaves, and is parked when it has been tried too often.
 *
 * Invariant: a message taken up is open until it is acknowledged, skipped, or its link is durably in the parked stream;
 * no checkpoint passes an open message, so after a crash whatever was open is delivered again. What is held is bounded:
 * unread messages by the buffers, the rest by what consumers may hold.
 */
import { Checkpoints } from './checkpoints.js';
import type { Consumer } from './consumer.js';
import type { GroupSettings } from './definition.js';
import { type Flight, Flights } from './flights.js';
import { type Message, type Offer, retryOf } from './message.js';
import { Progress, type Settled } from './progress.js';
import { FreshQueue, RetryQueue, type Verdict } from './queues.js';
import { Replay } from './replay.js';
import { type Strategy, strategyOf } from './strategy.js';

export type NackAction = 'unknown' | 'park' | 'retry' | 'skip' | 'stop';

export interface Delivery {
  readonly consumer: Consumer;
  readonly message: Message;
}

/** A message to be linked to from the parked stream. */
export interface Parking {
  readonly message: Message;
  readonly reason: string;
}

/** Bytes of unread messages beyond which no more are read, whatever the buffers' sizes. */
const BUFFER_BYTES_MAX = 8 * 1024 * 1024;

export class Group {
  readonly consumers = new Set<Consumer>();
  readonly replay = new Replay();
  readonly checkpoints: Checkpoints;
  totalItems = 0;
  isLive = false;
  private readonly fresh = new FreshQueue();
  private readonly retries = new RetryQueue();
  private readonly flights = new Flights();
  private readonly parking = new Map<number, Flight>();
  private readonly toPark: Parking[] = [];
  private readonly progress: Progress;
  private readonly strategy: Strategy;

  constructor(
    readonly settings: GroupSettings,
    /** Revision or position of the last event done with. */
    place: number,
    checkpoint: number | undefined,
  ) {
    this.progress = new Progress(place);
    this.checkpoints = new Checkpoints(settings, checkpoint);
    this.strategy = strategyOf(settings.strategy);
  }

  get freshCount(): number {
    return this.fresh.length;
  }

  get retryCount(): number {
    return this.retries.length;
  }

  /** Messages sent and not done with, those on their way to the parked stream included. */
  get outstandingCount(): number {
    return this.flights.size + this.parking.size;
  }

  /** Revision or position of the last event taken up or passed over. */
  get considered(): number {
    return this.progress.considered;
  }

  get isFull(): boolean {
    const { maxSubscriberCount } = this.settings;
    return maxSubscriberCount > 0 && this.consumers.size >= maxSubscriberCount;
  }

  /** How many more events may be read. A group without consumers looks only a little ahead. */
  get room(): number {
    const { historyBufferSize, liveBufferSize, readBatchSize } = this.settings;
    const buffer = this.isLive ? liveBufferSize : historyBufferSize;
    const size = this.consumers.size === 0 ? Math.min(buffer, readBatchSize) : buffer;
    if (this.fresh.bytes >= BUFFER_BYTES_MAX) return 0;
    return Math.max(1, size) - this.fresh.length - this.retries.length;
  }

  /** How many more parked messages may be taken up. */
  get replayRoom(): number {
    return Math.max(1, this.settings.historyBufferSize) - this.retries.length;
  }

  join(consumer: Consumer): void {
    this.consumers.add(consumer);
    this.strategy.join(consumer);
  }

  /** What the consumer had not answered goes to others. */
  leave(consumer: Consumer): void {
    if (!this.consumers.delete(consumer)) return;
    this.strategy.leave(consumer);
    for (const flight of this.flights.of(consumer)) {
      this.land(flight);
      this.retries.add(retryOf(flight.message));
    }
  }

  /** Takes up an event of the source, which comes after all before it. */
  offer(offer: Offer): void {
    const sequence = this.progress.take(offer.place);
    this.fresh.add({ ...offer, sequence, parkedAt: undefined, retries: 0 });
  }

  /** Passes over an event of the source that the group does not want. */
  passOver(place: number, counts: boolean): void {
    this.progress.pass(place, counts);
  }

  /** Takes up a parked message. */
  offerParked(offer: Offer, parkedAt: number): void {
    const sequence = this.replay.take(parkedAt);
    this.retries.add({ ...offer, sequence, parkedAt, retries: 0 });
  }

  /** Hands out what consumers have room for; those that come back go first. */
  deliver(now: number): Delivery[] {
    const deliveries: Delivery[] = [];
    const take = (message: Message): Verdict => {
      const consumer = this.strategy.pick(message);
      if (consumer === 'full') return 'enough';
      if (consumer === 'wait') return 'stays';
      this.flights.add({ message, consumer, sentAtMs: now });
      consumer.inFlight++;
      consumer.totalItems++;
      this.totalItems++;
      deliveries.push({ consumer, message });
      return 'taken';
    };
    if (this.retries.offer(take)) this.fresh.offer(take);
    return deliveries;
  }

  ack(ids: Iterable<string>, now: number): void {
    for (const id of ids) this.finish(id, now);
  }

  nack(ids: Iterable<string>, action: NackAction, reason: string, now: number): void {
    for (const id of ids) {
      const flight = this.flights.find(id);
      // A real server's "stop" does nothing but let the message go; so does this.
      if (action === 'skip' || action === 'stop') this.finish(id, now);
      else if (!flight) continue;
      else if (action === 'park') this.park(flight, `Client explicitly NAK'ed message.\n${reason}`);
      else this.tryAgain(flight);
    }
  }

  /** Takes back what has not been answered in time. */
  expire(now: number): void {
    const { messageTimeoutMs } = this.settings;
    if (messageTimeoutMs <= 0) return;
    for (const flight of this.flights.sentBy(now - messageTimeoutMs)) this.tryAgain(flight);
  }

  /** Messages to link to from the parked stream; each is given once. */
  takeToPark(): Parking[] {
    return this.toPark.splice(0);
  }

  /** The link to the message is durable. */
  parked(message: Message): void {
    const flight = this.parking.get(message.sequence);
    if (!flight) return;
    this.parking.delete(message.sequence);
    this.release(flight);
    this.settle(message);
  }

  settled(): Settled {
    return this.progress.settled();
  }

  private finish(id: string, now: number): void {
    const flight = this.flights.find(id);
    if (flight) {
      this.land(flight);
      flight.consumer.latencies?.add(now - flight.sentAtMs);
      return this.settle(flight.message);
    }
    const late = this.retries.remove(id); // it was taken back and has been processed after all
    if (late) this.settle(late);
  }

  private tryAgain(flight: Flight): void {
    const { message } = flight;
    const { maxRetryCount } = this.settings;
    if (message.retries >= maxRetryCount)
      return this.park(flight, `Reached retry count of ${maxRetryCount}`);
    this.land(flight);
    this.retries.add(retryOf(message));
  }

  /** Until it is parked the message keeps its consumer's slot, so that parking cannot be outrun. */
  private park(flight: Flight, reason: string): void {
    this.flights.remove(flight);
    this.parking.set(flight.message.sequence, flight);
    this.toPark.push({ message: flight.message, reason });
  }

  private land(flight: Flight): void {
    this.flights.remove(flight);
    this.release(flight);
  }

  private release({ consumer, message }: Flight): void {
    consumer.inFlight--;
    this.strategy.settle(message);
  }

  private settle(message: Message): void {
    if (message.parkedAt === undefined) this.progress.settle(message.sequence);
    else this.replay.settle(message.sequence);
  }
}
