/**
 * /pos/v1/users/{userId}: the points of a customer, where each came from and went, and points given or taken by hand.
 */
import { type Static, Type } from '@sinclair/typebox';
import { adjustPoints, AdjustPointsInput } from '../../commands/account/adjustPoints.js';
import { LotShare } from '../../domain/account/events.js';
import { Money, Points, shareDown, SignedPoints } from '../../domain/amount.js';
import { UserId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { editorsOnly, tillsAnd } from '../auth/access.js';
import { contextOf, Recorded, recorded } from '../commandContext.js';
import { commandInput } from '../input.js';
import { refused } from '../refused.js';
import { route, type Route } from '../route.js';
import { Instant, instantOf, InstantOrNull, instantOrNull, orNull, outside } from '../wire.js';
import type { BalanceView, LedgerLine, LotView } from './queries.js';
import { listQuery, minPosition, Page, pageRequest, pageShown, reachPosition } from './reading.js';
import type { PosServices } from './services.js';

const ofUser = { userId: UserId } as const;
const readers = tillsAnd('owner', 'manager', 'analyst', 'auditor', 'cashier');

const Lot = Type.Object(
  {
    lotId: Type.String(),
    merchantId: orNull(Type.Integer()),
    remaining: Points,
    activated: Type.Boolean(),
    earnedAt: Instant,
    activatesAt: Instant,
    expiresAt: InstantOrNull,
  },
  { title: 'Lot' },
);
const Balance = Type.Object(
  {
    userId: UserId,
    status: Type.String(),
    active: Points,
    pending: Points,
    deficit: Points,
    worth: orNull(Money),
    totals: Type.Object({
      earned: Points,
      redeemed: Points,
      restored: Points,
      clawedBack: Points,
      adjusted: SignedPoints,
      expired: Points,
      forfeited: Points,
    }),
    purchases: Type.Integer(),
    lastPurchaseAt: InstantOrNull,
    lots: Type.Array(Lot, {
      description: 'With points left, in the order they are used; at most 100',
    }),
  },
  { title: 'Balance' },
);
const Entry = Type.Object(
  {
    revision: Type.Integer({ description: "Place in the account's history" }),
    position: Type.String(),
    occurredAt: Instant,
    kind: Type.String(),
    points: SignedPoints,
    activeChange: SignedPoints,
    pendingChange: SignedPoints,
    deficitChange: SignedPoints,
    purchaseId: orNull(Type.String()),
    lotId: orNull(Type.String()),
    merchantId: orNull(Type.Integer()),
    note: orNull(Type.String()),
  },
  { title: 'LedgerEntry' },
);

const lotShown = (lot: LotView): Static<typeof Lot> => ({
  lotId: lot.lotId,
  merchantId: lot.merchantId,
  remaining: lot.remaining,
  activated: lot.activated,
  earnedAt: instantOf(lot.earnedAt),
  activatesAt: instantOf(lot.activatesAt),
  expiresAt: instantOrNull(lot.expiresAt),
});

const balanceShown = (
  view: BalanceView,
  lots: readonly LotView[],
  pointValue: number | undefined,
): Static<typeof Balance> => ({
  userId: view.userId as UserId,
  status: view.status,
  active: view.active,
  pending: view.pending,
  deficit: view.deficit,
  worth: pointValue === undefined ? null : shareDown(view.active, pointValue, 100),
  totals: {
    earned: view.earnedTotal,
    redeemed: view.redeemedTotal,
    restored: view.restoredTotal,
    clawedBack: view.clawedBackTotal,
    adjusted: view.adjustedTotal,
    expired: view.expiredTotal,
    forfeited: view.forfeitedTotal,
  },
  purchases: view.purchases,
  lastPurchaseAt: instantOrNull(view.lastPurchaseAt),
  lots: lots.map(lotShown),
});

const lineShown = (line: LedgerLine): Static<typeof Entry> => ({
  ...line,
  position: String(line.position),
  occurredAt: instantOf(line.occurredAt),
});

const lotsShown = 100;

export const pointRoutes = (services: PosServices): readonly Route[] => {
  const { handler, queries } = services;
  return [
    route({
      method: 'GET',
      path: '/pos/v1/users/{userId}/balance',
      summary: 'How many points a customer has, from what, and until when',
      tags: ['Points'],
      access: readers,
      params: ofUser,
      query: minPosition,
      response: Balance,
      problems: ['account-not-found'],
      handle: async ({ caller, params, query }) => {
        await reachPosition(queries, 'balances', query);
        const found = await queries.balance(caller.tenant, params.userId);
        if (!found) throw rejected('account-not-found', { userId: params.userId });
        const pointValue = handler.directory.rule(caller.tenant)?.rule.pointValue;
        const lots = await queries.lots(caller.tenant, params.userId, lotsShown);
        return { body: balanceShown(found, lots, pointValue) };
      },
    }),
    route({
      method: 'GET',
      path: '/pos/v1/users/{userId}/ledger',
      summary: 'Every movement of the points, newest first',
      tags: ['Points'],
      access: readers,
      params: ofUser,
      query: { ...listQuery, ...minPosition },
      response: Page('Ledger', Entry),
      handle: async ({ caller, params, query }) => {
        await reachPosition(queries, 'balances', query);
        const page = queries.ledger(caller.tenant, params.userId, pageRequest(query));
        return { body: await pageShown(page, lineShown) };
      },
    }),
    adjustmentRoute(services),
  ];
};

const Adjusted = Recorded('AdjustedPoints', {
  userId: UserId,
  adjustmentId: Type.String(),
  points: SignedPoints,
  reason: Type.String(),
  lot: orNull(
    Type.Object({
      lotId: Type.String(),
      points: Points,
      repaid: Points,
      activatesAt: Instant,
      expiresAt: InstantOrNull,
    }),
  ),
  lots: Type.Array(LotShare, { description: 'What points were taken from' }),
});

const adjustmentRoute = ({ handler }: PosServices): Route =>
  route({
    method: 'POST',
    path: '/pos/v1/users/{userId}/adjustments',
    summary: 'Gives or takes points by hand, with a reason',
    tags: ['Points'],
    access: editorsOnly,
    params: ofUser,
    body: outside(AdjustPointsInput, ['userId']),
    checkedBy: 'command',
    idempotencyKey: 'required',
    command: adjustPoints.name,
    status: 201,
    response: Adjusted,
    problems: ['account-not-found', 'account-closed', 'not-enough-points', 'adjustment-exists'],
    examples: {
      body: [{ summary: 'An apology', value: { points: 500, reason: 'a faulty till took them' } }],
    },
    handle: async (request) => {
      const { caller, params, body } = request;
      if (caller.kind === 'operator' && caller.merchantId !== null) {
        throw refused(
          'forbidden',
          'Points are of the whole programme: use a login that is not bound to one merchant.',
        );
      }
      const input = commandInput(params, body) as Static<typeof AdjustPointsInput>;
      const handled = await handler.handle(adjustPoints, input, contextOf(request, undefined));
      const { lot, ...answer } = handled.answer;
      const shownLot = lot && {
        ...lot,
        activatesAt: instantOf(lot.activatesAt),
        expiresAt: instantOrNull(lot.expiresAt),
      };
      return recorded({ ...handled, answer: { ...answer, lot: shownLot } });
    },
  });
