/**
 * Reads back what was recorded of one purchase: its own events, which are one append, and those of its returns. The account keeps
 * only their places, so this is read when goods come back and not carried along before.
 */
import type { ConfirmedPurchase, RecordedPurchase } from '../../domain/account/confirmed.js';
import type { AccountEvent } from '../../domain/account/events.js';
import { type PurchaseHistory, type ReturnedPurchase } from '../../domain/account/return.js';
import { followsPurchase } from '../../domain/account/recordedEffects.js';
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
  const [first, ...two] = await read(entry.revision, 3);
  const confirmed = dataOf<ConfirmedPurchase>(first, 'PurchaseConfirmed');
  const more = hasMore(confirmed) ? await read(entry.revision + 3, followersMax) : [];
  const effects: PurchaseHistory['effects'][number][] = [];
  for (const { type, data } of [...two, ...more]) {
    const event = { type, data } as AccountEvent;
    if (!followsPurchase(event, purchaseId)) break;
    effects.push(event);
  }
  const returns: ReturnedPurchase[] = [];
  for (const revision of entry.returns) {
    returns.push(dataOf(await only(read, revision), 'PurchaseReturned'));
  }
  const boughtAt = Date.parse(first?.metadata.occurredAt ?? '');
  return { confirmed, boughtAt, effects, returns };
};

/** Most purchases are followed by their points alone; campaigns, coupons and games may add some events each. */
const followersMax = 1_000;
const hasMore = ({ day }: ConfirmedPurchase): boolean => day !== undefined;

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
