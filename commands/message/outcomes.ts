/** What the queue knows of a message: asked where an order is to be answered with what came of it, or somebody asks how it stands. */
import type { Position } from '../../domain/fact.js';
import type { MessageId, TenantId } from '../../domain/ids.js';
import type { Message } from '../../domain/message/message.js';

export interface Outcomes {
  /**
   * As of `minPosition` at least; null: the queue has never heard of it.
   * @throws NotCaughtUp where the queue did not get that far in time.
   */
  message(
    tenant: TenantId,
    messageId: MessageId,
    minPosition: Position | null,
  ): Promise<Message | null>;
}
