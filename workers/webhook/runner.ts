/**
 * One subscription being delivered: takes what comes after its cursor from the topic, judges it, sends what the queue says, and has the
 * outcome recorded. It acts on its ledger at once and the log follows within moments; after a crash in between something is sent
 * again, under the same id.
 *
 * It runs only while this process holds the lease, and asks before every request whether the subscription, its partner and the grant
 * still stand.
 */
import { webhookIdOf } from '../../commands/delivery/webhookId.js';
import type { Directory } from '../../commands/directory.js';
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import type { Attempt } from '../../domain/delivery/events.js';
import { type Ledger, nextOpen } from '../../domain/delivery/ledger.js';
import {
  createQueue,
  type Queue,
  type QueueTerms,
  type Sending,
} from '../../domain/delivery/queue.js';
import * as spans from '../../domain/delivery/spans.js';
import type { ReplayId } from '../../domain/ids.js';
import { createJudging } from './judging.js';
import { createPace, type Pace } from './pace.js';
import type { Recorder } from './recorder.js';
import { createReplays } from './replays.js';
import { laneFor, type Sender } from './sender.js';
import { createSettling, type DeliveryMeasures, type DisablingCause } from './settling.js';
import type { Slots } from './slots.js';
import type { Entry, TopicWindow } from './topicWindows.js';

export interface RunnerOptions {
  readonly stream: string;
  readonly record: () => SubscriptionRecord | undefined;
  readonly directory: Pick<Directory, 'exchange'>;
  readonly ledger: Ledger;
  readonly window: TopicWindow;
  readonly sender: Sender;
  readonly recorder: Recorder;
  readonly slots: Slots;
  readonly measures: DeliveryMeasures;
  readonly now: () => number;
  /** Whether the lease is held for certain at this moment. */
  readonly holds: () => boolean;
  /** Something happened that is to be recorded. */
  readonly onDirty: () => void;
  /** To be called no more, and the subscription to be told so. @param since milliseconds since the epoch. */
  readonly onDisable: (cause: DisablingCause, since: number, error: string | null) => void;
  readonly onFailed: (error: unknown) => void;
}

export interface Runner {
  /** Looks for something to do; cheap, and safe at any time. */
  pump(): void;
  /** Orders of partners came in: retries and replays may be due. */
  ordersCame(): void;
  readonly ledger: Ledger;
  readonly recorder: Recorder;
  readonly inFlight: number;
  readonly held: number;
  /** Publications that are not accounted for. */
  readonly lag: number;
  /** Something that should not fail did: it is to be begun anew after a while. */
  readonly broken: boolean;
  /**
   * Starts nothing more; resolves when nothing is under way, or with `patience` at the latest. Of a subscription that ended the rest
   * is passed then.
   */
  stop(patience: Promise<void>): Promise<void>;
}

/** Behind their keys; beyond it the topic is not looked at any further. */
const heldMax = 5_000;
/** Outcomes that are not recorded yet. */
const openMax = 2_000;
/** Looked at before others have their turn. */
const judgedMax = 500;
const timerMaxMs = 60_000;

const queueTermsOf = ({ order, concurrency, batch }: SubscriptionRecord): QueueTerms => ({
  order: order.by === 'key' ? order.onFailure : 'none',
  concurrency,
  batchMax: batch?.max ?? 1,
  batchWaitMs: batch?.waitMs ?? 0,
});

const rateOf = ({ ratePerSecond, verified }: SubscriptionRecord): number => {
  const allowed = verified?.allowedRate;
  return Math.min(ratePerSecond ?? Infinity, allowed ? allowed / 60 : Infinity);
};

const isSame = (one: object, other: object): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

