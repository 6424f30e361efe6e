/** Makes a member the head of the household, in the place of whoever was. */
import { Type } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { appointHead as decide } from '../../domain/account/members.js';
import { MemberId, UserId } from '../../domain/ids.js';
import { defineCommand } from '../command.js';

export const appointHead = defineCommand({
  name: 'AppointHead',
  summary: 'Makes a member the head of the household.',
  input: Type.Object(
    { userId: UserId, memberId: MemberId },
    { additionalProperties: false, title: 'AppointHead' },
  ),
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: () => undefined,
  decide: (input, state) => decide(input, state),
  answer: ({ input }) => ({ userId: input.userId, head: input.memberId }),
});
