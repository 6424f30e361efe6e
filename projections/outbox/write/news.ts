/** What a batch brought to the queue, for those who wait for work. */
import { isToSend } from '../place.js';
import { channelOf, type Moved } from './moved.js';

/** What there is to do anew in a window: what one lane has of one class on one channel. */
export interface QueueNews {
  readonly tenant: string;
  readonly lane: number;
  readonly class: string;
  readonly channel: string;
  /** Something is ready. */
  readonly ready: boolean;
  /** When the first of what was scheduled is due; milliseconds since the epoch. */
  readonly dueAt: number | null;
  /** The same of what is sent then; null: there is nothing of that kind. */
  readonly sendAt: number | null;
}

/** Key of what is told together. */
export const newsKey = ({ tenant, lane, class: of, channel }: QueueNews): string =>
  `${tenant} ${lane} ${of} ${channel}`;

const first = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);

/** Both of the same window. */
export const joined = (one: QueueNews | undefined, other: QueueNews): QueueNews =>
  one
    ? {
        ...one,
        ready: one.ready || other.ready,
        dueAt: first(one.dueAt, other.dueAt),
        sendAt: first(one.sendAt, other.sendAt),
      }
    : other;

export const newsOf = (all: readonly Moved[]): QueueNews[] => {
  const news = new Map<string, QueueNews>();
  for (const { tenant, lane, before, after } of all) {
    const { readyAt, dueAt, waitsFor } = after.place;
    const isReady = readyAt !== null && readyAt !== before?.place.readyAt;
    if (!isReady && dueAt === null) continue;
    const one: QueueNews = {
      tenant,
      lane,
      class: after.message.class,
      channel: channelOf(after.message),
      ready: isReady,
      dueAt,
      sendAt: isToSend(waitsFor) ? dueAt : null,
    };
    const key = newsKey(one);
    news.set(key, joined(news.get(key), one));
  }
  return [...news.values()];
};
