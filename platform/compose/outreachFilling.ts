/**
 * The queue's tables, filled from the log by whoever comes first of all processes; and what those who send are told of it, here and
 * elsewhere. One-time passwords are heard of in the log itself, since the tables may be far behind where a hundred thousand messages were
 * accepted at once.
 */
import type pg from 'pg';
import { MessageAccepted } from '../../domain/message/events.js';
import { changesOf } from '../../domain/message/message.js';
import type { Fact, Position } from '../../domain/fact.js';
import type { Feed } from '../../projections/feed.js';
import type { GivingWay } from '../../projections/givingWay.js';
import { outboxTelling, type QueueNews } from '../../projections/outbox/outbox.js';
import { pause } from '../../projections/pause.js';
import {
  type ProjectionLogger,
  type RunningProjections,
  startProjections,
} from '../../projections/runner.js';
import { openQueueNews } from './queueNews.js';

export interface FillingOptions {
  readonly feed: Feed;
  readonly pool: pg.Pool;
  readonly logger: ProjectionLogger;
  readonly processId: string;
  readonly signal: AbortSignal;
  /** Other work is to be disturbed as little as possible. */
  readonly givesWay: () => boolean;
  readonly turns?: GivingWay | undefined;
  readonly onNews: (news: readonly QueueNews[]) => void;
  /** Anything may have changed. */
  readonly onAnything: () => void;
  readonly onAccepted: (fact: Fact) => void;
  readonly onTrouble: (error: unknown) => void;
}

export interface Filling {
  /** The tables know what the log held when this began, or another process fills them. */
  readonly ready: Promise<void>;
  /** @throws what the feed throws */
  readonly ended: Promise<void>;
}

/** Facts come one by one or in floods: company is waited for only for a moment. */
const lingerMaxMs = 20;
/** Changes of messages in one transaction: nothing else is done in this thread while they are worked out. */
const batchMax = { usual: 300, least: 60 } as const;
const weightOf = (fact: Fact): number => Math.max(1, changesOf(fact).length);
/** Of a queue that nobody fills any more: it is filled here. */
const takeOverMs = 1_000;

/** @param from of what is accepted: where the log ended before */
export const fillQueue = (options: FillingOptions, from: Position | null): Filling => {
  const { feed, pool, logger, processId, signal, onTrouble } = options;
  let written: QueueNews[] = [];
  const filling = startProjections({
    feed,
    pool,
    logger,
    signal,
    lingerMaxMs,
    batches: { max: () => (options.givesWay() ? batchMax.least : batchMax.usual), weightOf },
    projections: [outboxTelling((news) => void written.push(...news))],
    ownEventsOnly: true,
    ...(options.turns && { givingWay: options.turns }),
    retry: { quietMs: takeOverMs },
  });
  const { onNews, onAnything } = options;
  const news = openQueueNews({ pool, processId, onTrouble, onNews, onAnything });
  filling.advanced.subscribe(() => {
    if (written.length === 0) return;
    onNews(written);
    news.tell(written);
    written = [];
  });

  const followRequests = async (): Promise<void> => {
    const filter = { eventTypes: [MessageAccepted.type] };
    for await (const item of feed.subscribe({ from, filter, signal })) {
      if (item.kind === 'fact') options.onAccepted(item.fact);
    }
  };

  const ready = Promise.race([filling.caughtUp, filling.stopped, filledElsewhere(filling, signal)]);
  const telling = ready.then(() => news.run(signal));
  return {
    ready,
    ended: Promise.all([filling.stopped, telling, followRequests()]).then(() => undefined),
  };
};

const lookMs = 50;
/** Another process fills the queue. */
const filledElsewhere = async (
  { states }: RunningProjections,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted && !states().some(({ state }) => state === 'standingBy')) {
    await pause(lookMs, signal);
  }
};
