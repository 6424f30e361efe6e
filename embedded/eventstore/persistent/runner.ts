/**
 * Runs one group: reads its source while there is room, sends what the group hands out, parks, and writes checkpoints.
 * All decisions are the group's; all I/O is here.
 *
 * Invariant: whatever fails is tried again, and until it has succeeded the group counts the message as open.
 */
import type { EventLog } from '../log/eventLog.js';
import { backOff } from '../log/pause.js';
import type { Logger } from '../options.js';
import type { GrpcFailure } from '../grpc/status.js';
import type { LinkResolver } from '../read/links.js';
import { deliveredFrame } from '../wire/persistentEvents.js';
import type { Consumer } from './consumer.js';
import { ALL, type GroupDefinition, groupKey } from './definition.js';
import { Group, type NackAction, type Parking } from './group.js';
import type { Journal } from './journal.js';
import { formatPlace } from './places.js';
import { ParkedReplay } from './parkedReplay.js';
import { Source } from './source.js';
import type { Subscriber } from './subscriber.js';

export interface RunnerParts {
  readonly log: EventLog;
  readonly links: LinkResolver;
  readonly journal: Journal;
  readonly logger: Logger;
}

export class GroupRunner {
  readonly key: string;
  readonly group: Group;
  readonly subscribers = new Map<Consumer, Subscriber>();
  readonly replay: ParkedReplay;
  readonly startedAtMs = Date.now();
  private readonly source: Source;
  private isStopped = false;
  private isRunning = false;
  private isAskedAgain = false;
  private checkpointing: Promise<void> | undefined;
  private failedCheckpoints = 0;
  private unwatch: () => void = () => {};

  constructor(
    readonly definition: GroupDefinition,
    private readonly parts: RunnerParts,
    /** Revision or position of the last event done with, undefined when there is no checkpoint. */
    checkpoint: number | undefined,
  ) {
    const { source, group, settings, begin } = definition;
    this.key = groupKey(source, group);
    const done = checkpoint ?? begin - 1;
    this.group = new Group(settings, done, checkpoint);
    const links = settings.resolveLinks ? parts.links : undefined;
    this.source = new Source(parts.log, links, definition, done + 1);
    this.replay = new ParkedReplay(this.key, this.group, parts);
  }

  start(): void {
    this.unwatch = this.source.watch(() => this.read());
    this.read();
  }

  /**
   * Writes down how far the group has come, then ends the subscriptions, if a failure is given: last, so that who comes
   * back at once finds what takes this runner's place, and who came meanwhile is told as well.
   */
  async stop(failure?: GrpcFailure): Promise<void> {
    this.isStopped = true;
    this.unwatch();
    await this.checkpointing;
    if (this.group.checkpoints.isBehind(this.group.settled())) await this.writeCheckpoint();
    if (failure) for (const subscriber of [...this.subscribers.values()]) subscriber.drop(failure);
  }

  connect(subscriber: Subscriber): void {
    this.subscribers.set(subscriber.consumer, subscriber);
    this.group.join(subscriber.consumer);
    this.advance();
  }

  disconnect({ consumer }: Subscriber): void {
    this.subscribers.delete(consumer);
    this.group.leave(consumer);
    this.advance();
  }

  ack(ids: readonly string[]): void {
    this.group.ack(ids, Date.now());
    this.advance();
  }

  nack(ids: readonly string[], action: NackAction, reason: string): void {
    this.group.nack(ids, action, reason, Date.now());
    this.advance();
  }

  tick(now: number): void {
    this.group.expire(now);
    this.advance(true);
  }

  /** Takes parked messages up again; those from this revision of the parked stream on stay. */
  async replayParked(stopAt: number | undefined): Promise<void> {
    await this.replay.begin(stopAt);
    this.advance();
  }

  /** Does whatever has become possible. */
  private advance(isTick = false): void {
    if (this.isStopped) return;
    this.push();
    for (const parking of this.group.takeToPark()) void this.park(parking);
    this.replay.truncate(isTick);
    const settled = this.group.settled();
    if (!this.checkpointing && this.group.checkpoints.isDue(settled, Date.now(), isTick))
      void this.writeCheckpoint();
    // What is appended wakes the reader itself; a tick that made it look would have idle groups walk a busy log.
    if (!isTick && (this.group.room > 0 || this.replay.wantsMore)) this.read();
  }

  private push(): void {
    const frames = new Map<Consumer, Buffer[]>();
    for (const { consumer, message } of this.group.deliver(Date.now())) {
      const frame = deliveredFrame(message.body, message.retries);
      const batch = frames.get(consumer);
      if (batch) batch.push(frame);
      else frames.set(consumer, [frame]);
    }
    for (const [consumer, batch] of frames) {
      const subscriber = this.subscribers.get(consumer)!;
      if (subscriber.send(Buffer.concat(batch))) continue;
      consumer.isBlocked = true;
      void subscriber.drained().then(() => {
        consumer.isBlocked = false;
        this.advance();
      });
    }
  }

  /** Reads until there is no room or nothing more. One at a time; being asked meanwhile makes it look once more. */
  private read(): void {
    this.isAskedAgain = true;
    if (this.isRunning || this.isStopped) return;
    this.isRunning = true;
    void this.readWhileAsked();
  }

  private async readWhileAsked(): Promise<void> {
    for (let failures = 0; this.isAskedAgain && !this.isStopped;) {
      this.isAskedAgain = false;
      try {
        while (!this.isStopped && (await this.readSome())) this.push();
        failures = 0;
      } catch (error) {
        this.parts.logger.warn(
          { err: error, group: this.key },
          'a persistent subscription could not read: trying again',
        );
        await backOff(failures++);
        this.isAskedAgain = true;
      }
    }
    this.isRunning = false; // in the same turn as the last look at what was asked
  }

  /** False when there was nothing to read or no room. Parked messages get their share whatever the source gives. */
  private async readSome(): Promise<boolean> {
    const wantsParked = this.replay.wantsMore;
    if (wantsParked) await this.replay.fill();
    const hasRead = this.group.room > 0 && (await this.source.fill(this.group));
    return wantsParked || hasRead;
  }

  private async park({ message, reason }: Parking): Promise<void> {
    const { journal, logger } = this.parts;
    const link = journal.parkedLink(`${message.revision}@${message.stream}`, {
      added: new Date().toISOString(),
      reason,
      subscriptionEventNumber: message.revision,
    });
    for (let attempt = 0; !this.isStopped; attempt++) {
      try {
        await journal.park(this.key, link);
        break;
      } catch (error) {
        logger.warn({ err: error, group: this.key }, 'a message could not be parked: trying again');
        await backOff(attempt);
      }
    }
    if (this.isStopped) return;
    this.group.parked(message);
    this.advance();
  }

  private writeCheckpoint(): Promise<void> {
    return (this.checkpointing ??= this.tryCheckpoint().finally(() => {
      this.checkpointing = undefined;
    }));
  }

  private async tryCheckpoint(): Promise<void> {
    const settled = this.group.settled();
    const json = JSON.stringify(formatPlace(settled.place, this.definition.source === ALL));
    try {
      await this.parts.journal.writeCheckpoint(this.key, json);
      this.group.checkpoints.written(settled, Date.now());
      this.failedCheckpoints = 0;
    } catch (error) {
      this.parts.logger.warn(
        { err: error, group: this.key },
        'a checkpoint was not written: it will be with the next',
      );
      if (!this.isStopped) await backOff(this.failedCheckpoints++);
    }
  }
}
