/** Policies, put together: a directory of what they look up, what makes messages of facts, and what looks ahead. */
import type pg from 'pg';
import { createDirectory } from '../../commands/directory.js';
import type { Log } from '../../commands/log.js';
import { createAcceptMessages } from '../../commands/message/accept.js';
import { createPersonalData } from '../../commands/personalData.js';
import { merchantEvents } from '../../domain/merchant/merchant.js';
import { pointOfSaleEvents } from '../../domain/pointOfSale/pointOfSale.js';
import { tenantEvents } from '../../domain/tenant/tenant.js';
import type { Feed } from '../../projections/feed.js';
import { createBirthdayIndex, whenAsked } from '../../workers/outreach/policies/birthdayIndex.js';
import { createPolicyFollowing } from '../../workers/outreach/policies/following.js';
import { createMessaging, type MadeOf } from '../../workers/outreach/policies/messaging.js';
import { createTimedPolicies } from '../../workers/outreach/policies/timed.js';
import { createBirthdayStore, createPolicyReading } from '../postgres/outreachPolicies.js';
import { createPostgresPersonalKeys } from '../postgres/personalKeys.js';
import { createSoleRunner } from '../postgres/soleRunner.js';
import { createWorkerCheckpoints } from '../postgres/workerCheckpoints.js';

export interface PoliciesParts {
  readonly log: Log;
  readonly feed: Feed;
  readonly pool: pg.Pool;
  readonly now: () => number;
  readonly onMade: (made: MadeOf) => void;
  readonly onFailed: (error: unknown) => void;
}

/** Until the signal aborts. One process works at a time; the others stand by. */
export const runPolicies = async (parts: PoliciesParts, signal: AbortSignal): Promise<void> => {
  const { log, feed, pool, now, onFailed } = parts;
  const directory = createDirectory();
  const keys = createPostgresPersonalKeys(pool);
  const checkpoints = createWorkerCheckpoints(pool);
  const concerned = [
    ...[tenantEvents, merchantEvents, pointOfSaleEvents].flat().map(({ type }) => type),
    ...[directory.outreach, directory.coupons, directory.tiers].flatMap((part) => [
      ...part.eventTypes,
    ]),
  ];

  const followDirectory = async (onCaughtUp: () => void): Promise<void> => {
    const filter = { eventTypes: concerned };
    for await (const item of feed.subscribe({ from: null, filter, signal })) {
      if (item.kind === 'fact') directory.apply(item.fact);
      else if (item.kind === 'checkpoint') directory.advance(item.position);
      else onCaughtUp();
    }
  };

  const make = createMessaging({
    now,
    outreach: directory.outreach,
    onMade: parts.onMade,
    accept: createAcceptMessages({ log, directory, keys }),
  });
  const facts = createPolicyFollowing({ feed, directory, checkpoints, make, now, onFailed });
  const reading = createPolicyReading(pool, keys);
  let isIndexed = false;
  const timed = createTimedPolicies({
    directory,
    reading,
    checkpoints,
    make,
    now,
    onFailed,
    knowsBirthdays: () => isIndexed,
  });
  const index = createBirthdayIndex({
    feed,
    checkpoints,
    now,
    onFailed,
    keys,
    personalData: createPersonalData(keys),
    store: createBirthdayStore(pool),
    onCaughtUp: () => void (isIndexed = true),
  });

  let onCaughtUp = (): void => undefined;
  const caughtUp = new Promise<void>((resolve) => (onCaughtUp = resolve));
  const following = followDirectory(() => onCaughtUp());
  await Promise.race([caughtUp, following]);
  const work = async (whileHeld: AbortSignal): Promise<void> => {
    await Promise.all([
      facts.run(whileHeld),
      timed.run(whileHeld),
      whenAsked(directory, index, whileHeld),
    ]);
  };
  const runner = createSoleRunner(pool, onFailed);
  await Promise.all([following, runner.run('outreach policies', signal, work)]);
};
