/** What became of each request of a batch, as it is told: the message's id, or the problem that it would have been answered with alone. */
import { Type } from '@sinclair/typebox';
import type { AcceptResult } from '../../commands/message/accept.js';
import { MessageId } from '../../domain/ids.js';
import { problemOf } from '../problem.js';
import { PositionText } from '../wire.js';

export const AcceptedShown = Type.Object(
  {
    messageId: MessageId,
    status: Type.Literal('accepted'),
    position: PositionText,
    repeated: Type.Boolean({ description: 'It had been accepted before' }),
  },
  { title: 'AcceptedMessage' },
);

const Refused = Type.Object(
  {
    status: Type.Literal('refused'),
    code: Type.String({ description: 'As in docs/reference/errors.md' }),
    detail: Type.String(),
    faults: Type.Optional(
      Type.Array(Type.Object({ pointer: Type.String(), reason: Type.String() })),
    ),
  },
  { title: 'RefusedMessage', description: 'Sent again under the same key, the others are repeats' },
);

export const ResultShown = Type.Union([AcceptedShown, Refused]);

const faultsMax = 5;

export const resultShown = (result: AcceptResult) => {
  if (result.kind === 'accepted') {
    const { messageId, position, repeated } = result;
    return { messageId, status: 'accepted' as const, position: String(position), repeated };
  }
  const { code, body } = problemOf(result.error, '');
  const faults = body['faults'] as { pointer: string; reason: string }[] | undefined;
  return {
    status: 'refused' as const,
    code,
    detail: String(body['detail']),
    ...(faults
      ? { faults: faults.slice(0, faultsMax).map(({ pointer, reason }) => ({ pointer, reason })) }
      : {}),
  };
};
