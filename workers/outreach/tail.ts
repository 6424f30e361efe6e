/**
 * What the journal of a lane says beyond what the tables of the queue know yet. A message read from the tables is brought up to date with it,
 * each change by its revision: so it does not matter how far behind the tables are, whether they were lost and are being filled again, or
 * whether they know more already.
 */
import type { MessageId } from '../../domain/ids.js';
import { type Change, evolve, type Message } from '../../domain/message/message.js';

interface Entry {
  readonly revision: number;
  readonly change: Change;
}

export interface Tail {
  add(messageId: MessageId, revision: number, change: Change): void;
  /** The message as of the end of the journal. @param revision up to which it is known. */
  upToDate(message: Message, revision: number): Message;
  /** The tables know everything up to `revision`. */
  forget(revision: number): void;
  readonly size: number;
}

export const createTail = (): Tail => {
  const byMessage = new Map<MessageId, Entry[]>();
  /** In the order of the journal. */
  let order: { readonly messageId: MessageId; readonly revision: number }[] = [];
  let gone = 0;

  const forgetOne = (messageId: MessageId, upTo: number): void => {
    const entries = byMessage.get(messageId);
    if (!entries) return;
    while (entries[0] && entries[0].revision <= upTo) entries.shift();
    if (entries.length === 0) byMessage.delete(messageId);
  };

  return {
    add: (messageId, revision, change) => {
      const entries = byMessage.get(messageId);
      if (entries) entries.push({ revision, change });
      else byMessage.set(messageId, [{ revision, change }]);
      order.push({ messageId, revision });
    },
    upToDate: (message, revision) => {
      let current = message;
      for (const entry of byMessage.get(message.messageId) ?? []) {
        if (entry.revision > revision) current = evolve(current, entry.change);
      }
      return current;
    },
    forget: (revision) => {
      for (let next = order[gone]; next && next.revision <= revision; next = order[gone]) {
        forgetOne(next.messageId, revision);
        gone += 1;
      }
      if (gone < 1_000 || gone < order.length / 2) return;
      order = order.slice(gone);
      gone = 0;
    },
    get size() {
      return order.length - gone;
    },
  };
};
