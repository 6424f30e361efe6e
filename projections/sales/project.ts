/**
 * From receipts to sums per shop and quarter of an hour. Pure.
 *
 * The day is the merchant's, and its time zone is not in a receipt; every zone's offset is whole quarters of an hour, so sums of
 * quarters fall into one day whole, and the day itself is told when they are written.
 */
import type { AccountEvent } from '../../domain/account/events.js';
import type { Fact } from '../../domain/fact.js';
import type { MerchantEvent } from '../../domain/merchant/merchant.js';
import type { SalesEvent } from '../../domain/sales/events.js';
import { occurredAtOf, typed } from '../facts.js';
import type { TimeZone } from '../timeZones.js';

type Counted = Extract<
  AccountEvent | SalesEvent | MerchantEvent,
  {
    type:
      | 'MerchantRegistered'
      | 'PurchaseConfirmed'
      | 'PurchaseReturned'
      | 'PurchaseCancelled'
      | 'AnonymousPurchaseConfirmed'
      | 'AnonymousPurchaseReturned'
      | 'AnonymousPurchaseCancelled';
  }
>;

export const eventTypes = [
  'MerchantRegistered',
  'PurchaseConfirmed',
  'PurchaseReturned',
  'PurchaseCancelled',
  'AnonymousPurchaseConfirmed',
  'AnonymousPurchaseReturned',
  'AnonymousPurchaseCancelled',
] as const satisfies readonly Counted['type'][];

export interface Quarter {
  readonly tenant: string;
  readonly merchantId: number;
  readonly pointOfSaleId: number;
  /** Start, milliseconds since the epoch. */
  readonly start: number;
  receipts: number;
  anonymousReceipts: number;
  returns: number;
  cancellations: number;
  /** Before discounts, as are the returned goods. */
  gross: number;
  discount: number;
  returned: number;
  returnedDiscount: number;
  paidByPoints: number;
  returnedToPoints: number;
  pointsRedeemed: number;
  pointsEarned: number;
}

export interface SalesChanges {
  readonly timeZones: TimeZone[];
  readonly quarters: Map<string, Quarter>;
}

const quarterMs = 15 * 60_000;

export const projectSales = (facts: readonly Fact[]): SalesChanges => {
  const changes: SalesChanges = { timeZones: [], quarters: new Map() };
  for (const raw of facts) {
    const fact = typed<Counted>(raw);
    if (fact.type === 'MerchantRegistered') {
      changes.timeZones.push({ tenant: fact.metadata.tenant, ...fact.data });
    } else {
      count(quarterOf(changes, raw, fact.data), fact);
    }
  }
  return changes;
};

const count = (
  sum: Quarter,
  fact: { readonly type: string } & Exclude<Counted, { type: 'MerchantRegistered' }>,
): void => {
  switch (fact.type) {
    case 'PurchaseConfirmed':
      sell(sum, fact.data);
      sum.paidByPoints += fact.data.paidByPoints;
      sum.pointsRedeemed += fact.data.pointsRedeemed;
      sum.pointsEarned += fact.data.pointsEarned;
      return;
    case 'AnonymousPurchaseConfirmed':
      sell(sum, fact.data);
      sum.anonymousReceipts += 1;
      return;
    case 'PurchaseReturned':
      sum.returns += 1;
      takeBack(sum, fact.data);
      sum.returnedToPoints += fact.data.paidByPoints;
      return;
    case 'PurchaseCancelled':
      sum.cancellations += 1;
      takeBack(sum, fact.data);
      sum.returnedToPoints += fact.data.paidByPoints;
      return;
    case 'AnonymousPurchaseReturned':
      sum.returns += 1;
      takeBack(sum, fact.data);
      return;
    case 'AnonymousPurchaseCancelled':
      sum.cancellations += 1;
      takeBack(sum, fact.data);
      return;
  }
};

/** Receipts without campaigns, and those from before there were any, say nothing of discounts. */
const sell = (
  sum: Quarter,
  { total, discount = 0 }: { readonly total: number; readonly discount?: number },
): void => {
  sum.receipts += 1;
  sum.gross += total;
  sum.discount += discount;
};

const takeBack = (
  sum: Quarter,
  { amount, discount = 0 }: { readonly amount: number; readonly discount?: number },
): void => {
  sum.returned += amount;
  sum.returnedDiscount += discount;
};

const quarterOf = (
  changes: SalesChanges,
  fact: Fact,
  { merchantId, pointOfSaleId }: { readonly merchantId: number; readonly pointOfSaleId: number },
): Quarter => {
  const start = Math.floor(occurredAtOf(fact) / quarterMs) * quarterMs;
  const tenant = fact.metadata.tenant;
  const key = `${tenant}/${merchantId}/${pointOfSaleId}/${start}`;
  let sum = changes.quarters.get(key);
  if (!sum) {
    sum = {
      tenant,
      merchantId,
      pointOfSaleId,
      start,
      receipts: 0,
      anonymousReceipts: 0,
      returns: 0,
      cancellations: 0,
      gross: 0,
      discount: 0,
      returned: 0,
      returnedDiscount: 0,
      paidByPoints: 0,
      returnedToPoints: 0,
      pointsRedeemed: 0,
      pointsEarned: 0,
    };
    changes.quarters.set(key, sum);
  }
  return sum;
};
