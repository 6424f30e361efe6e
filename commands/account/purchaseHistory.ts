/**
 * Reads back what was recorded of one purchase: its own events, which are one append, and those of its returns. The account keeps
 * only their places, so this is read when goods come back and not carried along before.
 */
import type { ConfirmedPurchase, RecordedPurchase } from '../../domain/account/confirm.js';
import type { AccountEvent } from '../../domain/account/events.js';
import type { PurchaseHistory, ReturnedPurchase } from '../../domain/account/return.js';
import type { Account } from '../../domain/account/state.js';
import type { Fact } from '../../domain/fact.js';
import type { PurchaseId } from '../../domain/ids.js';
import type { LookUp } from '../command.js';

type From = Pick<LookUp<Account>, 'state' | 'read'>;

/** The purchase of this id, null where the account has none. */
export const recordedPurchase = async (
  purchaseId: PurchaseId,
  { state, read }: From,
): Promise<RecordedPurchase | null> => {
  const entry = state.purchases.get(purchaseId);
  if (!entry) return null;
  const fact = await only(read, entry.revision);
  return {
    data: dataOf<ConfirmedPurchase>(fact, 'PurchaseConfirmed'),
    occurredAt: Date.parse(fact.metadata.occurredAt),
  };
};

/** The purchase with its points and its returns so far, null where the account has none of this id. */
export const purchaseHistory = async (
  purchaseId: PurchaseId,
  { state, read }: From,
): Promise<PurchaseHistory | null> => {
  const entry = state.purchases.get(purchaseId);
  if (!entry) return null;
  const [first, ...followers] = await read(entry.revision, 3);
  const events = followers.map(({ type, data }) => ({ type, data }) as AccountEvent);
  const returns: ReturnedPurchase[] = [];
  for (const revision of entry.returns) {
    returns.push(dataOf(await only(read, revision), 'PurchaseReturned'));
  }
  let redeemed: PurchaseHistory['redeemed'] = null;
  let earned: PurchaseHistory['earned'] = null;
  for (const event of events) {
    const mine = 'purchaseId' in event.data && event.data.purchaseId === purchaseId;
    if (mine && event.type === 'PointsRedeemed') redeemed = event.data;
    if (mine && event.type === 'PointsEarned') earned = event.data;
  }
  return { confirmed: dataOf(first, 'PurchaseConfirmed'), redeemed, earned, returns };
};

const only = async (read: From['read'], revision: number): Promise<Fact> => {
  const [fact] = await read(revision, 1);
  if (!fact) throw new Error(`the stream has no event ${revision}, though its state says so`);
  return fact;
};

/** The data of a fact that has to be of `type`. */
const dataOf = <Data>(fact: Fact | undefined, type: AccountEvent['type']): Data => {
  if (fact?.type !== type) {
    throw new Error(`${type} was expected where the stream has ${fact?.type ?? 'nothing'}`);
  }
  return fact.data as Data;
};
