/**
 * One code of a series, from its first use on. A code nobody used has no stream: the first use creates it under the expected
 * revision "no stream", so that no race can spend a code of one use twice. Invariant: never more uses at a time, reserved and spent
 * together, than the series allows, of all customers and of each.
 *
 *   (nothing) → reserved → spent          reserved → (nothing): released          spent → (nothing): given back
 *
 * A use is reserved before the purchase is recorded and settled by a worker, which alone releases one, and only after it has
 * looked whether the purchase was recorded: nobody takes a reservation over by its age.
 */
import { Type, type Static } from '@sinclair/typebox';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import { PurchaseId, type TenantId, TillId, UserId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';
import { CouponCode, SeriesId } from './ids.js';

export const couponStream = (tenant: TenantId, code: CouponCode) =>
  streamName('coupon', tenant, code);
/** Of a code that only each customer's uses are counted of: no two customers meet there. */
export const customersCouponStream = (tenant: TenantId, code: CouponCode, userId: UserId) =>
  streamName('coupon', tenant, `${code}.${userId}`);

/** The receipt that uses a code: a customer's, or an anonymous one of a till. */
const use = {
  purchaseId: PurchaseId,
  userId: Type.Union([UserId, Type.Null()]),
  /** Null where the customer is known: purchase ids are the customer's then. */
  tillId: Type.Union([TillId, Type.Null()]),
} as const;
export const CouponUse = Type.Object(use, { additionalProperties: false });
export type CouponUse = Static<typeof CouponUse>;

const reason = Type.String({ maxLength: 500 });

// These names are the storage format: proof-read, version with care.
export const CouponReserved = event('CouponReserved', {
  ...use,
  seriesId: SeriesId,
  code: CouponCode,
  /** Milliseconds: what is not spent by then came to nothing. */
  until: Type.Integer({ minimum: 0 }),
});
export const CouponSpent = event('CouponSpent', use);
export const CouponReleased = event('CouponReleased', { ...use, reason });
/** `cause` is the return's id, or the purchase's where it was cancelled. */
export const CouponReturned = event('CouponReturned', {
  ...use,
  cause: Type.String({ maxLength: 80 }),
});
export const CouponCodeBlocked = event('CouponCodeBlocked', {
  seriesId: SeriesId,
  code: CouponCode,
  reason,
});

export const couponEvents = [
  CouponReserved,
  CouponSpent,
  CouponReleased,
  CouponReturned,
  CouponCodeBlocked,
] as const;
export type CouponEvent = EventOf<(typeof couponEvents)[number]>;

/** Changed in place by `evolve`. */
export interface Coupon {
  blocked: boolean;
  /** Those that hold, by `useKey`. */
  readonly uses: Map<string, 'reserved' | 'spent'>;
  /** How many of them are whose. */
  readonly byHolder: Map<string, number>;
}

/** Of uses at a time; null for any number. */
export interface CouponLimits {
  readonly most: number | null;
  readonly mostEach: number | null;
}

/** Purchase ids are unique for a customer, and for a till where there is none. */
export const useKey = ({ purchaseId, userId, tillId }: CouponUse): string =>
  `${userId ?? tillId ?? ''}/${purchaseId}`;

export const coupon: Aggregate<Coupon, CouponEvent> = {
  category: 'coupon',
  initial: () => ({ blocked: false, uses: new Map(), byHolder: new Map() }),
  evolve: (state, event) => {
    switch (event.type) {
      case 'CouponReserved':
        hold(state, event.data, 'reserved');
        return state;
      case 'CouponSpent':
        hold(state, event.data, 'spent');
        return state;
      case 'CouponReleased':
      case 'CouponReturned':
        letGo(state, event.data);
        return state;
      case 'CouponCodeBlocked':
        state.blocked = true;
        return state;
      default:
        return unreachable(event);
    }
  },
  snapshot: {
    every: 2_000,
    schemaVersion: 1,
    take: ({ blocked, uses }) => ({ blocked, uses: [...uses] }),
    restore: (json) => {
      const kept = json as { blocked: boolean; uses: [string, 'reserved' | 'spent'][] };
      const uses = new Map(kept.uses);
      const byHolder = new Map<string, number>();
      for (const key of uses.keys()) count(byHolder, holderIn(key), 1);
      return { blocked: kept.blocked, uses, byHolder };
    },
  },
};

const holderOf = ({ userId, tillId }: CouponUse): string => userId ?? tillId ?? '';
const holderIn = (key: string): string => key.slice(0, key.indexOf('/'));

const count = (byHolder: Map<string, number>, holder: string, change: number): void => {
  const left = (byHolder.get(holder) ?? 0) + change;
  if (left === 0) byHolder.delete(holder);
  else byHolder.set(holder, left);
};

const hold = ({ uses, byHolder }: Coupon, by: CouponUse, as: 'reserved' | 'spent'): void => {
  if (!uses.has(useKey(by))) count(byHolder, holderOf(by), 1);
  uses.set(useKey(by), as);
};

const letGo = ({ uses, byHolder }: Coupon, by: CouponUse): void => {
  if (uses.delete(useKey(by))) count(byHolder, holderOf(by), -1);
};

/** Why a code cannot be used by this receipt. */
export type CouponFault =
  'coupon-blocked' | 'coupon-spent' | 'coupon-reserved' | 'coupon-used-up' | 'coupon-limit-reached';

/** Null where it can be used, also where this receipt has it already. */
export const couponFault = (
  state: Coupon,
  by: CouponUse,
  { most, mostEach }: CouponLimits,
): CouponFault | null => {
  if (state.uses.has(useKey(by))) return null;
  if (state.blocked) return 'coupon-blocked';
  if (mostEach !== null && (state.byHolder.get(holderOf(by)) ?? 0) >= mostEach) {
    return 'coupon-limit-reached';
  }
  if (most === null || state.uses.size < most) return null;
  if (most > 1) return 'coupon-used-up';
  const [status] = state.uses.values();
  return status === 'spent' ? 'coupon-spent' : 'coupon-reserved';
};

/** @throws Rejected coupon-blocked, coupon-spent, coupon-reserved, coupon-used-up, coupon-limit-reached */
export const reserveCoupon = (
  command: EventOf<typeof CouponReserved>['data'],
  limits: CouponLimits,
  state: Coupon,
): CouponEvent[] => {
  if (state.uses.has(useKey(command))) return []; // already carried out
  const fault = couponFault(state, command, limits);
  if (fault) throw rejected(fault, { code: command.code, series: command.seriesId });
  return [{ type: 'CouponReserved', data: command }];
};

/** Also of a use that was released: the purchase was recorded after all, so it is made good. */
export const spendCoupon = (by: CouponUse, state: Coupon): CouponEvent[] =>
  state.uses.get(useKey(by)) === 'spent'
    ? [] // already carried out
    : [{ type: 'CouponSpent', data: onlyUse(by) }];

/** A use that was spent meanwhile stays. */
export const releaseCoupon = (
  command: CouponUse & { readonly reason: string },
  state: Coupon,
): CouponEvent[] =>
  state.uses.get(useKey(command)) === 'reserved'
    ? [{ type: 'CouponReleased', data: { ...onlyUse(command), reason: command.reason } }]
    : [];

/** The goods came back: the code may be used again. */
export const giveCouponBack = (
  command: CouponUse & { readonly cause: string },
  state: Coupon,
): CouponEvent[] =>
  state.uses.has(useKey(command))
    ? [{ type: 'CouponReturned', data: { ...onlyUse(command), cause: command.cause } }]
    : [];

/** For good; what it was used for stays. */
export const blockCode = (
  command: EventOf<typeof CouponCodeBlocked>['data'],
  state: Coupon,
): CouponEvent[] => (state.blocked ? [] : [{ type: 'CouponCodeBlocked', data: command }]);

const onlyUse = ({ purchaseId, userId, tillId }: CouponUse): CouponUse => ({
  purchaseId,
  userId,
  tillId,
});
