/** What became of one coupon or gift card, as its history tells: the newest first, and a limit. */
import { type TProperties, Type } from '@sinclair/typebox';
import type { Fact } from '../../domain/fact.js';
import type { StreamName } from '../../domain/stream.js';
import type { History } from '../audit/history.js';
import { Instant, orNull, PositionText } from '../wire.js';

const most = 100;

/** `own` is what entries of this kind tell besides. */
export const entriesOf = <Own extends TProperties>(own: Own) =>
  Type.Array(
    Type.Object({
      type: Type.String(),
      occurredAt: Instant,
      position: PositionText,
      actor: Type.String(),
      ...own,
      purchaseId: orNull(Type.String()),
      userId: orNull(Type.String()),
      tillId: orNull(Type.String()),
      reason: orNull(Type.String()),
    }),
    { description: `The newest first, at most ${most}` },
  );

interface Told {
  readonly purchaseId?: string;
  readonly userId?: string | null;
  readonly tillId?: string | null;
  readonly reason?: string;
}

export const newestEntries = async <Own extends object>(
  history: Pick<History, 'stream'>,
  stream: StreamName,
  own: (data: unknown) => Own,
) => {
  const page = { direction: 'backwards', from: null, limit: most } as const;
  const { facts } = await history.stream(stream, page);
  return facts.map((fact) => entryOf(fact, own(fact.data)));
};

const entryOf = <Own extends object>({ type, data, metadata, position }: Fact, own: Own) => {
  const { purchaseId, userId, tillId, reason } = data as Told;
  return {
    type,
    occurredAt: metadata.occurredAt,
    position: String(position),
    actor: `${metadata.actor.kind}:${metadata.actor.id}`,
    ...own,
    purchaseId: purchaseId ?? null,
    userId: userId ?? null,
    tillId: tillId ?? null,
    reason: reason ?? null,
  };
};
