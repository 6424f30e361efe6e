/** Makes a card another member's. It works on, and the number stays the account's. */
import { Type } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { handOverCard as decide } from '../../domain/account/members.js';
import { CardNumber, MemberId, UserId } from '../../domain/ids.js';
import { defineCommand } from '../command.js';

export const handOverCard = defineCommand({
  name: 'HandOverCard',
  summary: 'Makes a card another member’s of the same household.',
  input: Type.Object(
    { userId: UserId, cardNumber: CardNumber, memberId: MemberId },
    { additionalProperties: false, title: 'HandOverCard' },
  ),
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: () => undefined,
  decide: (input, state) => decide(input, state),
  answer: ({ input }) => input,
});
