/**
 * Puts another card in the place of one, working or blocked. The new number is won on its own stream first.
 */
import { Type } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { replaceCard as decide } from '../../domain/account/customer.js';
import { CardNumber, UserId } from '../../domain/ids.js';
import { type CommandContext, defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';
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
      reason: Type.String({ maxLength: 500 }),
    },
    { additionalProperties: false, title: 'ReplaceCard' },
  ),
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: (_input, context, { directory }) => presentTenant(directory, context.tenant),
  decide: (input, state, _found, context) => {
    const { cardNumber, reason } = input;
    return decide({ cardNumber, replacement: replacementOf(input, context), reason }, state);
  },
  reserve: (input, context) => [
    cardReservation(replacementOf(input, context), input.userId, context),
  ],
  answer: ({ input, context }) => ({
    userId: input.userId,
    cardNumber: input.cardNumber,
    replacement: replacementOf(input, context),
  }),
});
