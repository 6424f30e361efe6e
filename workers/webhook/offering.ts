/**
 * Brings what comes next in the topic before the queue: judges each place once, passes over what is not for the subscription, and looks
 * no further than there is room for. Where the topic has to be read first, it goes on when that is done.
 */
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import type { PassedReason } from '../../domain/delivery/events.js';
import { type Ledger, nextOpen } from '../../domain/delivery/ledger.js';
import type { Queue } from '../../domain/delivery/queue.js';
import type { Judging } from './judging.js';
import type { TopicWindow } from './topicWindows.js';

export interface Offering {
  /** @param at milliseconds since the epoch. */
  more(record: SubscriptionRecord, queue: Queue, at: number): void;
  /** The queue is a new one: everything that is still to do comes before it again. */
  begin(): void;
}

/** Behind their keys; beyond it the topic is not looked at any further. */
const heldMax = 5_000;
/** Looked at before others have their turn. */
const judgedMax = 500;
const readAgainMs = 1_000;

export const createOffering = (options: {
  readonly ledger: Ledger;
  readonly window: TopicWindow;
  readonly judge: Judging['judge'];
  readonly laneOf: (record: SubscriptionRecord, key: string | undefined) => string | null;
  readonly pass: (first: number, last: number, reason: PassedReason) => void;
  /** There is more to look at. */
  readonly wake: () => void;
  readonly onFailed: (error: unknown) => void;
}): Offering => {
  const { ledger, window, judge, laneOf, pass, wake } = options;
  let frontier = 0;
  let reading = false;

  const readOn = (found: Promise<void>): void => {
    const goOn = (): void => {
      reading = false;
      wake();
    };
    reading = true;
    found.then(goOn, (error: unknown) => {
      options.onFailed(error);
      setTimeout(goOn, readAgainMs).unref();
    });
  };

  return {
    begin: () => {
      frontier = 0;
    },
    more: (record, queue, at) => {
      const wanted = record.batch?.max ?? 1;
      for (let judged = 0; queue.ready < wanted && queue.held < heldMax; judged += 1) {
        if (!queue.hasRoom(ledger, at) || reading) return;
        frontier = nextOpen(ledger, frontier);
        const found = window.at(frontier);
        if (found === 'beyond') return;
        if (judged >= judgedMax) return void setImmediate(wake);
        if (found instanceof Promise) return readOn(found);
        const place = frontier;
        frontier += 1;
        const reason = found === 'gone' ? 'expired' : judge(record, found, at);
        if (reason) pass(place, place, reason);
        else if (found !== 'gone') {
          queue.offer(place, laneOf(record, found.attributes.key), at);
        }
      }
    },
  };
};
