/**
 * Reading receipts back, from the read model. A till sees those of its own merchant: what a customer buys elsewhere in the
 * programme is none of its business.
 */
import { type Static, Type } from '@sinclair/typebox';
import { explained } from '../../commands/account/purchaseAnswer.js';
import {
  type CardNumber,
  type MemberId,
  type MerchantId,
  type PointOfSaleId,
  type ProductId,
  PurchaseId,
  TillId,
  UserId,
} from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { merchantOf, mustServe, ofProgramme, tillsAnd } from '../auth/access.js';
import type { Caller } from '../auth/caller.js';
import { faulty } from '../input.js';
import { route, type Route } from '../route.js';
import { fromThousandths, instantOf } from '../wire.js';
import type { PosQueries, PurchaseDetail, PurchaseOwner, PurchaseView } from './queries.js';
import {
  listQuery,
  type ListQuery,
  minPosition,
  Page,
  pageRequest,
  pageShown,
  reachPosition,
} from './reading.js';
import { PurchaseDetail as DetailShown, PurchaseSummary } from './purchaseReadingShapes.js';

const readers = tillsAnd('owner', 'manager', 'analyst', 'auditor', 'cashier');
const pageQuery = { ...listQuery, ...minPosition } as const;

const summaryShown = (view: PurchaseView): Static<typeof PurchaseSummary> => ({
  purchaseId: view.purchaseId as PurchaseId,
  userId: view.userId as UserId | null,
  cardNumber: view.cardNumber as CardNumber | null,
  ...(view.memberId !== null && { memberId: view.memberId as MemberId }),
  merchantId: view.merchantId as MerchantId,
  pointOfSaleId: view.pointOfSaleId as PointOfSaleId,
  tillId: view.tillId as TillId,
  currency: view.currency,
  total: view.total,
  discount: view.discount,
  net: view.total - view.discount,
  paidByPoints: view.paidByPoints,
  pointsRedeemed: view.pointsRedeemed,
  pointsEarned: view.pointsEarned,
  deficitRepaid: view.deficitRepaid,
  status: view.status,
  returnedAmount: view.returnedAmount,
  refunded: view.refunded,
  lineCount: view.lineCount,
  offline: view.offline,
  occurredAt: instantOf(view.occurredAt),
  position: String(view.position),
});

const lineShown = (line: PurchaseDetail['lines'][number]) => ({
  ...line,
  productId: line.productId as ProductId,
  quantity: fromThousandths(line.quantity),
  returnedQuantity: fromThousandths(line.returnedQuantity),
});

const returnShown = (view: PurchaseDetail['returns'][number], currency: string) => ({
  returnId: view.returnId,
  kind: view.kind,
  tillId: view.tillId as TillId,
  amount: view.amount,
  discount: view.discount,
  refund: view.refund,
  paidByPoints: view.paidByPoints,
  complete: view.complete,
  reason: view.reason,
  why: explained(view.why, currency),
  occurredAt: instantOf(view.occurredAt),
});

const detailShown = ({ purchase, lines, returns }: PurchaseDetail): Static<typeof DetailShown> => ({
  ...summaryShown(purchase),
  ruleVersion: purchase.ruleVersion,
  why: explained(purchase.why, purchase.currency),
  lines: lines.map(lineShown),
  returns: returns.map((view) => returnShown(view, purchase.currency)),
});

/** The only merchant whose receipts the caller sees, null: all. */
const seenBy = (caller: Caller): MerchantId | null => merchantOf(ofProgramme(caller));

interface PageQuery extends ListQuery {
  readonly minPosition?: string;
}

const listOf = async (
  queries: PosQueries,
  caller: Caller,
  owner: PurchaseOwner,
  query: PageQuery,
) => {
  await reachPosition(queries, 'purchases', query);
  const page = { ...pageRequest(query), merchantId: seenBy(caller) };
  return { body: await pageShown(queries.purchases(caller.tenant, owner, page), summaryShown) };
};

const oneOf = async (
  queries: PosQueries,
  caller: Caller,
  owner: PurchaseOwner,
  purchaseId: PurchaseId,
  query: PageQuery,
) => {
  await reachPosition(queries, 'purchases', query);
  const found = await queries.purchase(caller.tenant, owner, purchaseId);
  if (!found) throw rejected('purchase-not-found', { purchaseId });
  mustServe(caller, found.purchase.merchantId as MerchantId);
  return { body: detailShown(found) };
};

export const purchaseReadingRoutes = (queries: PosQueries): readonly Route[] => [
  route({
    method: 'GET',
    path: '/pos/v1/users/{userId}/purchases/',
    summary: "Lists a customer's purchases, newest first",
    description: 'A till sees those of its own merchant.',
    tags: ['Purchases'],
    access: readers,
    params: { userId: UserId },
    query: pageQuery,
    response: Page('Purchases', PurchaseSummary),
    handle: ({ caller, params, query }) => listOf(queries, caller, params, query),
  }),
  route({
    method: 'GET',
    path: '/pos/v1/users/{userId}/purchases/{purchaseId}',
    summary: 'One purchase with its lines, its returns and why it came out so',
    tags: ['Purchases'],
    access: readers,
    params: { userId: UserId, purchaseId: PurchaseId },
    query: minPosition,
    response: DetailShown,
    problems: ['purchase-not-found', 'foreign-merchant'],
    handle: ({ caller, params, query }) =>
      oneOf(queries, caller, { userId: params.userId }, params.purchaseId, query),
  }),
];

/** Of whom: a till asks for its own receipts unless it names another one, an operator names one. */
const tillMeant = (caller: Caller, tillId: TillId | undefined): PurchaseOwner => {
  if (tillId !== undefined) return { tillId };
  if (caller.kind === 'till') return { tillId: caller.tillId };
  throw faulty('query', '/tillId', 'is missing');
};
const tillQuery = {
  tillId: Type.Optional({
    ...TillId,
    description: 'The till that made them out; a till itself may leave it out',
  }),
} as const;

export const anonymousReadingRoutes = (queries: PosQueries): readonly Route[] => [
  route({
    method: 'GET',
    path: '/pos/v1/purchases/',
    summary: 'Lists the receipts without a customer of a till, newest first',
    tags: ['Anonymous purchases'],
    access: readers,
    query: { ...tillQuery, ...pageQuery },
    response: Page('AnonymousPurchases', PurchaseSummary),
    handle: ({ caller, query }) => listOf(queries, caller, tillMeant(caller, query.tillId), query),
  }),
  route({
    method: 'GET',
    path: '/pos/v1/purchases/{purchaseId}',
    summary: 'One receipt without a customer',
    tags: ['Anonymous purchases'],
    access: readers,
    params: { purchaseId: PurchaseId },
    query: { ...tillQuery, ...minPosition },
    response: DetailShown,
    problems: ['purchase-not-found', 'foreign-merchant'],
    handle: ({ caller, params, query }) =>
      oneOf(queries, caller, tillMeant(caller, query.tillId), params.purchaseId, query),
  }),
];
