/**
 * Subscriptions to $all that never give up: on any error a new one starts after the last item that was handed out.
 *
 * The client announces checkpoints and "caught up" beside the stream of events, ahead of those still buffered. Both are pushed into
 * the subscription's own buffer here, so that items come out in the order in which the server sent them.
 */
import {
  BACKWARDS,
  END,
  type EventStoreDBClient,
  eventTypeFilter,
  excludeSystemEvents,
  type Filter,
  START,
  streamNameFilter,
} from '@eventstore/db-client';
import type { Position } from '../../domain/fact.js';
import type { Feed, FeedFilter, FeedItem } from '../../projections/feed.js';
import type { Codec } from './codec.js';

type Subscription = ReturnType<EventStoreDBClient['subscribeToAll']>;

/** Items that the client buffers ahead of us. */
const buffered = 512;
/** Times 32 events that were looked at and not let through. */
const checkpointInterval = 32;

export const createFeed = (
  client: EventStoreDBClient,
  codec: Codec,
  onInterrupted: (error: unknown, attempt: number) => void = () => undefined,
): Feed => {
  async function* subscribe({
    from,
    filter,
    signal,
  }: Parameters<Feed['subscribe']>[0]): AsyncGenerator<FeedItem> {
    let last = from;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const subscription = open(client, last, filter);
      const stop = () => void subscription.unsubscribe().catch(() => undefined);
      signal.addEventListener('abort', stop, { once: true });
      try {
        for await (const item of items(subscription, codec, signal)) {
          if (item.kind === 'fact') last = item.fact.position;
          if (item.kind === 'checkpoint') last = item.position;
          attempt = 0;
          if (item.kind === 'fact' && !wanted(item.fact.stream, filter)) continue;
          yield item;
        }
      } catch (error) {
        if (signal.aborted) return;
        onInterrupted(error, attempt);
      } finally {
        signal.removeEventListener('abort', stop);
        stop();
        subscription.destroy();
      }
      await pause(backOffMs(Math.max(attempt, 1)), signal);
    }
  }

  const head = async (): Promise<Position | null> => {
    const reading = client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 });
    for await (const { event } of reading) {
      if (event?.position) return event.position.commit;
    }
    return null;
  };

  return { subscribe, head };
};

const open = (
  client: EventStoreDBClient,
  from: Position | null,
  filter: FeedFilter,
): Subscription => {
  const subscription: Subscription = client.subscribeToAll(
    {
      fromPosition: from === null ? START : { commit: from, prepare: from },
      filter: serverFilter(filter, ({ commit }) => {
        subscription.push({ kind: 'checkpoint', position: commit } satisfies FeedItem);
      }),
    },
    { highWaterMark: buffered },
  );
  subscription.on('caughtUp', () => subscription.push({ kind: 'caughtUp' } satisfies FeedItem));
  return subscription;
};

/** The server filters on one thing only; where both are asked for, stream names are checked here. */
const serverFilter = (
  filter: FeedFilter,
  onCheckpoint: (position: { commit: bigint }) => void,
): Filter => {
  const options = {
    checkpointInterval,
    checkpointReached: (_: unknown, position: { commit: bigint }) => onCheckpoint(position),
  };
  if (filter.eventTypes) {
    return eventTypeFilter({ regex: `^(${filter.eventTypes.join('|')})$`, ...options });
  }
  if (filter.streamPrefixes) {
    return streamNameFilter({ prefixes: [...filter.streamPrefixes], ...options });
  }
  return excludeSystemEvents(options);
};

const wanted = (stream: string, filter: FeedFilter): boolean =>
  !filter.eventTypes ||
  !filter.streamPrefixes ||
  filter.streamPrefixes.some((prefix) => stream.startsWith(prefix));

/** Drains what is buffered in one go and waits only when nothing is: cheaper than the stream's own iterator. */
async function* items(
  subscription: Subscription,
  codec: Codec,
  signal: AbortSignal,
): AsyncGenerator<FeedItem> {
  let failure: unknown = null;
  let ended = false;
  let wake = (): void => undefined;
  subscription.on('error', (error) => {
    failure = error;
    wake();
  });
  for (const name of ['end', 'close'] as const) {
    subscription.on(name, () => {
      ended = true;
      wake();
    });
  }
  subscription.on('readable', () => wake());
  signal.addEventListener('abort', () => wake(), { once: true });
  for (;;) {
    for (;;) {
      if (signal.aborted) return;
      const next: unknown = subscription.read();
      if (next === null) break;
      yield asItem(next, codec);
    }
    if (failure) throw failure;
    if (ended) throw new Error('the subscription ended');
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

const asItem = (next: unknown, codec: Codec): FeedItem => {
  if ((next as FeedItem).kind) return next as FeedItem;
  const { event } = next as { event: Parameters<Codec['decode']>[0] };
  return { kind: 'fact', fact: codec.decode(event, event.position?.commit ?? 0n) };
};

const backOffMs = (attempt: number): number =>
  Math.min(100 * 2 ** (attempt - 1), 5_000) * (0.5 + Math.random() / 2);

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
