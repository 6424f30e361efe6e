/** One message as the queue knows it, for whoever asks how it stands. */
import type { MessageId, TenantId } from '../../domain/ids.js';
import type { Message } from '../../domain/message/message.js';
import { live, type Reader } from '../pages.js';
import { rowsOnceBegun } from './begun.js';

/** Null: the queue has not heard of it, yet or ever. */
export const queuedMessage = async (
  db: Reader,
  tenant: TenantId,
  messageId: MessageId,
): Promise<Message | null> => {
  const rows = await rowsOnceBegun(
    db.query<{ readonly state: string }>({
      name: 'outbox.message',
      text: `select state from ${live}.outbox_messages where tenant = $1 and message_id = $2`,
      values: [tenant, messageId],
    }),
  );
  return rows[0] ? (JSON.parse(rows[0].state) as Message) : null;
};
