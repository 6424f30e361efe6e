/**
 * Which facts of an account are occasions for which policies: a coupon that was granted, a level that was reached, a purchase. One function
 * for each kind, which tells from the fact alone whether this policy cares for it.
 */
import type { Directory } from '../../../commands/directory.js';
import type { PurchaseConfirmed } from '../../../domain/account/purchaseEvents.js';
import type { CouponGranted } from '../../../domain/coupon/grants.js';
import type { EventOf } from '../../../domain/event.js';
import type { Fact } from '../../../domain/fact.js';
import type { UserId } from '../../../domain/ids.js';
import type { ToldBy, Trigger } from '../../../domain/policy/policy.js';
import { parseStreamName } from '../../../domain/stream.js';
import type { TierChanged } from '../../../domain/tier/events.js';
import type { Occasion, TriggerOf } from './occasion.js';

type From = Pick<Directory, 'merchant' | 'pointOfSale' | 'coupons' | 'tiers'>;
type Telling<Kind extends Trigger['kind'], Data> = (
  trigger: TriggerOf<Kind>,
  data: Data,
  fact: Fact,
  from: From,
) => ToldBy<Kind> | null;

const couponGranted: Telling<'couponGranted', EventOf<typeof CouponGranted>['data']> = (
  trigger,
  { couponId, series, validFrom, validUntil },
  { metadata },
  { coupons },
) => {
  if (trigger.seriesId !== undefined && trigger.seriesId !== series) return null;
  const name = coupons.series(metadata.tenant, series)?.name ?? series;
  const until = validUntil === null ? null : new Date(validUntil).toISOString();
  return {
    couponId,
    series: name,
    validFrom: new Date(validFrom).toISOString(),
    validUntil: until,
  };
};

const tierReached: Telling<'tierReached', EventOf<typeof TierChanged>['data']> = (
  trigger,
  { from, to, until },
  { metadata },
  { tiers },
) => {
  if (to === null || (trigger.tier !== undefined && trigger.tier !== to)) return null;
  const levels = tiers.scheme(metadata.tenant)?.scheme.levels ?? [];
  const placeOf = (name: string | null) => levels.findIndex((level) => level.name === name);
  // Whoever comes down to a level has lost one, and is not congratulated.
  if (from !== null && placeOf(from) > placeOf(to)) return null;
  return {
    tier: to,
    previous: from,
    until: until === null ? null : new Date(until).toISOString(),
  };
};

const purchase: Telling<'purchase', EventOf<typeof PurchaseConfirmed>['data']> = (
  trigger,
  { purchaseId, merchantId, pointOfSaleId, total, net = total, currency, ...data },
  { metadata: { tenant, occurredAt } },
  { merchant, pointOfSale },
) => {
  if (net < (trigger.totalMin ?? 0)) return null;
  const { pointsEarned, pointsRedeemed, paidByPoints, balance } = data;
  return {
    purchaseId,
    pointsEarned,
    pointsRedeemed,
    balance: balance.active,
    total: { minor: net, currency },
    toPay: { minor: net - paidByPoints, currency },
    merchant: merchant(tenant, merchantId)?.name ?? String(merchantId),
    shop: pointOfSale(tenant, pointOfSaleId)?.name ?? String(pointOfSaleId),
    purchasedAt: occurredAt,
  };
};

const kinds = {
  couponGranted: { type: 'CouponGranted', tell: couponGranted },
  tierReached: { type: 'TierChanged', tell: tierReached },
  purchase: { type: 'PurchaseConfirmed', tell: purchase },
} as const;
export type FactTrigger = keyof typeof kinds;

export const isFactTrigger = (trigger: Trigger): trigger is TriggerOf<FactTrigger> =>
  trigger.kind in kinds;

export const factTypeOf = (kind: FactTrigger): string => kinds[kind].type;

/** Null where the policy does not care for it. */
export const occasionOf = (trigger: Trigger, fact: Fact, from: From): Occasion | null => {
  if (!isFactTrigger(trigger) || kinds[trigger.kind].type !== fact.type) return null;
  const place = parseStreamName(fact.stream);
  // Anonymous receipts of the same kinds are in streams of tills.
  if (place?.category !== 'account') return null;
  // The table has for each kind the function of its own event.
  const tell = kinds[trigger.kind].tell as Telling<FactTrigger, unknown>;
  const variables = tell(trigger, fact.data, fact, from);
  if (variables === null) return null;
  const userId = place.id as UserId;
  const { traceparent } = fact.metadata;
  const of = { factId: fact.id, causationId: fact.id, ...(traceparent && { traceparent }) };
  return { tenant: place.tenant, userId, variables, ...of };
};
