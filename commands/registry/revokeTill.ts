/**
 * Ends the token of one POS terminal, for ever.
 */
import { Type } from '@sinclair/typebox';
import { TillId } from '../../domain/ids.js';
import { revokeTill as decide, till, tillStream } from '../../domain/till/till.js';
import { defineCommand } from '../command.js';

export const revokeTill = defineCommand({
  name: 'RevokeTill',
  summary: 'Ends the token of a till for ever.',
  input: Type.Object(
    { tillId: TillId, reason: Type.String({ maxLength: 500 }) },
    { additionalProperties: false, title: 'RevokeTill' },
  ),
  aggregate: till,
  stream: (input, context) => tillStream(context.tenant, input.tillId),
  lookUp: () => undefined,
  decide: (input, state) => decide(input, state),
  answer: ({ input }) => ({ tillId: input.tillId }),
});
