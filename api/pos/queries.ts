/**
 * The questions that the POS API asks of the read models. The port is the API's; readModels.ts answers it from Postgres.
 *
 * Every answer is of one tenant. Points are hundredths, money minor units, quantities thousandths, times milliseconds.
 */
import type { Reason } from '../../domain/account/events.js';
import type {
  CardNumber,
  MerchantId,
  PurchaseId,
  TenantId,
  TillId,
  UserId,
} from '../../domain/ids.js';

export interface CustomerView {
  readonly userId: UserId;
  readonly status: 'active' | 'closed' | 'erased';
  /** Sealed; empty where nothing is known. */
  readonly person: string;
  readonly merchantId: number | null;
  readonly enrolledAt: number;
  readonly cards: readonly { readonly cardNumber: CardNumber; readonly status: string }[];
}

export interface CardView {
  readonly cardNumber: CardNumber;
  readonly userId: UserId;
  readonly status: 'active' | 'blocked' | 'replaced';
  readonly replacedBy: CardNumber | null;
  readonly issuedAt: number;
}

export interface LotView {
  readonly lotId: string;
  readonly merchantId: number | null;
  readonly remaining: number;
  readonly activated: boolean;
  readonly earnedAt: number;
  readonly activatesAt: number;
  readonly expiresAt: number | null;
}

export interface BalanceView {
  readonly userId: UserId;
  readonly status: string;
  readonly active: number;
  readonly pending: number;
  readonly deficit: number;
  readonly totals: {
    readonly earned: number;
    readonly redeemed: number;
    readonly restored: number;
    readonly clawedBack: number;
    readonly adjusted: number;
    readonly expired: number;
    readonly forfeited: number;
  };
  readonly purchases: number;
  readonly lastPurchaseAt: number | null;
  /** Those with points left, in the order they are used; at most 100. */
  readonly lots: readonly LotView[];
}

export interface LedgerEntry {
  readonly revision: number;
  readonly position: bigint;
  readonly occurredAt: number;
  readonly kind: string;
  readonly points: number;
  readonly activeChange: number;
  readonly pendingChange: number;
  readonly deficitChange: number;
  readonly purchaseId: string | null;
  readonly lotId: string | null;
  readonly merchantId: number | null;
  readonly note: string | null;
}

export interface PurchaseSummary {
  readonly position: bigint;
  readonly purchaseId: PurchaseId;
  readonly userId: UserId | null;
  readonly cardNumber: CardNumber | null;
  readonly merchantId: MerchantId;
  readonly pointOfSaleId: number;
  readonly tillId: TillId;
  readonly currency: string;
  readonly total: number;
  readonly paidByPoints: number;
  readonly pointsRedeemed: number;
  readonly pointsEarned: number;
  readonly deficitRepaid: number;
  readonly status: string;
  readonly returnedAmount: number;
  readonly refunded: number;
  readonly lineCount: number;
  readonly offline: boolean;
  readonly occurredAt: number;
}

export interface PurchaseLine {
  readonly position: number;
  readonly productId: string;
  readonly quantity: number;
  readonly price: number;
  readonly amount: number;
  readonly paidByPoints: number;
  readonly pointsRedeemed: number;
  readonly pointsEarned: number;
  readonly returnedQuantity: number;
  readonly returnedAmount: number;
}

export interface PurchaseReturnView {
  readonly returnId: string | null;
  readonly kind: string;
  readonly tillId: string;
  readonly amount: number;
  readonly refund: number;
  readonly paidByPoints: number;
  readonly complete: boolean;
  readonly reason: string | null;
  readonly why: readonly Reason[];
  readonly occurredAt: number;
}

export interface PurchaseDetail extends PurchaseSummary {
  readonly ruleVersion: number | null;
  readonly why: readonly Reason[];
  readonly lines: readonly PurchaseLine[];
  readonly returns: readonly PurchaseReturnView[];
}

/** Newest first, after the last one seen. Of equal times the later in the log is the newer. */
export interface PageOfPurchases {
  readonly limit: number;
  readonly before: { readonly occurredAt: number; readonly position: bigint } | null;
  /** Only those of this merchant; null: all. */
  readonly merchantId: MerchantId | null;
}

/** Of a customer, or the anonymous ones of a till. */
export type PurchaseOwner = { readonly userId: UserId } | { readonly tillId: TillId };

export interface PosQueries {
  /** Waits until the read model has applied everything up to `position`. @throws ProjectionBehind */
  reach(projection: 'balances' | 'customers' | 'purchases', position: bigint): Promise<void>;

  customer(tenant: TenantId, userId: UserId): Promise<CustomerView | null>;
  customerByContact(
    tenant: TenantId,
    kind: 'phone' | 'email',
    hash: string,
  ): Promise<CustomerView | null>;
  /** In the order of their ids, after `after`. */
  customers(
    tenant: TenantId,
    page: { readonly limit: number; readonly after: string | null },
  ): Promise<readonly CustomerView[]>;
  card(tenant: TenantId, cardNumber: CardNumber): Promise<CardView | null>;
  cards(
    tenant: TenantId,
    page: {
      readonly limit: number;
      readonly after: string | null;
      readonly userId: UserId | null;
    },
  ): Promise<readonly CardView[]>;

  balance(tenant: TenantId, userId: UserId): Promise<BalanceView | null>;
  /** Newest first, those with a revision below `before`. */
  ledger(
    tenant: TenantId,
    userId: UserId,
    page: { readonly limit: number; readonly before: number | null },
  ): Promise<readonly LedgerEntry[]>;

  purchases(
    tenant: TenantId,
    owner: PurchaseOwner,
    page: PageOfPurchases,
  ): Promise<readonly PurchaseSummary[]>;
  purchase(
    tenant: TenantId,
    owner: PurchaseOwner,
    purchaseId: PurchaseId,
  ): Promise<PurchaseDetail | null>;
}
