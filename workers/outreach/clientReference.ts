/** The number under which a provider knows an attempt: made of it and read back from receipts, so that nothing has to be looked up. */
import type { Message } from '../../domain/message/message.js';

/** At most 64 characters, unique for ever, and told apart by receipts without being looked up. */
export const clientReferenceOf = (message: Message, attempt: number): string =>
  `${message.messageId}-${attempt}`;

const referencePattern = /^([0-9a-f]{32})-([1-9][0-9]{0,5})$/;

/** Null: it is none of ours. */
export const attemptOfReference = (
  reference: string,
): { readonly messageId: Message['messageId']; readonly attempt: number } | null => {
  const found = referencePattern.exec(reference);
  return found ? { messageId: found[1] as Message['messageId'], attempt: Number(found[2]) } : null;
};
