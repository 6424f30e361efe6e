/**
 * Grants coupons after events: whoever enrols, gets a card or changes tier while a series is open that says so is granted one of it.
 *
 * At least once, in the order of the log: each grant has a key made of the fact and the series, so a repeat gives nothing. What
 * happened before a series was opened, by its own time, is not for it: an old log may be read from its beginning.
 */
import { grantCoupon } from '../commands/coupon/grantCoupon.js';
import { type GrantingEvent, grantingEvents } from '../domain/coupon/series.js';
import type { Fact } from '../domain/fact.js';
import type { UserId } from '../domain/ids.js';
import { Rejected } from '../domain/rejected.js';
import { parseStreamName } from '../domain/stream.js';
import {
  answering,
  type AnsweringOptions,
  type AnsweringWorker,
  createAnswering,
} from './answering.js';

const name = 'couponGrants';

export const createCouponGrantsWorker = (options: AnsweringOptions): AnsweringWorker => {
  const { handler } = options;
  const contextOf = answering(name, options.now);

  const react = async (fact: Fact): Promise<void> => {
    const { id, type, stream, metadata } = fact;
    const userId = (parseStreamName(stream)?.id ?? '') as UserId;
    const at = Date.parse(metadata.occurredAt);
    for (const { seriesId, status, openedAt, terms } of handler.directory.coupons.all(
      metadata.tenant,
    )) {
      const due = terms.grantedAfter === (type as GrantingEvent) && status === 'open';
      if (!due || at < openedAt) continue;
      const context = contextOf(fact, seriesId);
      try {
        await handler.handle(grantCoupon, { userId, series: seriesId, cause: id }, context);
      } catch (error) {
        // The account or the series was closed meanwhile: then there is nobody to give to, or nothing to give.
        if (!(error instanceof Rejected)) throw error;
      }
    }
  };

  return createAnswering(options, { name, eventTypes: grantingEvents, react });
};
