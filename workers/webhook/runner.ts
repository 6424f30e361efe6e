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
import type { Ledger } from '../../domain/delivery/ledger.js';
import {
  createQueue,
  type Queue,
  type QueueTerms,
  type Sending,
} from '../../domain/delivery/queue.js';
import * as spans from '../../domain/delivery/spans.js';
import type { ReplayId } from '../../domain/ids.js';
import type { Ailing } from './ailing.js';
import { createJudging } from './judging.js';
import { createOffering } from './offering.js';
import { createPermits } from './permits.js';
import type { Recorder } from './recorder.js';
import type { Shown } from './rendering.js';
import { createReplays } from './replays.js';
import { laneFor, type Sender } from './sender.js';
import { createSettling, type DeliveryMeasures, type DisablingCause } from './settling.js';
import type { Slots } from './slots.js';
import type { TopicWindow } from './topicWindows.js';
import type { Turns } from './turns.js';

export interface RunnerOptions {
  readonly stream: string;
  readonly record: () => SubscriptionRecord | undefined;
  readonly directory: Pick<Directory, 'exchange'>;
  readonly ledger: Ledger;
  readonly window: TopicWindow;
  readonly sender: Sender;
  readonly recorder: Recorder;
  readonly slots: Slots;
  readonly turns: Turns;
  readonly ailing: Ailing;
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

/** Outcomes that are not recorded yet. */
const openMax = 2_000;
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
  const { ailing, turns } = options;
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
  let stopping = false;
  let idle: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let again = false;
  let broken = false;

  /** Takes over what was changed; the order of things only when nothing is under way. @returns false: not yet. */
  const follow = (record: SubscriptionRecord): boolean => {
    if (record === known && queue) return true;
    const wanted = queueTermsOf(record);
    const changed = !terms || !isSame(terms, wanted);
    if (changed && queue && queue.inFlight > 0) return false;
    if (changed) {
      terms = wanted;
      queue = createQueue(wanted, ledger);
      offering.begin();
    }
    permits.limit(rateOf(record), now());
    known = record;
    return true;
  };

  const measureLatency = (shown: readonly Shown[], at: number): void => {
    for (const { recordedAt } of shown) {
      if (recordedAt !== undefined) measures.latency(Math.max(0, at - recordedAt));
    }
  };

  /** What may be shown of it now; null: nothing of it, and it is settled. */
  const shownNow = async (
    record: SubscriptionRecord,
    sending: Sending,
    at: number,
  ): Promise<readonly Shown[] | null> => {
    const { shown, passed } = await shownOf(record, sending.places, at);
    for (const { place, reason } of passed) pass(place, place, reason);
    if (shown.length > 0) return shown;
    queue?.settled(sending, null);
    return null;
  };

  /** @param giveBack the permit, when it is over. */
  const start = async (
    record: SubscriptionRecord,
    sending: Sending,
    giveBack: () => void,
    job: ReplayId | null = null,
  ): Promise<Attempt | null> => {
    // All in one: each promise more is made, waited for and collected some ten thousand times a second.
    try {
      const at = now();
      const entry = atHand(record, sending, at);
      const shown = entry ? [entry] : await shownNow(record, sending, at);
      if (!shown) return null;
      const places = entry ? sending.places : shown.map(({ place }) => place);
      const webhookId = sending.webhookId ?? webhookIdOf(stream, places);
      if (sending.cause === 'first') measureLatency(shown, at);
      const startedAt = entry ? at : now();
      const rest = entry ? sending : { ...sending, places };
      const sent = await sender.send({ record, sending: rest, webhookId, shown, job, startedAt });
      if (!sent) {
        // The process is ending: it stays what it was, for who comes next.
        queue?.settled(sending, webhookId);
        return null;
      }
      ailing.saw(sent.attempt, now());
      settling.take(sending, sent.attempt, sent.gone, queue);
      return sent.attempt;
    } catch (error) {
      // Nothing of it was recorded: it is still where it was, and is tried again after a restart of the subscription.
      options.onFailed(error);
      broken = true;
      queue?.settled(sending, sending.webhookId);
      return null;
    } finally {
      giveBack();
      if (queue?.inFlight === 0) idle?.();
      pump();
    }
  };

  const wakeIn = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(pump, Math.min(Math.max(1, ms), timerMaxMs));
  };

  /**
   * What answers of this turn of the loop made room for is begun together when all of them are settled: begun after each, answers and requests
   * take turns, and the code of one likely drives that of the other from the processor's caches. Measured in turns: a tenth to a fifth less of the
   * thread's time for a delivery.
   */
  const pump = (): void => {
    // Called from within itself, it goes round once more at the end.
    if (again) return;
    again = true;
    if (isDoubtful() || ailing.is(now())) return turns.later(workOnce);
    turns.sound();
    setImmediate(workOnce);
  };
  const workOnce = (): void => {
    again = false;
    try {
      work();
    } catch (error) {
      options.onFailed(error);
    }
  };

  const isDoubtful = (): boolean => ledger.endpoint.failures > 0;
  const laneOf = (record: SubscriptionRecord, key: string | undefined): string | null =>
    laneFor(record, stream, key);
  const permits = createPermits({
    slots: options.slots.open(),
    isDoubtful,
    onRoom: pump,
    wakeIn,
  });
  const { onFailed } = options;
  const offering = createOffering({ ledger, window, judge, laneOf, pass, wake: pump, onFailed });
  const replays = createReplays({
    stream,
    ledger,
    window,
    record: settling.tell,
    judge,
    laneOf,
    start,
    permit: permits.take,
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
      offering.more(record, queue, at);
      if (queue.wakeAt(ledger, at) > at) break;
      const giveBack = permits.take(at);
      if (!giveBack) return;
      const sending = queue.next(ledger, at);
      if (!sending) {
        giveBack();
        break;
      }
      void start(record, sending, giveBack);
    }
    const replayAt = replays.pump(record, queue);
    const wakeAt = Math.min(queue.wakeAt(ledger, at), replayAt);
    if (wakeAt !== Infinity) wakeIn(wakeAt - at);
  };

  /** What waits for another attempt is before the cursor. */
  const neededPlace = (): number => {
    let first = ledger.cursor + 1;
    for (const { places } of ledger.waiting.values()) first = Math.min(first, places[0] ?? first);
    return first;
  };
  const silence = window.onMore(pump, neededPlace);

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
