/**
 * The workers of this process: each runs until it is told to stop, and what fails in one is logged and tried again by itself.
 */
import { setMaxListeners } from 'node:events';
import type pg from 'pg';
import type { Handler } from '../../commands/handle.js';
import type { Log } from '../../commands/log.js';
import type { PersonalData } from '../../commands/personalData.js';
import { createSeeds } from '../../commands/seeds.js';
import { dueAccounts } from '../../projections/balances/dueAccounts.js';
import type { Feed } from '../../projections/feed.js';
import { dueCards } from '../../projections/giftCards/queries.js';
import { createCouponGrantsWorker } from '../../workers/couponGrants.js';
import { createCouponsWorker } from '../../workers/coupons.js';
import { createBudgetsWorker } from '../../workers/budgets.js';
import { dormantUntil } from '../../workers/dormant.js';
import { createDrawEntries } from '../../workers/drawEntries.js';
import { createGiftCardExpiry } from '../../workers/giftCardExpiry.js';
import { createGiftCardsWorker, giftCardTriggers } from '../../workers/giftCards.js';
import { createPointsTimer } from '../../workers/pointsTimer.js';
import { createPrizesWorker, prizeTriggers } from '../../workers/prizes.js';
import { createReferralsWorker } from '../../workers/referrals.js';
import { createReservationsWorker } from '../../workers/reservations.js';
import { createTierCalendar } from '../../workers/tierCalendar.js';
import { createTierReviews } from '../../workers/tierReviews.js';
import type { Logger } from '../logging.js';
import { createPostgresPersonalKeys } from '../postgres/personalKeys.js';
import { createWorkerCheckpoints } from '../postgres/workerCheckpoints.js';
import { openSegments } from './segments.js';

/** More would be a leak, which Node then warns of. */
const listenersMax = 100;

export interface Workers {
  /** Ends what is under way. Twice is safe. */
  stop(): Promise<void>;
}

export const openWorkers = (parts: {
  readonly handler: Handler;
  readonly log: Log;
  readonly feed: Feed;
  readonly pool: pg.Pool;
  readonly personalData: PersonalData;
  readonly logger: Logger;
  readonly now: () => number;
}): Workers => {
  const { handler, log, feed, pool, personalData, now } = parts;
  const logger = parts.logger.child({ component: 'workers' });
  const stopping = new AbortController();
  // Each worker listens to it, and its subscriptions besides.
  setMaxListeners(listenersMax, stopping.signal);
  const failed = (worker: string) => (error: unknown) =>
    logger.warn({ err: error, worker }, 'a worker failed and tries again');

  const reservations = createReservationsWorker({
    feed,
    handler,
    log,
    personalData,
    checkpoints: createWorkerCheckpoints(pool),
    now,
    onFailed: failed('reservations'),
    onConflict: ({ stream, type, revision }, { code, details }) =>
      logger.warn({ stream, type, revision, code, details }, 'a reservation belongs to another'),
  });
  const coupons = createCouponsWorker({
    feed: dormantUntil(feed, ['CouponReserved']),
    handler,
    log,
    checkpoints: createWorkerCheckpoints(pool),
    now,
    onFailed: failed('coupons'),
  });
  const couponGrants = createCouponGrantsWorker({
    feed,
    handler,
    checkpoints: createWorkerCheckpoints(pool),
    now,
    onFailed: failed('couponGrants'),
  });
  const budgets = createBudgetsWorker({
    feed: dormantUntil(feed, ['BudgetReserved']),
    handler,
    checkpoints: createWorkerCheckpoints(pool),
    now,
    onFailed: failed('budgets'),
  });
  const giftCards = createGiftCardsWorker({
    feed: dormantUntil(feed, giftCardTriggers),
    handler,
    log,
    checkpoints: createWorkerCheckpoints(pool),
    now,
    onFailed: failed('giftCards'),
  });
  const giftCardExpiry = createGiftCardExpiry({
    handler,
    now,
    dueCards: { due: (asOf, limit) => dueCards(pool, asOf, limit) },
    onFailed: failed('giftCardExpiry'),
  });
  const segments = openSegments({ handler, pool, now, onFailed: failed('segments') });
  const timer = createPointsTimer({
    handler,
    now,
    dueAccounts: { due: (asOf, limit) => dueAccounts(pool, asOf, limit) },
    onFailed: failed('pointsTimer'),
  });
  const drawEntries = createDrawEntries({
    feed: dormantUntil(feed, ['DrawAnnounced']),
    handler,
    seeds: createSeeds(createPostgresPersonalKeys(pool)),
    checkpoints: createWorkerCheckpoints(pool),
    now,
    onFailed: failed('drawEntries'),
  });
  const prizes = createPrizesWorker({
    feed: dormantUntil(feed, prizeTriggers),
    handler,
    checkpoints: createWorkerCheckpoints(pool),
    now,
    onFailed: failed('prizes'),
  });
  const referrals = createReferralsWorker({
    feed,
    handler,
    checkpoints: createWorkerCheckpoints(pool),
    now,
    onFailed: failed('referrals'),
  });
  const calendar = createTierCalendar(feed);
  const tierReviews = createTierReviews({
    calendar,
    handler,
    now,
    onFailed: failed('tierReviews'),
  });
  const running = Promise.all([
    budgets.run(stopping.signal),
    coupons.run(stopping.signal),
    giftCards.run(stopping.signal),
    giftCardExpiry.run(stopping.signal),
    couponGrants.run(stopping.signal),
    reservations.run(stopping.signal),
    timer.run(stopping.signal),
    segments.run(stopping.signal),
    drawEntries.run(stopping.signal),
    prizes.run(stopping.signal),
    referrals.run(stopping.signal),
    calendar.run(stopping.signal),
    tierReviews.run(stopping.signal),
  ]);
  running.catch(failed('workers'));

  return {
    stop: async () => {
      stopping.abort();
      await running.catch(() => undefined);
    },
  };
};
