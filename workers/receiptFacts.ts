/** What the workers know of facts of receipts: which there are, and whose receipt one tells of. */
import type { ReceiptName } from '../domain/budget/state.js';
import type { Fact } from '../domain/fact.js';
import type { PurchaseId, TillId, UserId } from '../domain/ids.js';
import { parseStreamName } from '../domain/stream.js';

const confirmations = ['PurchaseConfirmed', 'AnonymousPurchaseConfirmed'] as const;
const reversals = [
  'PurchaseReturned',
  'PurchaseCancelled',
  'AnonymousPurchaseReturned',
  'AnonymousPurchaseCancelled',
] as const;
export const receiptEvents: readonly string[] = [...confirmations, ...reversals];

/** Rather than a return or a cancellation. */
export const isConfirmation = ({ type }: Fact): boolean =>
  (confirmations as readonly string[]).includes(type);

/** A customer's receipt is told on their account, an anonymous one on the stream of the till that sold. */
export const receiptOf = ({ stream, data }: Fact): ReceiptName => {
  const { category, id } = parseStreamName(stream) ?? { category: '', id: '' };
  const { purchaseId, tillId } = data as { readonly purchaseId: PurchaseId; tillId: TillId };
  return category === 'account'
    ? { purchaseId, userId: id as UserId, tillId }
    : { purchaseId, userId: null, tillId: id as TillId };
};
