/**
 * Ends the login of a person, for ever: the login stays theirs in the history and is not given out again.
 */
import { Type } from '@sinclair/typebox';
import { OperatorId } from '../../domain/ids.js';
import {
  revokeOperator as decide,
  operator,
  operatorStream,
} from '../../domain/operator/operator.js';
import { defineCommand } from '../command.js';

export const revokeOperator = defineCommand({
  name: 'RevokeOperator',
  summary: 'Ends the login of an operator for ever.',
  input: Type.Object(
    { operatorId: OperatorId, reason: Type.String({ maxLength: 500 }) },
    { additionalProperties: false, title: 'RevokeOperator' },
  ),
  aggregate: operator,
  stream: (input, context) => operatorStream(context.tenant, input.operatorId),
  lookUp: () => undefined,
  decide: (input, state) => decide(input, state),
  answer: ({ input }) => ({ operatorId: input.operatorId }),
});
