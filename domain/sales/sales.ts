/**
 * Anonymous receipts of one till. Invariant: a receipt's id counts once on its till's stream, and no more is given back of it than
 * was bought.
 */
import { type Aggregate, type EventOf, type Recorded, unreachable } from '../event.js';
import type { PurchaseId, ReturnId, TenantId, TillId } from '../ids.js';
import { streamName } from '../stream.js';
import type {
  AnonymousPurchaseCancelled,
  AnonymousPurchaseConfirmed,
  AnonymousPurchaseReturned,
  SalesEvent,
} from './events.js';

export const salesStream = (tenant: TenantId, tillId: TillId) =>
  streamName('sales', tenant, tillId);

export type AnonymousPurchase = EventOf<typeof AnonymousPurchaseConfirmed>['data'];
export type AnonymousReturn = EventOf<typeof AnonymousPurchaseReturned>['data'];
export type AnonymousCancellation = EventOf<typeof AnonymousPurchaseCancelled>['data'];

export interface SaleEntry {
  /** Of its AnonymousPurchaseConfirmed. */
  readonly revision: number;
  readonly returns: readonly number[];
  /** Revision of its AnonymousPurchaseCancelled. */
  readonly cancelled: number | null;
}

/** Only places in the stream, one small entry a receipt; changed in place by recorded facts, never by deciders. */
export interface Sales {
  readonly purchases: Map<PurchaseId, SaleEntry>;
  readonly returns: Map<ReturnId, number>;
}

type Row = readonly [PurchaseId, number, readonly number[], number | null];
interface SalesSnapshot {
  readonly purchases: readonly Row[];
  readonly returns: readonly (readonly [ReturnId, number])[];
}

const noReturns: readonly number[] = [];

const evolve = (sales: Sales, event: Recorded<SalesEvent>): Sales => {
  const { purchases, returns } = sales;
  const { revision } = event;
  const { purchaseId } = event.data;
  const entry = purchases.get(purchaseId);
  switch (event.type) {
    case 'AnonymousPurchaseConfirmed':
      purchases.set(purchaseId, { revision, returns: noReturns, cancelled: null });
      return sales;
    case 'AnonymousPurchaseReturned':
      if (entry) purchases.set(purchaseId, { ...entry, returns: [...entry.returns, revision] });
      returns.set(event.data.returnId, revision);
      return sales;
    case 'AnonymousPurchaseCancelled':
      if (entry) purchases.set(purchaseId, { ...entry, cancelled: revision });
      return sales;
    default:
      return unreachable(event);
  }
};

export const sales: Aggregate<Sales, SalesEvent> = {
  category: 'sales',
  initial: () => ({ purchases: new Map(), returns: new Map() }),
  evolve,
  snapshot: {
    every: 2_000,
    schemaVersion: 1,
    take: ({ purchases, returns }): SalesSnapshot => ({
      purchases: [...purchases].map(([id, entry]) => [
        id,
        entry.revision,
        entry.returns,
        entry.cancelled,
      ]),
      returns: [...returns],
    }),
    restore: (json) => {
      const kept = json as SalesSnapshot;
      return {
        purchases: new Map(
          kept.purchases.map(([id, revision, places, cancelled]) => [
            id,
            { revision, returns: places, cancelled },
          ]),
        ),
        returns: new Map(kept.returns),
      };
    },
  },
};
