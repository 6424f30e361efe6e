/**
 * Gives a customer a card: the number they bring, or one made for them. The number is won on its own stream first.
 */
import { Type } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { issueCard as decide } from '../../domain/account/customer.js';
import { CardNumber, MemberId, UserId } from '../../domain/ids.js';
import { type CommandContext, defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';
import { carrierOf } from './carrier.js';
import { derivedCardNumber } from './cardNumber.js';
import { cardReservation } from './reservation.js';

const cardNumberOf = (
  { cardNumber }: { readonly cardNumber?: CardNumber },
  context: CommandContext,
): CardNumber => cardNumber ?? derivedCardNumber(context);

export const issueCard = defineCommand({
  name: 'IssueCard',
  summary: 'Gives a customer a card, under the number they bring or a new one.',
  input: Type.Object(
    { userId: UserId, cardNumber: Type.Optional(CardNumber), memberId: Type.Optional(MemberId) },
    { additionalProperties: false, title: 'IssueCard' },
  ),
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: (_input, context, { directory }) => presentTenant(directory, context.tenant),
  decide: (input, state, _found, context) =>
    decide({ cardNumber: cardNumberOf(input, context), memberId: input.memberId }, state),
  reserve: (input, context) => [
    cardReservation(cardNumberOf(input, context), input.userId, context),
  ],
  answer: ({ input, context, state }) => {
    const cardNumber = cardNumberOf(input, context);
    return { userId: input.userId, cardNumber, ...carrierOf(state, cardNumber) };
  },
});
