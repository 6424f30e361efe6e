/** Settings that bound what clients, time and memory may take. */
import { integer } from './kinds.js';
import { setting } from './setting.js';

export const limitSettings = {
  bodyLimitBytes: setting({
    env: 'KOPILKA_BODY_LIMIT_BYTES',
    kind: integer(1_024, 67_108_864),
    default: '262144',
    description: 'Largest request body in bytes.',
  }),
  rateLimitPerSecond: setting({
    env: 'KOPILKA_RATE_LIMIT_PER_SECOND',
    kind: integer(0, 1_000_000),
    default: '10000',
    description:
      'Requests a second of one till, app or operator, twice that at once; 0 for no limit.',
  }),
  exchangeStreams: setting({
    env: 'KOPILKA_EXCHANGE_STREAMS',
    kind: integer(0, 100_000),
    default: '1000',
    description: 'Most streams of events (server-sent events) that one process keeps open.',
  }),
  exchangeStreamsPerPartner: setting({
    env: 'KOPILKA_EXCHANGE_STREAMS_PER_PARTNER',
    kind: integer(1, 100_000),
    default: '20',
    description: 'Most of them of one partner.',
  }),
  requestTimeoutMs: setting({
    env: 'KOPILKA_REQUEST_TIMEOUT_MS',
    kind: integer(100, 600_000),
    default: '30000',
    description: 'Longest time to answer a request, in milliseconds.',
  }),
  shutdownDeadlineMs: setting({
    env: 'KOPILKA_SHUTDOWN_DEADLINE_MS',
    kind: integer(100, 600_000),
    default: '10000',
    description:
      'Longest time from the signal to stop until the end of the process, in milliseconds.',
  }),
  accountCacheEntries: setting({
    env: 'KOPILKA_ACCOUNT_CACHE_ENTRIES',
    kind: integer(0, 10_000_000),
    default: '100000',
    description: 'Accounts kept in memory between commands.',
  }),
} as const;
