/**
 * Replays: what lies between two places of the topic is sent once more, under its old ids, at the rate that was asked for and beside what is
 * new. How far each is stands in the log, so that a restart goes on from there; what fails waits for another attempt like anything else.
 */
import { webhookIdOf } from '../../commands/delivery/webhookId.js';
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import type { Attempt, DeliveryEvent } from '../../domain/delivery/events.js';
import { isAccounted, type Ledger, type Replay } from '../../domain/delivery/ledger.js';
import type { Queue, Sending } from '../../domain/delivery/queue.js';
import * as spans from '../../domain/delivery/spans.js';
import type { ReplayId } from '../../domain/ids.js';
import { attributesOf } from '../../domain/publication/attributes.js';
import { wants } from '../../domain/subscription/filter.js';
import { createPace, type Pace } from './pace.js';
import type { Permits } from './permits.js';
import type { TopicWindow } from './topicWindows.js';
import type { Entry } from './entries.js';

interface Run {
  readonly pace: Pace;
  /** Sent, or passed over, up to here. */
  reached: number;
  readonly inFlight: Set<number>;
  delivered: number;
  failed: number;
  passed: number;
  toldAt: number;
}

export interface Replays {
  /** Sends what may be sent. @returns when to be asked again, milliseconds since the epoch; Infinity: when something happens. */
  pump(record: SubscriptionRecord, queue: Queue): number;
}

const tellEveryMs = 1_000;
const lookedAtMax = 200;
const retryMs = 100;

/** The places that did not arrive, in order, beyond `after`. */
const failedBeyond = (ledger: Ledger, after: number): number | null => {
  let next = Infinity;
  for (const list of [ledger.waiting, ledger.parked]) {
    for (const { places } of list.values()) {
      for (const place of places) if (place > after && place < next) next = place;
    }
  }
  const older = ledger.parkedBefore[spans.indexOf(ledger.parkedBefore, after + 1)];
  if (older) next = Math.min(next, Math.max(older.first, after + 1));
  return next === Infinity ? null : next;
};

export const createReplays = (options: {
  readonly stream: string;
  readonly ledger: Ledger;
  readonly window: TopicWindow;
  readonly record: (event: DeliveryEvent) => void;
  readonly judge: (record: SubscriptionRecord, entry: Entry, at: number) => string | null;
  readonly laneOf: (record: SubscriptionRecord, key: string | undefined) => string | null;
  readonly start: (
    record: SubscriptionRecord,
    sending: Sending,
    giveBack: () => void,
    job: ReplayId,
  ) => Promise<Attempt | null>;
  readonly permit: Permits['take'];
  readonly now: () => number;
}): Replays => {
  const { stream, ledger, window, now } = options;
  const runs = new Map<ReplayId, Run>();

  const runOf = (replay: Replay): Run => {
    const { job, ratePerSecond } = replay.terms;
    let run = runs.get(job);
    if (!run) {
      const { after, delivered, failed, passed } = replay;
      const pace = createPace(ratePerSecond, now());
      run = { pace, reached: after, inFlight: new Set(), delivered, failed, passed, toldAt: now() };
      runs.set(job, run);
    }
    return run;
  };

  const tell = (replay: Replay, run: Run): void => {
    const { job, to } = replay.terms;
    const { delivered, failed, passed } = run;
    const counts = { job, delivered, failed, passed };
    const after = Math.min(run.reached, ...[...run.inFlight].map((place) => place - 1));
    if (run.reached >= to && run.inFlight.size === 0) {
      runs.delete(job);
      return options.record({ type: 'ReplayFinished', data: counts });
    }
    if (after <= replay.after || now() - run.toldAt < tellEveryMs) return;
    run.toldAt = now();
    options.record({ type: 'ReplayAdvanced', data: { ...counts, after } });
  };

  const isUnwanted = (record: SubscriptionRecord, { terms }: Replay, entry: Entry): boolean =>
    options.judge(record, entry, now()) !== null ||
    (terms.filter !== undefined && !wants(terms.filter, attributesOf(entry.attributes)));

  /** One step. @returns when to go on: 0 at once. */
  const step = (record: SubscriptionRecord, queue: Queue, replay: Replay, run: Run): number => {
    const { job, to, status } = replay.terms;
    const wanted = status === 'failed' ? failedBeyond(ledger, run.reached) : run.reached + 1;
    const place = wanted === null || wanted > to ? to + 1 : wanted;
    if (place > to) {
      run.reached = to;
      return Infinity;
    }
    const found = window.at(place);
    if (found instanceof Promise) {
      void found.catch(() => undefined);
      return now() + retryMs;
    }
    const isOpen = !isAccounted(ledger, place); // it is on its way as it is
    if (typeof found === 'string' || isOpen || isUnwanted(record, replay, found)) {
      run.reached = place;
      run.passed += 1;
      return 0;
    }
    const lane = options.laneOf(record, found.attributes.key);
    const webhookId = webhookIdOf(stream, [place]);
    const giveBack = options.permit(now());
    if (!giveBack) return Infinity;
    const waitMs = run.pace.take(now());
    const sending = waitMs > 0 ? null : queue.replay(place, webhookId, lane, ledger, now());
    if (!sending) {
      giveBack();
      return now() + Math.max(waitMs, waitMs > 0 ? 0 : retryMs);
    }
    run.reached = place;
    run.inFlight.add(place);
    void options.start(record, sending, giveBack, job).then((attempt) => {
      run.inFlight.delete(place);
      if (!attempt) run.passed += 1;
      else if (attempt.outcome === 'delivered') run.delivered += 1;
      else run.failed += 1;
    });
    return 0;
  };

  return {
    pump: (record, queue) => {
      let wakeAt = Infinity;
      for (const replay of ledger.replays.values()) {
        if (replay.status !== 'running') {
          runs.delete(replay.terms.job);
          continue;
        }
        const run = runOf(replay);
        let next = 0;
        for (let looked = 0; next === 0 && looked < lookedAtMax; looked += 1) {
          next = step(record, queue, replay, run);
        }
        tell(replay, run);
        wakeAt = Math.min(wakeAt, next === 0 ? now() + 1 : next);
        if (run.toldAt + tellEveryMs > now()) wakeAt = Math.min(wakeAt, run.toldAt + tellEveryMs);
      }
      return wakeAt;
    },
  };
};
