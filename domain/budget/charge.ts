/**
 * What campaigns give away, counted by day and merchant, so that a budget can be told what is left of it in any of its windows.
 *
 * A window is made of days in the merchant's time zone. Only the last hundred days are kept one by one: older ones are part of the
 * total alone, and a window that reaches back to them counts as spent. A receipt that late gets nothing of a windowed budget; a
 * budget is never exceeded because something was forgotten.
 */
import { type Static, type TObject, Type } from '@sinclair/typebox';
import { Money, Points } from '../amount.js';
import { MerchantId } from '../ids.js';
import type { Campaign } from '../pricing/campaign.js';
import type { Remaining } from '../pricing/facts.js';
import { localTime } from '../pricing/localTime.js';

export const chargeProperties = {
  /** Minor units of discount. */
  amount: Money,
  points: Points,
  uses: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }),
  merchantId: MerchantId,
  day: Type.String({
    pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
    description: "Of the purchase, in the merchant's time zone",
  }),
} as const;
export type Charge = Static<TObject<typeof chargeProperties>>;

/** What one receipt takes of a budget, without where and when. */
export type Given = Pick<Charge, 'amount' | 'points' | 'uses'>;

export type BudgetLimit = NonNullable<NonNullable<Campaign['limits']>['budgets']>[number];

/** `at` in milliseconds. */
export const dayOf = (at: number, timeZone: string): string => localTime(at, timeZone).date;

export interface Sums {
  readonly all: Given;
  readonly byMerchant: Map<MerchantId, Given>;
}
export interface Charged {
  readonly ever: Sums;
  /** By day. */
  readonly days: Map<string, Sums>;
  /** The latest day that is no longer kept by itself. */
  readonly forgotten: string | null;
}

const daysMax = 100;
export const nothing: Given = { amount: 0, points: 0, uses: 0 };
const noSums = (): Sums => ({ all: nothing, byMerchant: new Map() });
export const noCharges = (): Charged => ({ ever: noSums(), days: new Map(), forgotten: null });

const plus = (a: Given, b: Given, sign: 1 | -1): Given => ({
  amount: Math.max(0, a.amount + sign * b.amount),
  points: Math.max(0, a.points + sign * b.points),
  uses: Math.max(0, a.uses + sign * b.uses),
});

const added = (sums: Sums, charge: Charge, sign: 1 | -1): Sums => {
  const { merchantId } = charge;
  const { byMerchant } = sums;
  byMerchant.set(merchantId, plus(byMerchant.get(merchantId) ?? nothing, charge, sign));
  return { all: plus(sums.all, charge, sign), byMerchant };
};

/** With the charge counted, or with `sign` -1 taken back. Changes the maps of `charged` in place. */
export const count = (charged: Charged, charge: Charge, sign: 1 | -1): Charged => {
  const { days } = charged;
  const ever = added(charged.ever, charge, sign);
  if (charged.forgotten !== null && charge.day <= charged.forgotten) return { ...charged, ever };
  days.set(charge.day, added(days.get(charge.day) ?? noSums(), charge, sign));
  let { forgotten } = charged;
  if (days.size > daysMax) {
    forgotten = [...days.keys()].reduce((oldest, day) => (day < oldest ? day : oldest));
    days.delete(forgotten);
  }
  return { ever, days, forgotten };
};

/** Both ends belong to it; null for all time. */
type Window = { readonly first: string; readonly last: string } | null;

const dayMs = 86_400_000;

const windowOf = (per: BudgetLimit['per'], day: string): Window => {
  switch (per) {
    case undefined:
    case 'ever':
      return null;
    case 'day':
      return { first: day, last: day };
    case 'week': {
      const at = Date.parse(day);
      // Weeks begin on Monday; 1970-01-01 was a Thursday.
      const monday = at - ((Math.floor(at / dayMs) + 3) % 7) * dayMs;
      return { first: dateOf(monday), last: dateOf(monday + 6 * dayMs) };
    }
    case 'month':
      return { first: `${day.slice(0, 8)}01`, last: `${day.slice(0, 8)}31` };
  }
};

const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Where and when: what decides which windows a receipt falls into. */
export type Place = Pick<Charge, 'merchantId' | 'day'>;

const usedOf = (
  { of, eachMerchant }: BudgetLimit,
  window: Window,
  merchantId: MerchantId,
  charged: Charged,
): number => {
  const used = (sums: Sums): number =>
    (eachMerchant ? (sums.byMerchant.get(merchantId) ?? nothing) : sums.all)[of];
  if (window === null) return used(charged.ever);
  if (charged.forgotten !== null && window.first <= charged.forgotten) return Infinity;
  let total = 0;
  for (const [day, sums] of charged.days) {
    if (day >= window.first && day <= window.last) total += used(sums);
  }
  return total;
};

/** Whether what was charged at `other` counts in the window of `place`. */
const shares = (
  { eachMerchant }: BudgetLimit,
  window: Window,
  place: Place,
  other: Place,
): boolean =>
  (!eachMerchant || other.merchantId === place.merchantId) &&
  (window === null || (other.day >= window.first && other.day <= window.last));

/** What the budgets still hold for a receipt at `place`. `except` are charges that are counted and are not to be. */
export const remainingIn = (
  charged: Charged,
  budgets: readonly BudgetLimit[],
  place: Place,
  except: readonly Charge[] = [],
): Remaining => {
  const remaining: { amount?: number; points?: number; uses?: number } = {};
  for (const limit of budgets) {
    const window = windowOf(limit.per, place.day);
    let used = usedOf(limit, window, place.merchantId, charged);
    for (const charge of except) {
      if (shares(limit, window, place, charge)) used -= charge[limit.of];
    }
    const left = Math.max(0, limit.most - used);
    remaining[limit.of] = Math.min(left, remaining[limit.of] ?? Infinity);
  }
  return remaining;
};
