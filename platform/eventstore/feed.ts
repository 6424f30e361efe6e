/**
 * Subscriptions to $all that never give up: on any error a new one starts after the last item that was handed out (supervise.ts).
 *
 * The client announces checkpoints and "caught up" beside the stream of events, ahead of those still buffered. Both are pushed into
 * the subscription's own buffer here, so that items come out in the order in which the server sent them.
 */
import { BACKWARDS, END, type EventStoreDBClient, START } from '@eventstore/db-client';
import type { Position } from '../../domain/fact.js';
import type { Feed, FeedFilter, FeedItem } from '../../projections/feed.js';
import type { Codec } from './codec.js';
import { createDeadlines } from './deadlines.js';
import { drain } from './drain.js';
import { isWanted, serverFilter } from './filter.js';
import { collect } from './reading.js';
import { supervise } from './supervise.js';

type Subscription = ReturnType<EventStoreDBClient['subscribeToAll']>;

/** Items that the client buffers ahead of us. */
const buffered = 512;
/** Times 32 events that were looked at and not let through. */
const checkpointInterval = 32;
const headDeadlineMs = 10_000;

export const createFeed = (
  client: EventStoreDBClient,
  codec: Codec,
  onInterrupted: (error: unknown, attempt: number) => void = () => undefined,
): Feed => {
  const deadlines = createDeadlines();

  const subscribe: Feed['subscribe'] = ({ from, filter, signal }) => {
    let last = from;
    return supervise({
      signal,
      onInterrupted,
      open: () => {
        const subscription = open(client, last, filter);
        const items = drain(subscription, signal, (next) => {
          const item = asItem(next, codec);
          if (item.kind === 'fact') last = item.fact.position;
          if (item.kind === 'checkpoint') last = item.position;
          return item.kind !== 'fact' || isWanted(item.fact.stream, filter) ? item : undefined;
        });
        return { [Symbol.asyncIterator]: () => items, close: () => close(subscription) };
      },
    });
  };

  const head = async (): Promise<Position | null> => {
    const reading = client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 });
    const [event] = await collect(reading, '$all', deadlines, headDeadlineMs);
    return event?.position?.commit ?? null;
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
      filter: serverFilter(filter, {
        checkpointInterval,
        checkpointReached: (_, { commit }) =>
          void subscription.push({ kind: 'checkpoint', position: commit } satisfies FeedItem),
      }),
    },
    { highWaterMark: buffered },
  );
  subscription.on('caughtUp', () => subscription.push({ kind: 'caughtUp' } satisfies FeedItem));
  return subscription;
};

const close = (subscription: Subscription): void => {
  void subscription.unsubscribe().catch(() => undefined);
  subscription.destroy();
};

const asItem = (next: unknown, codec: Codec): FeedItem => {
  if ((next as FeedItem).kind) return next as FeedItem;
  const { event } = next as { event: Parameters<Codec['decode']>[0] };
  return { kind: 'fact', fact: codec.decode(event, event.position?.commit ?? 0n) };
};
