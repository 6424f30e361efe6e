/** A message that a dispatcher has in hand. */
import type { Position } from '../../domain/fact.js';
import type { MessageId } from '../../domain/ids.js';
import type { Message } from '../../domain/message/message.js';
import type { StoredRequest } from '../../projections/outbox/request.js';

export interface Loaded {
  readonly messageId: MessageId;
  /** As of everything that is known of its journal. */
  message: Message;
  readonly request: StoredRequest;
  /** The others that it stands for, where it is a digest. */
  digested: readonly Pick<Loaded, 'messageId' | 'request'>[];
  /** Since when it could be sent, milliseconds since the epoch. */
  readonly since: number;
  /** In the log, of its request or later: who knows less may not know its recipient yet. Left out: nobody is waited for. */
  readonly position?: Position;
  /** Waits in a window to be sent, is being sent, or something else is done for it. */
  state: 'waiting' | 'busy';
}
