/** From receipts, customers' and anonymous ones, to purchases and returns. Pure. */
import type { AccountEvent } from '../../domain/account/events.js';
import type { Fact, Position } from '../../domain/fact.js';
import type { SalesEvent } from '../../domain/sales/events.js';
import { type FactOf, occurredAtOf, ownerOf, typed } from '../facts.js';

type ReceiptEvent = Extract<
  AccountEvent | SalesEvent,
  {
    type:
      | 'PurchaseConfirmed'
      | 'PurchaseReturned'
      | 'PurchaseCancelled'
      | 'AnonymousPurchaseConfirmed'
      | 'AnonymousPurchaseReturned'
      | 'AnonymousPurchaseCancelled';
  }
>;
type Confirmed = Extract<
  ReceiptEvent,
  { type: 'PurchaseConfirmed' | 'AnonymousPurchaseConfirmed' }
>;
type GivenBack = Exclude<ReceiptEvent, Confirmed>;

export const eventTypes = [
  'PurchaseConfirmed',
  'PurchaseReturned',
  'PurchaseCancelled',
  'AnonymousPurchaseConfirmed',
  'AnonymousPurchaseReturned',
  'AnonymousPurchaseCancelled',
] as const satisfies readonly ReceiptEvent['type'][];

export interface Purchase {
  readonly position: Position;
  readonly tenant: string;
  /** Whose receipt numbers these are: the customer, or `till:` and the till of an anonymous receipt. */
  readonly owner: string;
  readonly userId: string | null;
  readonly receipt: Confirmed['data'];
  readonly known: Extract<Confirmed, { type: 'PurchaseConfirmed' }>['data'] | null;
  readonly occurredAt: number;
  readonly recordedAt: number;
  readonly correlationId: string;
}

export interface GivenBackLine {
  readonly position: number;
  readonly quantity: number;
  readonly amount: number;
}

/** A return, or the cancellation of all that is left. */
export interface Return {
  readonly position: Position;
  readonly tenant: string;
  readonly purchaseId: string;
  readonly owner: string;
  readonly returnId: string | null;
  readonly kind: 'return' | 'cancellation';
  readonly merchantId: number;
  readonly pointOfSaleId: number;
  readonly tillId: string;
  /** Before discounts; `refund` and `paidByPoints` are what is left of it. */
  readonly amount: number;
  readonly discount: number;
  readonly refund: number;
  readonly paidByPoints: number;
  readonly complete: boolean;
  readonly reason: string | null;
  readonly lines: readonly GivenBackLine[];
  readonly why: readonly unknown[];
  readonly occurredAt: number;
  readonly recordedAt: number;
}

export interface PurchaseChanges {
  readonly purchases: readonly Purchase[];
  readonly returns: readonly Return[];
}

export const projectPurchases = (facts: readonly Fact[]): PurchaseChanges => {
  const purchases: Purchase[] = [];
  const returns: Return[] = [];
  for (const raw of facts) {
    const fact = typed<ReceiptEvent>(raw);
    switch (fact.type) {
      case 'PurchaseConfirmed':
      case 'AnonymousPurchaseConfirmed':
        purchases.push(purchaseOf(fact));
        break;
      default:
        returns.push(returnOf(fact));
    }
  }
  return { purchases, returns };
};

const purchaseOf = (fact: FactOf<Confirmed>): Purchase => {
  const known = fact.type === 'PurchaseConfirmed' ? fact.data : null;
  const owner = ownerOf(fact);
  return {
    position: fact.position,
    tenant: fact.metadata.tenant,
    owner: known ? owner : `till:${owner}`,
    userId: known ? owner : null,
    receipt: fact.data,
    known,
    occurredAt: occurredAtOf(fact),
    recordedAt: fact.recordedAt,
    correlationId: fact.metadata.correlationId,
  };
};

const returnOf = (fact: FactOf<GivenBack>): Return => {
  const owner = ownerOf(fact);
  const { purchaseId, merchantId, pointOfSaleId, tillId, amount, discount = 0 } = fact.data;
  const base = {
    position: fact.position,
    tenant: fact.metadata.tenant,
    purchaseId,
    merchantId,
    pointOfSaleId,
    tillId,
    amount,
    discount,
    occurredAt: occurredAtOf(fact),
    recordedAt: fact.recordedAt,
  };
  switch (fact.type) {
    case 'PurchaseReturned':
      return { ...base, owner, kind: 'return', reason: null, ...fact.data, discount };
    case 'PurchaseCancelled':
      return { ...base, owner, kind: 'cancellation', ...fact.data, ...wholeReceipt, discount };
    case 'AnonymousPurchaseReturned':
      return {
        ...base,
        ...anonymous(owner, amount - discount),
        kind: 'return',
        reason: null,
        ...fact.data,
        discount,
      };
    case 'AnonymousPurchaseCancelled':
      return {
        ...base,
        ...anonymous(owner, amount - discount),
        kind: 'cancellation',
        ...fact.data,
        ...wholeReceipt,
        discount,
      };
  }
};

const wholeReceipt = { returnId: null, complete: true, lines: [] } as const;

const anonymous = (till: string, refund: number) => ({
  owner: `till:${till}`,
  refund,
  paidByPoints: 0,
  why: [],
});
