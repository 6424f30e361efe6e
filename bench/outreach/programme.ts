/** A running Kopilka that messages are asked of, over its own API, and what its queue says of them. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { openSession } from '../../cli/http/session.js';
import type { RunOptions } from '../bench.js';
import { type Product, startProduct } from '../product/product.js';
import { postgresUrl } from '../product/stores.js';

export interface Programme {
  readonly product: Product;
  readonly pool: pg.Pool;
  post<Body>(path: string, body: object, method?: 'POST' | 'PUT'): Promise<Body>;
  /** Asks for as many, alike but for their recipients, in batches. @param from of the numbers of their recipients. */
  request(messages: number, each: object, from?: number): Promise<void>;
  /** Until as many are delivered on the channel. @returns when the first attempt was begun and the last message was over, ms. */
  delivered(channel: string, messages: number, deadlineMs: number): Promise<Span>;
  stop(): Promise<void>;
}

export interface Span {
  readonly firstAt: number;
  readonly lastAt: number;
}

const batch = 1_000;
const pollMs = 50;

const addressOf = (channel: string, number: number): object =>
  channel === 'email'
    ? { email: `nobody${number}@example.com` }
    : { phone: `+3712${String(1_000_000 + number)}` };

export const openProgramme = async (
  options: Pick<RunOptions, 'cleanup' | 'profileDir'>,
  dataDir: string,
  roles: string,
  logLevel = 'warn',
): Promise<Programme> => {
  const { cleanup, profileDir } = options;
  const product = await startProduct({
    cleanup,
    profileDir,
    dataDir,
    env: {
      KOPILKA_ROLES: roles,
      KOPILKA_LOG_LEVEL: logLevel,
      KOPILKA_WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8',
    },
  });
  const session = await openSession({ data: product.dataDir });
  const pool = new pg.Pool({ connectionString: postgresUrl(product), max: 2 });
  pool.on('error', () => undefined);
  const close = cleanup.add(async () => {
    session.close();
    await pool.end().catch(() => undefined);
  });
  const post: Programme['post'] = async <Body>(
    path: string,
    body: object,
    method: 'POST' | 'PUT' = 'POST',
  ) => (await session.send<Body>({ method, path, body, idempotencyKey: randomUUID() })).body;

  const spanOf = async (channel: string): Promise<Span & { readonly count: number }> => {
    const { rows } = await pool.query<{ count: string; first: number; last: number }>(
      `select count(*) as count, min((state::jsonb #>> '{attempts,0,startedAt}')::float) as first,
        max((state::jsonb ->> 'endedAt')::float) as last
       from read.outbox_messages where channel = $1 and status = 'delivered'`,
      [channel],
    );
    return {
      count: Number(rows[0]?.count ?? 0),
      firstAt: Number(rows[0]?.first ?? 0),
      lastAt: Number(rows[0]?.last ?? 0),
    };
  };

  const open = async (channel: string): Promise<number> => {
    const { rows } = await pool.query<{ open: string }>(
      `select (select count(*) from read.outbox_ready where channel = $1)
        + (select count(*) from read.outbox_scheduled where channel = $1) as open`,
      [channel],
    );
    return Number(rows[0]?.open ?? 0);
  };

  return {
    product,
    pool,
    post,
    request: async (messages, each, from = 0) => {
      const { channel } = each as { readonly channel: string };
      for (let start = 0; start < messages; start += batch) {
        const count = Math.min(batch, messages - start);
        const asked = Array.from({ length: count }, (_, index) => ({
          ...each,
          recipient: addressOf(channel, from + start + index),
        }));
        await post('/outreach/v1/messages', { messages: asked });
      }
    },
    delivered: async (channel, messages, deadlineMs) => {
      const until = performance.now() + deadlineMs;
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, pollMs));
        const left = await open(channel).catch(() => -1);
        if (left === 0) {
          const { count, ...span } = await spanOf(channel);
          if (count >= messages) return span;
        }
        if (performance.now() > until) throw new Error(`${left} of ${messages} were left in time`);
      }
    },
    stop: async () => {
      await close();
      await product.stop();
    },
  };
};
