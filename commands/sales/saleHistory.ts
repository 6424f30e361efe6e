/**
 * Reads back what was recorded of one anonymous receipt, and answers it. Like its fellow of the account, without points.
 */
import type { EventOf } from '../../domain/event.js';
import { backTexts, giftCardLines } from '../../domain/account/texts.js';
import type { Fact } from '../../domain/fact.js';
import { paidByCards } from '../../domain/giftCard/payment.js';
import type { PurchaseId } from '../../domain/ids.js';
import type { RecordedSale, SaleHistory } from '../../domain/sales/decide.js';
import {
  type AnonymousPurchaseCancelled,
  type AnonymousPurchaseConfirmed,
  type AnonymousPurchaseReturned,
  type SalesEvent,
} from '../../domain/sales/events.js';
import type { Sales } from '../../domain/sales/sales.js';
import { moneyText } from '../../domain/amountText.js';
import type { TextsOf } from '../account/campaignWords.js';
import { explained, offered, withWords } from '../account/purchaseAnswer.js';
import type { LookUp } from '../command.js';
import { withCards, withCardsBack } from '../giftCard/answer.js';

type From = Pick<LookUp<Sales>, 'state' | 'read'>;
type Confirmed = EventOf<typeof AnonymousPurchaseConfirmed>['data'];
type Returned = EventOf<typeof AnonymousPurchaseReturned>['data'];
type Cancelled = EventOf<typeof AnonymousPurchaseCancelled>['data'];

/** The receipt of this id, null where the till has none. */
export const recordedSale = async (
  purchaseId: PurchaseId,
  { state, read }: From,
): Promise<RecordedSale | null> => {
  const entry = state.purchases.get(purchaseId);
  if (!entry) return null;
  const fact = await only(read, entry.revision, 'AnonymousPurchaseConfirmed');
  return { data: fact.data as Confirmed, occurredAt: Date.parse(fact.metadata.occurredAt) };
};

export interface WholeSale extends SaleHistory {
  readonly cancelled: Cancelled | null;
}

/** The receipt with all that became of it, null where the till has none of this id. */
export const saleHistory = async (
  purchaseId: PurchaseId,
  { state, read }: From,
): Promise<WholeSale | null> => {
  const entry = state.purchases.get(purchaseId);
  if (!entry) return null;
  const confirmed = await only(read, entry.revision, 'AnonymousPurchaseConfirmed');
  const returns: Returned[] = [];
  for (const revision of entry.returns) {
    returns.push((await only(read, revision, 'AnonymousPurchaseReturned')).data as Returned);
  }
  const end =
    entry.cancelled === null
      ? null
      : await only(read, entry.cancelled, 'AnonymousPurchaseCancelled');
  return {
    confirmed: confirmed.data as Confirmed,
    returns,
    cancelled: (end?.data as Cancelled | undefined) ?? null,
  };
};

const only = async (
  read: From['read'],
  revision: number,
  type: SalesEvent['type'],
): Promise<Fact> => {
  const [fact] = await read(revision, 1);
  if (fact?.type !== type) {
    throw new Error(`${type} was expected where the stream has ${fact?.type ?? 'nothing'}`);
  }
  return fact;
};

export const answerSale = (sale: Confirmed, textsOf: TextsOf) => {
  const { purchaseId, currency, total, net = total, lines, offline } = sale;
  const toPay = net - paidByCards(sale.giftCards);
  const slip = giftCardLines(sale.giftCards, currency);
  const texts = { cashier: `To pay: ${moneyText(toPay, currency)}.`, slip };
  const answer = {
    purchaseId,
    currency,
    total,
    ...offered(total, sale),
    toPay: net,
    lines,
    offline,
    texts: withWords(texts, textsOf(sale)),
    ...(sale.why && { why: explained(sale.why, currency) }),
  };
  return sale.giftCards ? withCards(answer, sale.giftCards) : answer;
};

export const answerSaleUndone = (undone: Returned | Cancelled) => {
  const { reversed: campaigns = [], day: _day, discount = 0, giftCards, ...rest } = undone;
  const refund = undone.amount - discount;
  const { money, words, slip } = backTexts(refund, giftCards, undone.currency);
  const answer = {
    ...rest,
    discount,
    campaigns,
    refund,
    texts: { cashier: `To refund: ${money}.${words}`, slip },
  };
  return giftCards ? withCardsBack(answer, giftCards) : answer;
};
