/**
 * What a campaign may give away and has given away, over all customers: the stream that its receipts share. Invariant: what is
 * reserved and spent together never exceeds a budget of the campaign, in any of its windows.
 *
 *   reserved → spent → returned in parts        reserved → released (the receipt came to nothing)
 *
 * A receipt reserves before its own stream records it, and a worker settles afterwards what was recorded there. What it settles
 * carries the place of the answered fact in the log: the worker goes through the log in order, so whatever lies at or before the
 * last one was settled already, and nothing has to be remembered of the millions of receipts that are done.
 */
import { Type } from '@sinclair/typebox';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import { PurchaseId, type TenantId, TillId, UserId } from '../ids.js';
import type { CampaignId } from '../pricing/campaign.js';
import { streamName } from '../stream.js';
import { chargeProperties, count } from './charge.js';
import { fromSnapshot, snapshotSchemaVersion, toSnapshot } from './snapshot.js';
import { type Budget, initialBudget, receiptKey, type ReceiptName } from './state.js';

export const budgetStream = (tenant: TenantId, campaignId: CampaignId) =>
  streamName('budget', tenant, campaignId);

const Instant = Type.Integer({ minimum: 0, description: 'Milliseconds since the epoch, UTC' });
const answers = Type.String({
  pattern: '^[0-9]{1,20}$',
  description: 'Place in the log of the fact that it answers',
});

const receipt = {
  purchaseId: PurchaseId,
  userId: Type.Union([UserId, Type.Null()]),
  tillId: TillId,
} as const;

// These names are the storage format: proof-read, version with care.
export const BudgetReserved = event('BudgetReserved', {
  ...receipt,
  ...chargeProperties,
  at: Instant,
  until: Instant,
});
/** As the receipt recorded it, whatever had been reserved. */
export const BudgetSpent = event('BudgetSpent', {
  ...receipt,
  ...chargeProperties,
  answers,
});
export const BudgetReleased = event('BudgetReleased', {
  ...receipt,
  reason: Type.String({ maxLength: 500 }),
});
/** Back to the day of the purchase. `cause` is the id of the return, or of the purchase where it was cancelled. */
export const BudgetReturned = event('BudgetReturned', {
  ...receipt,
  ...chargeProperties,
  cause: Type.String({ maxLength: 80 }),
  answers,
});

export const budgetEvents = [BudgetReserved, BudgetSpent, BudgetReleased, BudgetReturned] as const;
export type BudgetEvent = EventOf<(typeof budgetEvents)[number]>;

export const budget: Aggregate<Budget, BudgetEvent> = {
  category: 'budget',
  initial: initialBudget,
  evolve: (state, event) => {
    switch (event.type) {
      case 'BudgetReserved': {
        const before = withoutReservation(state, event.data);
        before.open.set(receiptKey(event.data), event.data);
        return { ...before, charged: count(before.charged, event.data, 1) };
      }
      case 'BudgetSpent': {
        const before = withoutReservation(state, event.data);
        const charged = count(before.charged, event.data, 1);
        return { ...before, charged, answered: BigInt(event.data.answers) };
      }
      case 'BudgetReleased':
        return withoutReservation(state, event.data);
      case 'BudgetReturned': {
        const charged = count(state.charged, event.data, -1);
        return { ...state, charged, answered: BigInt(event.data.answers) };
      }
      default:
        return unreachable(event);
    }
  },
  snapshot: {
    every: 1_000,
    schemaVersion: snapshotSchemaVersion,
    take: toSnapshot,
    restore: fromSnapshot,
  },
};

const withoutReservation = (state: Budget, receipt: ReceiptName): Budget => {
  const key = receiptKey(receipt);
  const reservation = state.open.get(key);
  if (!reservation) return state;
  state.open.delete(key);
  return { ...state, charged: count(state.charged, reservation, -1) };
};
