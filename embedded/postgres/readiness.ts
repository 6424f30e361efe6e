/**
 * Waits until the server accepts a connection. While it says that it is starting up (recovery after a crash may
 * take minutes with much log to replay), the wait goes on; silence ends it at the deadline.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Server } from './server.js';
import type { EmbeddedPostgresLogger } from './logger.js';

const silenceDeadlineMs = 30_000;
const recoveryDeadlineMs = 15 * 60_000;
const recoveryNoticeMs = 5_000;
const firstPauseMs = 10;
const longestPauseMs = 200;
const startingUp = '57P03';

type Answer = 'ready' | 'starting' | Error;

const ask = async (config: pg.ClientConfig): Promise<Answer> => {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return 'ready';
  } catch (error) {
    return (error as { code?: string }).code === startingUp ? 'starting' : (error as Error);
  } finally {
    await client.end().catch(() => {});
  }
};

/** @throws when the server ends or stays silent; the caller adds the log's last lines. */
export const untilReady = async (
  server: Server,
  config: pg.ClientConfig,
  logger: EmbeddedPostgresLogger,
): Promise<void> => {
  const begunMs = performance.now();
  let heardMs = begunMs;
  let noticedMs = begunMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
    const answer = await ask(config);
    if (answer === 'ready') return;
    const exit = server.exit();
    if (exit !== undefined) {
      throw new Error(`PostgreSQL ended while starting (${exit.signal ?? `code ${exit.code}`})`);
    }
    const nowMs = performance.now();
    if (answer === 'starting') heardMs = nowMs;
    if (nowMs - heardMs > silenceDeadlineMs || nowMs - begunMs > recoveryDeadlineMs) {
      throw new Error('PostgreSQL did not become ready in time', { cause: answer });
    }
    if (nowMs - noticedMs > recoveryNoticeMs) {
      noticedMs = nowMs;
      logger.info({ waitedMs: Math.round(nowMs - begunMs) }, 'waiting for PostgreSQL');
    }
    await sleep(pauseMs);
  }
};
