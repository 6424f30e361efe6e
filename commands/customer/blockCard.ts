/**
 * Stops a card that was lost or stolen. Its points are the account's and stay; the number stays the customer's, so that a finder
 * cannot bring it in as their own.
 */
import { Type } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { blockCard as decide } from '../../domain/account/customer.js';
import { CardNumber, UserId } from '../../domain/ids.js';
import { defineCommand } from '../command.js';

export const blockCard = defineCommand({
  name: 'BlockCard',
  summary: 'Stops a card; the points stay with the customer.',
  input: Type.Object(
    { userId: UserId, cardNumber: CardNumber, reason: Type.String({ maxLength: 500 }) },
    { additionalProperties: false, title: 'BlockCard' },
  ),
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: () => undefined,
  decide: (input, state) => decide(input, state),
  answer: ({ input, state }) => ({
    userId: input.userId,
    cardNumber: input.cardNumber,
    status: state.cards.get(input.cardNumber) ?? 'blocked',
  }),
});
