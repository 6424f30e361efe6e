/**
 * Reading receipts back, from the read model. A till sees those of its own merchant: what a customer buys elsewhere in the
 * programme is none of its business.
 */
import { Type } from '@sinclair/typebox';
import { explain } from '../../domain/account/explain.js';
import type { Reason } from '../../domain/account/events.js';
import { type MerchantId, PurchaseId, TillId, UserId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { mustServe, tillsAnd } from '../auth/access.js';
import type { Caller } from '../auth/caller.js';
import { faulty } from '../input.js';
import { route, type Route } from '../route.js';
import { fromThousandths, instantOf } from '../wire.js';
import type {
  PosQueries,
  PurchaseDetail,
  PurchaseOwner,
  PurchaseSummary as Summary,
} from './queries.js';
import { limitDefault, listQuery, minPosition, Page, pageOf, reachPosition } from './reading.js';
import { PurchaseDetail as DetailShown, PurchaseSummary } from './receiptShapes.js';

const readers = tillsAnd('owner', 'manager', 'analyst', 'auditor', 'cashier');
const pageQuery = {
  limit: listQuery.limit,
  after: Type.Optional(
    Type.String({
      pattern: '^[0-9]{1,15}[.][0-9]{1,20}$',
      description: 'The `next` of the page before',
    }),
  ),
  ...minPosition,
} as const;

const summaryShown = (purchase: Summary) => {
  const { position, occurredAt } = purchase;
  return {
    purchaseId: purchase.purchaseId,
    userId: purchase.userId,
    cardNumber: purchase.cardNumber,
    merchantId: purchase.merchantId,
    pointOfSaleId: purchase.pointOfSaleId as never,
    tillId: purchase.tillId,
    currency: purchase.currency,
    total: purchase.total,
    paidByPoints: purchase.paidByPoints,
    pointsRedeemed: purchase.pointsRedeemed,
    pointsEarned: purchase.pointsEarned,
    deficitRepaid: purchase.deficitRepaid,
    status: purchase.status,
    returnedAmount: purchase.returnedAmount,
    refunded: purchase.refunded,
    lineCount: purchase.lineCount,
    offline: purchase.offline,
    occurredAt: instantOf(occurredAt),
    position: String(position),
  };
};

const explained = (why: readonly Reason[], currency: string) =>
  why.map((reason) => ({ ...reason, text: explain(reason, currency) }));

const detailShown = (purchase: PurchaseDetail) => ({
  ...summaryShown(purchase),
  ruleVersion: purchase.ruleVersion,
  why: explained(purchase.why, purchase.currency),
  lines: purchase.lines.map((line) => ({
    ...line,
    productId: line.productId as never,
    quantity: fromThousandths(line.quantity),
    returnedQuantity: fromThousandths(line.returnedQuantity),
  })),
  returns: purchase.returns.map((one) => ({
    ...one,
    tillId: one.tillId as never,
    why: explained(one.why, purchase.currency),
    occurredAt: instantOf(one.occurredAt),
  })),
});

/** The only merchant whose receipts the caller sees, null: all. */
const seenBy = (caller: Caller): MerchantId | null =>
  caller.kind === 'app' ? null : caller.merchantId;

const cursorOf = ({ occurredAt, position }: Summary): string => `${occurredAt}.${position}`;

interface PageQuery {
  readonly limit?: number;
  readonly after?: string;
  readonly minPosition?: string;
}

const listOf = async (
  queries: PosQueries,
  caller: Caller,
  owner: PurchaseOwner,
  query: PageQuery,
) => {
  await reachPosition(queries, 'purchases', query);
  const { limit = limitDefault, after } = query;
  const [time = '', place = ''] = after?.split('.') ?? [];
  const before = after === undefined ? null : { occurredAt: Number(time), position: BigInt(place) };
  const page = { limit: limit + 1, before, merchantId: seenBy(caller) };
  const found = await queries.purchases(caller.tenant, owner, page);
  return { body: pageOf(found, limit, cursorOf, summaryShown) };
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
  if (caller.kind !== 'app') mustServe(caller, found.merchantId);
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
