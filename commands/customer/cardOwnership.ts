/**
 * What becomes of a reserved card number: claimed once the account has it, lapsed if it never did, released when the customer is
 * erased. Issued by workers and by the command that erases, never by a till.
 */
import { Type } from '@sinclair/typebox';
import {
  card,
  CardReserved,
  cardStream,
  claimCard as claim,
  lapseCard as lapse,
  releaseCard as release,
} from '../../domain/card/card.js';
import { defineCommand } from '../command.js';

const { cardNumber, userId, until } = CardReserved.schema.properties;
const closed = { additionalProperties: false } as const;
const reason = Type.String({ maxLength: 500 });

export const claimCard = defineCommand({
  name: 'ClaimCard',
  summary: 'Makes a card number the account has recorded its own.',
  input: Type.Object({ cardNumber, userId }, closed),
  aggregate: card,
  stream: (input, context) => cardStream(context.tenant, input.cardNumber),
  lookUp: () => undefined,
  decide: (input, state) => claim(input, state),
  answer: () => null,
});

export const lapseCard = defineCommand({
  name: 'LapseCard',
  summary: 'Frees a card number whose reservation came to nothing.',
  input: Type.Object({ cardNumber, userId, until, reason }, closed),
  aggregate: card,
  stream: (input, context) => cardStream(context.tenant, input.cardNumber),
  lookUp: () => undefined,
  decide: (input, state) => lapse(input, state),
  answer: () => null,
});

export const releaseCard = defineCommand({
  name: 'ReleaseCard',
  summary: 'Frees a card number of a customer who was erased.',
  input: Type.Object({ cardNumber, userId, reason }, closed),
  aggregate: card,
  stream: (input, context) => cardStream(context.tenant, input.cardNumber),
  lookUp: () => undefined,
  decide: (input, state) => release(input, state),
  answer: () => null,
});
