/**
 * The questions that the POS API asks of the read models. The port is the API's; readModels.ts answers it from Postgres.
 *
 * Every answer is of one tenant. Points are hundredths, money minor units, quantities thousandths, times milliseconds.
 */
import type { CardNumber, PurchaseId, TenantId, TillId, UserId } from '../../domain/ids.js';
import type { BalanceView, LedgerLine, LotView } from '../../projections/balances/queries.js';
import type {
  CardView,
  CustomerKey,
  CustomerView,
  HouseholdView,
  MemberView,
} from '../../projections/customers/queries.js';
import type { Page, PageRequest } from '../../projections/pages.js';
import type { PurchaseDetail, PurchaseView } from '../../projections/purchases/queries.js';

export type {
  BalanceView,
  CardView,
  CustomerView,
  HouseholdView,
  LedgerLine,
  LotView,
  MemberView,
  PurchaseDetail,
  PurchaseView,
};

/** Of a customer, or the anonymous ones of a till. */
export type PurchaseOwner = { readonly userId: UserId } | { readonly tillId: TillId };

export interface PosQueries {
  /** Waits until the read model has applied everything up to `position`. @throws ProjectionBehind */
  reach(projection: 'balances' | 'customers' | 'purchases', position: bigint): Promise<void>;

  customer(tenant: TenantId, key: CustomerKey): Promise<CustomerView | null>;
  /** By their ids. @throws BadCursor, as every list */
  customers(tenant: TenantId, page: PageRequest): Promise<Page<CustomerView>>;
  card(tenant: TenantId, cardNumber: CardNumber): Promise<CardView | null>;
  /** By their numbers. */
  cards(tenant: TenantId, page: PageRequest): Promise<Page<CardView>>;
  /** In the order they were issued, at most 1,000. */
  cardsOf(tenant: TenantId, userId: UserId): Promise<readonly CardView[]>;

  /** Null where one person was ever on the account. */
  household(tenant: TenantId, userId: UserId): Promise<HouseholdView | null>;

  balance(tenant: TenantId, userId: UserId): Promise<BalanceView | null>;
  /** Those with points left, in the order they are used. */
  lots(tenant: TenantId, userId: UserId, limit: number): Promise<readonly LotView[]>;
  /** Newest first. */
  ledger(tenant: TenantId, userId: UserId, page: PageRequest): Promise<Page<LedgerLine>>;

  /** Newest first; `merchantId` null: of all merchants. */
  purchases(
    tenant: TenantId,
    owner: PurchaseOwner,
    page: PageRequest & { readonly merchantId: number | null },
  ): Promise<Page<PurchaseView>>;
  purchase(
    tenant: TenantId,
    owner: PurchaseOwner,
    purchaseId: PurchaseId,
  ): Promise<PurchaseDetail | null>;
}
