/**
 * Puts another card in the place of one, working or blocked. The new number is won on its own stream first.
 */
import { Type } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { replaceCard as decide } from '../../domain/account/customer.js';
import { CardNumber, MemberId, UserId } from '../../domain/ids.js';
import { type CommandContext, defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';
import { carrierOf } from './carrier.js';
import { derivedCardNumber } from './cardNumber.js';
import { cardReservation } from './reservation.js';

const replacementOf = (
  { replacement }: { readonly replacement?: CardNumber },
  context: CommandContext,
): CardNumber => replacement ?? derivedCardNumber(context);

export const replaceCard = defineCommand({
  name: 'ReplaceCard',
  summary: 'Puts another card in the place of one, under a number that is brought or a new one.',
  input: Type.Object(
    {
      userId: UserId,
      cardNumber: CardNumber,
      replacement: Type.Optional(CardNumber),
      memberId: Type.Optional(MemberId),
      reason: Type.String({ maxLength: 500 }),
    },
    { additionalProperties: false, title: 'ReplaceCard' },
  ),
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: (_input, context, { directory }) => presentTenant(directory, context.tenant),
  decide: (input, state, _found, context) => {
    const { cardNumber, reason, memberId } = input;
    const replacement = replacementOf(input, context);
    return decide({ cardNumber, replacement, reason, memberId }, state);
  },
  reserve: (input, context) => [
    cardReservation(replacementOf(input, context), input.userId, context),
  ],
  answer: ({ input, context, state }) => {
    const { userId, cardNumber } = input;
    const replacement = replacementOf(input, context);
    return { userId, cardNumber, replacement, ...carrierOf(state, replacement) };
  },
});
