/** What a batch brought to the queue, for those who wait for work. */
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
}

export const newsOf = (all: readonly Moved[]): QueueNews[] => {
  const news = new Map<string, QueueNews>();
  for (const { tenant, lane, before, after } of all) {
    const { readyAt, dueAt } = after.place;
    const isReady = readyAt !== null && readyAt !== before?.place.readyAt;
    if (!isReady && dueAt === null) continue;
    const window = { tenant, lane, class: after.message.class, channel: channelOf(after.message) };
    const key = `${tenant} ${lane} ${window.class} ${window.channel}`;
    const known = news.get(key);
    const first = Math.min(known?.dueAt ?? Infinity, dueAt ?? Infinity);
    news.set(key, {
      ...window,
      ready: isReady || (known?.ready ?? false),
      dueAt: first === Infinity ? null : first,
    });
  }
  return [...news.values()];
};
