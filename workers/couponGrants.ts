/**
 * Grants coupons after events: whoever enrols, gets a card or changes tier while a series is open that says so is granted one of it.
 *
 * At least once, in the order of the log: each grant has a key made of the fact and the series, so a repeat gives nothing. What
 * happened before a series was opened, by its own time, is not for it: an old log may be read from its beginning.
 */
import { grantCoupon } from '../commands/coupon/grantCoupon.js';
import type { Handler } from '../commands/handle.js';
import { type GrantingEvent, grantingEvents } from '../domain/coupon/series.js';
import type { Fact } from '../domain/fact.js';
import type { UserId } from '../domain/ids.js';
import { Rejected } from '../domain/rejected.js';
import { parseStreamName } from '../domain/stream.js';
import type { Feed } from '../projections/feed.js';
import type { Checkpoints } from './checkpoints.js';
import { createFollowing } from './following.js';
import { persevere } from './persevere.js';

const name = 'couponGrants';

export interface CouponGrantsWorker {
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export const createCouponGrantsWorker = (options: {
  readonly feed: Feed;
  readonly handler: Handler;
  readonly checkpoints: Checkpoints;
  readonly now: () => number;
  /** The log or the database did not answer: it is tried again. */
  readonly onFailed: (error: unknown) => void;
}): CouponGrantsWorker => {
  const { feed, handler, now, onFailed } = options;

  const react = async ({ id, type, stream, metadata }: Fact): Promise<void> => {
    const { tenant, correlationId } = metadata;
    const userId = (parseStreamName(stream)?.id ?? '') as UserId;
    const at = Date.parse(metadata.occurredAt);
    for (const { seriesId, status, openedAt, terms } of handler.directory.coupons.all(tenant)) {
      const due = terms.grantedAfter === (type as GrantingEvent) && status === 'open';
      if (!due || at < openedAt) continue;
      const context = {
        ...{ tenant, actor: { kind: 'worker' as const, id: name }, now: now() },
        ...{ idempotencyKey: `${name} ${id} ${seriesId}`, correlationId, causationId: id },
      };
      try {
        await handler.handle(grantCoupon, { userId, series: seriesId, cause: id }, context);
      } catch (error) {
        // The account or the series was closed meanwhile: then there is nobody to give to, or nothing to give.
        if (!(error instanceof Rejected)) throw error;
      }
    }
  };

  const { run } = createFollowing({
    ...{ name, feed, checkpoints: options.checkpoints, now, onFailed },
    eventTypes: grantingEvents,
    take: (fact, signal) => persevere(() => react(fact), signal, onFailed),
  });
  return { run };
};
