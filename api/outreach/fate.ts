/**
 * What became of a message that went out as a part of another: its own journal ends where that one took it, and from then on that one's
 * fate is its own. Told beside the status wherever a message is shown, so that nobody has to ask a second time.
 */
import { type Static, Type } from '@sinclair/typebox';
import { MessageId, type TenantId } from '../../domain/ids.js';
import { explainFate } from '../../domain/message/explain.js';
import {
  type Message,
  shownStatus,
  type ShownStatus,
  shownStatuses,
} from '../../domain/message/message.js';
import type { FoundMessage } from '../../projections/messages/found.js';
import type { MessageSearches } from '../../projections/messages/search.js';
import { InstantOrNull, instantOrNull, orNull } from '../wire.js';

export const MessageStatus = Type.Union(
  shownStatuses.map((status) => Type.Literal(status)),
  { description: 'digested: it went out as a part of another message, whose `fate` is its own' },
);

export const Fate = Type.Object(
  {
    messageId: MessageId,
    status: MessageStatus,
    reason: orNull(Type.String({ description: 'Why it waits, or ended so' })),
    endedAt: InstantOrNull,
    sentence: Type.String(),
  },
  { title: 'DigestFate', description: 'What became of the message that it went out with' },
);
export type Fate = Static<typeof Fate>;

interface Ended {
  readonly messageId: MessageId;
  readonly status: ShownStatus;
  readonly reason: string | null;
  /** Milliseconds since the epoch. */
  readonly endedAt: number | null;
}

export const fateOf = ({ messageId, status, reason, endedAt }: Ended): Fate => ({
  messageId,
  status,
  reason,
  endedAt: instantOrNull(endedAt),
  sentence: explainFate(messageId, status, reason),
});

/** As the queue knows it. */
export const fateOfMessage = (message: Message): Fate => {
  const { messageId, endedAt, held } = message;
  const reason = message.reason ?? held?.reason ?? null;
  return fateOf({ messageId, status: shownStatus(message), reason, endedAt });
};

/**
 * Of those of a page that went out as parts, by the message that took them; without those that a store in memory let go.
 * @throws SearchTooCostly, DocumentsNotReady, and what the driver throws.
 */
export const fatesOf = async (
  searches: Pick<MessageSearches, 'several'>,
  tenant: TenantId,
  rows: readonly FoundMessage[],
): Promise<ReadonlyMap<string, Fate>> => {
  const ids = new Set(rows.flatMap(({ digestedInto }) => digestedInto ?? []));
  if (ids.size === 0) return new Map();
  const found = await searches.several(tenant, [...ids]);
  return new Map(found.map((one) => [one.messageId, fateOf(one)]));
};