export const createRunner = (options: RunnerOptions): Runner => {
  const { stream, directory, ledger, window, sender, recorder, measures, now } = options;
  const slots = options.slots.open();
  const { accessOf, judge, atHand, shownOf } = createJudging(directory, window);
  const settling = createSettling({
    ledger,
    recorder,
    measures,
    now,
    onDirty: options.onDirty,
    onDisable: options.onDisable,
  });
  const { pass } = settling;
  let known: SubscriptionRecord | undefined;
  let terms: QueueTerms | undefined;
  let queue: Queue | undefined;
  let rate = Infinity;
  let pace: Pace | undefined;
  let frontier = 0;
  let stopping = false;
  let idle: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let reading = false;
  let again = false;

  /** Takes over what was changed; the order of things only when nothing is under way. @returns false: not yet. */
  const follow = (record: SubscriptionRecord): boolean => {
    if (record === known && queue) return true;
    const wanted = queueTermsOf(record);
    const changed = !terms || !isSame(terms, wanted);
    if (changed && queue && queue.inFlight > 0) return false;
    if (changed) {
      terms = wanted;
      queue = createQueue(wanted, ledger);
      frontier = 0;
    }
    if (rateOf(record) !== rate) {
      rate = rateOf(record);
      pace = rate === Infinity ? undefined : createPace(rate, now());
    }
    known = record;
    return true;
  };

  /** Brings what is next in the topic before the queue. */
  const offerMore = (record: SubscriptionRecord, to: Queue, at: number): void => {
    const wanted = record.batch?.max ?? 1;
    for (let judged = 0; to.ready < wanted && to.held < heldMax; judged += 1) {
      if (!to.hasRoom(ledger, at) || reading) return;
      frontier = nextOpen(ledger, frontier);
      const found = window.at(frontier);
      if (found === 'beyond') return;
      if (judged >= judgedMax) return void setImmediate(pump);
      if (found instanceof Promise) return readOn(found);
      const place = frontier;
      frontier += 1;
      const reason = found === 'gone' ? 'expired' : judge(record, found, at);
      if (reason) pass(place, place, reason);
      else {
        const { key } = (found as Entry).publication;
        to.offer(place, laneFor(record, stream, key), at);
      }
    }
  };

  const readOn = (found: Promise<void>): void => {
    reading = true;
    found.then(
      () => {
        reading = false;
        pump();
      },
      (error: unknown) => {
        options.onFailed(error);
        setTimeout(() => {
          reading = false;
          pump();
        }, 1_000).unref();
      },
    );
  };

  const measureLatency = (places: readonly number[], at: number): void => {
    for (const place of places) {
      const found = window.at(place);
      if (typeof found !== 'object' || found instanceof Promise) continue;
      measures.latency(Math.max(0, at - found.fact.recordedAt));
    }
  };

  const carryOut = async (
    record: SubscriptionRecord,
    sending: Sending,
    job: ReplayId | null,
  ): Promise<Attempt | null> => {
    const at = now();
    const entry = atHand(record, sending, at);
    const { shown, passed } = entry
      ? { shown: [entry], passed: [] }
      : await shownOf(record, sending.places, at);
    for (const { place, reason } of passed) pass(place, place, reason);
    if (shown.length === 0) {
      queue?.settled(sending, null);
      return null;
    }
    const places = shown.map(({ place }) => place);
    const webhookId = sending.webhookId ?? webhookIdOf(stream, places);
    if (sending.cause === 'first') measureLatency(places, at);
    const rest = { ...sending, places };
    const order = { record, sending: rest, webhookId, shown, job, startedAt: now() };
    const sent = await sender.send(order);
    if (!sent) {
      // The process is ending: it stays what it was, for who comes next.
      queue?.settled(sending, webhookId);
      return null;
    }
    settling.take(sending, sent.attempt, sent.gone, queue);
    return sent.attempt;
  };

  const start = (record: SubscriptionRecord, sending: Sending, job: ReplayId | null = null) => {
    const doubtful = isDoubtful();
    return carryOut(record, sending, job)
      .catch((error: unknown) => {
        // Nothing of it was recorded: it is still where it was, and is tried again after a restart of the subscription.
        options.onFailed(error);
        broken = true;
        queue?.settled(sending, sending.webhookId);
        return null;
      })
      .finally(() => {
        slots.free(doubtful);
        if (queue?.inFlight === 0) idle?.();
        pump();
      });
  };
  let broken = false;

  const isDoubtful = (): boolean => ledger.endpoint.failures > 0;

  /** Whether one more request may go out now; where not, it is asked again in time. */
  const mayStart = (at: number): boolean => {
    const doubtful = isDoubtful();
    if (!slots.take(doubtful)) {
      slots.wait(doubtful, pump);
      return false;
    }
    const waitMs = pace?.take(at) ?? 0;
    if (waitMs === 0) return true;
    slots.free(doubtful);
    wakeIn(waitMs);
    return false;
  };

  const wakeIn = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(pump, Math.min(Math.max(1, ms), timerMaxMs));
  };

  const replays = createReplays({
    stream,
    ledger,
    window,
    record: settling.tell,
    judge,
    laneOf: (record, key) => laneFor(record, stream, key),
    start,
    mayStart,
    release: () => slots.free(isDoubtful()),
    now,
  });

  const work = (): void => {
    if (stopping || settling.closed || broken || !options.holds()) return;
    const record = options.record();
    if (record?.status !== 'active') return;
    if (!follow(record) || !queue) return;
    const access = accessOf(record);
    if (access.kind === 'closed') return settling.shut(access.reason, access.since, window.head);
    if (recorder.open >= openMax) return;
    const at = now();
    wakeIn(timerMaxMs);
    for (;;) {
      offerMore(record, queue, at);
      if (queue.wakeAt(ledger, at) > at) break;
      if (!mayStart(at)) return;
      const sending = queue.next(ledger, at);
      if (!sending) {
        slots.free(isDoubtful());
        break;
      }
      void start(record, sending);
    }
    const replayAt = replays.pump(record, queue);
    const wakeAt = Math.min(queue.wakeAt(ledger, at), replayAt);
    if (wakeAt !== Infinity) wakeIn(wakeAt - at);
  };

  const pump = (): void => {
    // Called from within itself, it goes round once more at the end.
    if (again) return;
    again = true;
    queueMicrotask(() => {
      again = false;
      try {
        work();
      } catch (error) {
        options.onFailed(error);
      }
    });
  };
  const silence = window.onMore(pump);

  return {
    pump,
    ordersCame: () => {
      queue?.hurry();
      pump();
    },
    ledger,
    recorder,
    get inFlight() {
      return queue?.inFlight ?? 0;
    },
    get held() {
      return queue?.held ?? 0;
    },
    get lag() {
      const open = window.head - ledger.cursor - spans.sizeOf(ledger.ahead);
      return Math.max(0, open);
    },
    get broken() {
      return broken;
    },
    stop: async (patience) => {
      stopping = true;
      silence();
      clearTimeout(timer);
      if ((queue?.inFlight ?? 0) > 0) {
        await Promise.race([patience, new Promise<void>((resolve) => (idle = resolve))]);
      }
      clearTimeout(timer);
      if (options.record()?.status === 'ended') settling.passRest('ended', window.head);
    },
  };
};
