/**
 * Whatever consumers do, and whenever the node dies: the group against a model that knows every event and what became
 * of it.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import type { ConsumerStrategy } from '../../../../embedded/eventstore/persistent/definition.js';
import type { Consumer } from '../../../../embedded/eventstore/persistent/consumer.js';
import {
  type Delivery,
  Group,
  type NackAction,
  type Parking,
} from '../../../../embedded/eventstore/persistent/group.js';
import { eventAt, joined, settingsWith } from './groups.js';

type Step =
  | { do: 'append' | 'pass' | 'tick' | 'checkpoint' | 'crash' }
  | { do: 'join'; size: number }
  | { do: 'leave' | 'ack' | 'block'; pick: number }
  | { do: 'nack'; pick: number; action: NackAction }
  | { do: 'store'; pick: number };

const pick = fc.nat(1000);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('pass', 'tick', 'checkpoint') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('join' as const),
      size: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('ack' as const), pick }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('leave' as const, 'block' as const), pick }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('nack' as const),
      pick,
      action: fc.constantFrom<NackAction>('unknown', 'park', 'retry', 'skip'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('store' as const), pick }) },
);

const TICK_MS = 300;

/** A source, a disk and a group between them. */
class World {
  group: Group;
  /** Places of the source that are events for this group. */
  readonly wanted: number[] = [];
  length = 0;
  /** On disk. */
  checkpoint: number | undefined;
  readonly parked = new Set<number>();
  /** Acknowledged or skipped, ever. */
  readonly processed = new Set<number>();
  /** The same, known to the running group. */
  private finished = new Set<number>();
  private lastFresh = -1;
  private now = 0;
  private consumers: Consumer[] = [];
  private held: Delivery[] = [];
  private toPark: Parking[] = [];

  constructor(private readonly strategy: ConsumerStrategy) {
    this.group = this.start();
  }

  run(next: Step): void {
    switch (next.do) {
      case 'append':
        this.wanted.push(this.length++);
        break;
      case 'pass':
        this.length++;
        break;
      case 'tick':
        this.now += TICK_MS;
        this.group.expire(this.now);
        break;
      case 'checkpoint':
        this.writeCheckpoint();
        break;
      case 'crash':
        this.group = this.start();
        break;
      case 'join':
        this.consumers.push(joined(this.group, next.size));
        break;
      case 'leave':
        this.leave(next.pick);
        break;
      case 'block':
        for (const consumer of this.at(this.consumers, next.pick))
          consumer.isBlocked = !consumer.isBlocked;
        break;
      case 'ack':
        for (const { message } of this.at(this.held, next.pick)) this.finish(message.id, 'ack');
        break;
      case 'nack':
        for (const { message } of this.at(this.held, next.pick))
          if (next.action === 'skip') this.finish(message.id, 'skip');
          else this.group.nack([message.id], next.action, '', this.now);
        break;
      case 'store':
        for (const parking of this.at(this.toPark, next.pick)) this.store(parking);
        break;
    }
    this.settle();
  }

  /** Consumers that answer everything, until nothing is left. */
  drain(): void {
    for (const consumer of [...this.consumers]) this.leaveNow(consumer);
    this.consumers.push(joined(this.group, 7));
    this.settle();
    for (let rounds = 0; this.held.length + this.toPark.length > 0; rounds++) {
      expect(rounds).to.be.lessThan(1000);
      for (const { message } of [...this.held]) this.finish(message.id, 'ack');
      for (const parking of [...this.toPark]) this.store(parking);
      this.settle();
    }
  }

  private start(): Group {
    this.consumers = [];
    this.held = [];
    this.toPark = [];
    this.finished = new Set();
    const done = this.checkpoint ?? -1;
    this.lastFresh = done;
    return new Group(settingsWith({ strategy: this.strategy }), done, this.checkpoint);
  }

  private settle(): void {
    const { group } = this;
    while (group.room > 0 && group.considered < this.length - 1) {
      const place = group.considered + 1;
      if (this.wanted.includes(place)) group.offer(eventAt(place, 3));
      else group.passOver(place, true);
    }
    for (const delivery of group.deliver(this.now)) this.receive(delivery);
    this.toPark.push(...group.takeToPark());
    this.check();
  }

  private receive(delivery: Delivery): void {
    const { message } = delivery;
    expect(this.finished.has(message.place), `${message.place} comes again`).to.equal(false);
    expect(message.place).to.be.greaterThan(this.checkpoint ?? -1);
    if (message.retries === 0 && this.strategy !== 'Pinned') {
      expect(message.place).to.be.greaterThan(this.lastFresh);
      this.lastFresh = message.place;
    }
    this.held.push(delivery);
  }

  private check(): void {
    for (const consumer of this.consumers)
      expect(consumer.inFlight).to.be.within(0, consumer.bufferSize);
    expect(this.group.freshCount).to.be.at.most(20);
    const { place } = this.group.settled();
    const lost = this.wanted.find(
      (event) => event <= place && !this.processed.has(event) && !this.parked.has(event),
    );
    expect(lost, 'an open event is settled').to.equal(undefined);
  }

  private finish(id: string, how: 'ack' | 'skip'): void {
    const place = Number(id.split(' ')[1]);
    const isParking = this.toPark.some(({ message }) => message.id === id);
    if (how === 'ack') this.group.ack([id], this.now);
    else this.group.nack([id], 'skip', '', this.now);
    this.held = this.held.filter(({ message }) => message.id !== id);
    if (isParking) return; // too late: it is parked whatever the consumer says now
    this.processed.add(place);
    this.finished.add(place);
  }

  private store(parking: Parking): void {
    this.parked.add(parking.message.place);
    this.toPark.splice(this.toPark.indexOf(parking), 1);
    this.held = this.held.filter(({ message }) => message.id !== parking.message.id);
    this.finished.add(parking.message.place);
    this.group.parked(parking.message);
  }

  private writeCheckpoint(): void {
    const settled = this.group.settled();
    if (!this.group.checkpoints.isDue(settled, this.now, true)) return;
    this.group.checkpoints.written(settled, this.now);
    expect(settled.place).to.be.at.least(this.checkpoint ?? -1);
    this.checkpoint = settled.place;
  }

  private leave(at: number): void {
    for (const consumer of this.at(this.consumers, at)) this.leaveNow(consumer);
  }

  private leaveNow(consumer: Consumer): void {
    this.consumers.splice(this.consumers.indexOf(consumer), 1);
    this.group.leave(consumer);
    this.held = this.held.filter((delivery) => delivery.consumer !== consumer);
  }

  private at<T>(list: readonly T[], index: number): T[] {
    return list.length === 0 ? [] : [list[index % list.length]!];
  }
}

describe('a group, whatever its consumers do', () => {
  for (const strategy of ['RoundRobin', 'Pinned', 'DispatchToSingle'] as const) {
    it(`loses nothing, repeats nothing that is done, holds no more than it may (${strategy})`, () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
          const world = new World(strategy);
          for (const next of steps) world.run(next);
          world.drain();
          const done = (place: number) => world.processed.has(place) || world.parked.has(place);
          expect(world.wanted.filter((place) => !done(place))).to.be.empty;
          expect(world.group.settled().place).to.equal(world.length - 1);
          expect(world.group.outstandingCount + world.group.retryCount).to.equal(0);
        }),
        { numRuns: 300 },
      );
    });
  }
});
