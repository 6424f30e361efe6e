/**
 * Changes the password of an operator. Whoever changes their own must know the old one, so that a console left open is not
 * enough; whether somebody may set another person's is the API's question of roles.
 */
import { Type } from '@sinclair/typebox';
import {
  changeOperatorPassword as decide,
  operator,
  operatorStream,
} from '../../domain/operator/operator.js';
import { OperatorId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { defineCommand } from '../command.js';
import { hashPassword, verifyPassword } from '../passwords.js';
import { presentTenant } from './present.js';
import { assertPasswordWillDo, Password } from './registerOperator.js';

export const changeOperatorPassword = defineCommand({
  name: 'ChangeOperatorPassword',
  summary: 'Changes the password of an operator; for their own, the current one is needed.',
  input: Type.Object(
    {
      operatorId: OperatorId,
      password: Password,
      currentPassword: Type.Optional(Type.String({ maxLength: 200, format: 'password' })),
    },
    { additionalProperties: false, title: 'ChangeOperatorPassword' },
  ),
  aggregate: operator,
  stream: (input, context) => operatorStream(context.tenant, input.operatorId),
  fingerprinted: ({ operatorId }) => ({ operatorId }),
  lookUp: async (input, context, { directory, state }) => {
    presentTenant(directory, context.tenant);
    assertPasswordWillDo(input.password, input.operatorId, '/password');
    if (state.status !== 'active') return { passwordHash: '' };
    const { passwordHash } = state.registration;
    const own = context.actor.kind === 'operator' && context.actor.id === input.operatorId;
    if (own && !(await verifyPassword(input.currentPassword ?? '', passwordHash))) {
      throw rejected('credentials-refused');
    }
    const same = await verifyPassword(input.password, passwordHash);
    return { passwordHash: same ? passwordHash : await hashPassword(input.password) };
  },
  decide: (_input, state, { passwordHash }) => decide({ passwordHash }, state),
  answer: ({ input }) => ({ operatorId: input.operatorId }),
});
