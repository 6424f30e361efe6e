/**
 * Activates and expires what is due. Issued by the timer; every other decision on an account settles what is due by itself.
 */
import { Type } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { settlePoints as decide } from '../../domain/account/settle.js';
import { UserId } from '../../domain/ids.js';
import { defineCommand } from '../command.js';

export const settlePoints = defineCommand({
  name: 'SettlePoints',
  summary: 'Activates and expires the points that are due.',
  input: Type.Object({ userId: UserId }, { additionalProperties: false, title: 'SettlePoints' }),
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: () => undefined,
  decide: (_input, state, _found, { now }) => decide({ asOf: now }, state),
  answer: ({ events, input }) => {
    const answer = { userId: input.userId, pointsActivated: 0, pointsExpired: 0 };
    for (const event of events) {
      if (event.type === 'PointsActivated') answer.pointsActivated += event.data.points;
      if (event.type === 'PointsExpired') answer.pointsExpired += event.data.points;
    }
    return answer;
  },
});
