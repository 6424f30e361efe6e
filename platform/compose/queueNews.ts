/**
 * Tells the other processes that send what was written into the queue, by NOTIFY: as much as came together in one notification, and none where
 * there are no others, since each takes a lock of the whole server when it is committed. Whoever hears nothing looks by itself.
 */
import type pg from 'pg';
import { joined, newsKey, type QueueNews } from '../../projections/outbox/outbox.js';
import { pause } from '../../projections/pause.js';

export interface NewsOfQueue {
  /** Those who send elsewhere are told within some milliseconds. */
  tell(news: readonly QueueNews[]): void;
  /** Listens, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

const channel = 'kopilka_outbox';
const gatherMs = 15;
const payloadMax = 7_000;
const countEveryMs = 2_000;

interface Payload {
  readonly from: string;
  /** Null: more than a notification holds. */
  readonly news: readonly QueueNews[] | null;
}

export const openQueueNews = (options: {
  readonly pool: pg.Pool;
  readonly processId: string;
  readonly onNews: (news: readonly QueueNews[]) => void;
  readonly onAnything: () => void;
  readonly onTrouble: (error: unknown) => void;
}): NewsOfQueue => {
  const { pool, processId, onNews, onAnything, onTrouble } = options;
  const waiting = new Map<string, QueueNews>();
  let others = false;
  let timer: NodeJS.Timeout | null = null;

  const hear = (text: string): void => {
    const { from, news } = JSON.parse(text) as Payload;
    if (from === processId) return;
    if (news === null) onAnything();
    else onNews(news);
  };

  const send = async (): Promise<void> => {
    const news = [...waiting.values()];
    waiting.clear();
    let text = JSON.stringify({ from: processId, news } satisfies Payload);
    if (text.length > payloadMax) {
      text = JSON.stringify({ from: processId, news: null } satisfies Payload);
    }
    await pool.query({
      name: 'tell-outbox',
      text: 'select pg_notify($1, $2)',
      values: [channel, text],
    });
  };

  const listen = async (signal: AbortSignal): Promise<void> => {
    const client = await pool.connect();
    let broken: Error | undefined;
    const over = new Promise<void>((resolve) => {
      client.once('error', (error) => {
        broken = error;
        resolve();
      });
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    client.on('notification', ({ payload }) => payload !== undefined && hear(payload));
    try {
      await client.query(`listen ${channel}`);
      onAnything();
      await over;
    } finally {
      client.removeAllListeners('notification');
      client.release(broken ?? true);
    }
  };

  const count = async (): Promise<void> => {
    const { rowCount } = await pool.query({
      name: 'other-outreach-owners',
      text: `select from kopilka.outreach_owners
        where split_part(owner, '/', 1) <> $1 and seen_at > now() - interval '10 seconds' limit 1`,
      values: [processId],
    });
    others = (rowCount ?? 0) > 0;
  };

  const again = async (
    signal: AbortSignal,
    everyMs: number,
    work: () => Promise<void>,
  ): Promise<void> => {
    while (!signal.aborted) {
      await work().catch(onTrouble);
      await pause(everyMs, signal);
    }
  };

  return {
    tell: (news) => {
      if (!others) return;
      for (const one of news) {
        const key = newsKey(one);
        waiting.set(key, joined(waiting.get(key), one));
      }
      timer ??= setTimeout(() => {
        timer = null;
        send().catch(onTrouble);
      }, gatherMs);
    },
    run: async (signal) => {
      await Promise.all([
        again(signal, 1_000, () => listen(signal)),
        again(signal, countEveryMs, count),
      ]);
      if (timer) clearTimeout(timer);
    },
  };
};
