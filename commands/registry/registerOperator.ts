/**
 * Gives a person a login. The password is hashed before the decision and appears in no event, answer, fingerprint or log line.
 */
import { Type } from '@sinclair/typebox';
import {
  operator,
  OperatorRegistered,
  operatorStream,
  registerOperator as decide,
} from '../../domain/operator/operator.js';
import { defineCommand } from '../command.js';
import { hashPassword, passwordFault, passwordLength } from '../passwords.js';
import { InvalidInput } from '../validation.js';
import { presentMerchant, presentTenant } from './present.js';

const { operatorId, name, roles, merchantId } = OperatorRegistered.schema.properties;

export const Password = Type.String({
  minLength: passwordLength.min,
  maxLength: passwordLength.max,
  format: 'password',
});

/** @throws InvalidInput */
export const assertPasswordWillDo = (password: string, login: string, pointer: string): void => {
  const reason = passwordFault(password, login);
  if (reason) throw new InvalidInput([{ pointer, reason }]);
};

export const registerOperator = defineCommand({
  name: 'RegisterOperator',
  summary: 'Gives a person a login with roles, for the tenant or one of its merchants.',
  input: Type.Object(
    { operatorId, name, password: Password, roles, merchantId: Type.Optional(merchantId) },
    { additionalProperties: false, title: 'RegisterOperator' },
  ),
  aggregate: operator,
  stream: (input, context) => operatorStream(context.tenant, input.operatorId),
  fingerprinted: ({ password: _secret, ...rest }) => rest,
  lookUp: async (input, context, { directory }) => {
    presentTenant(directory, context.tenant);
    if (input.merchantId != null) presentMerchant(directory, context.tenant, input.merchantId);
    assertPasswordWillDo(input.password, input.operatorId, '/password');
    return { passwordHash: await hashPassword(input.password) };
  },
  decide: ({ password: _secret, ...input }, state, { passwordHash }) =>
    decide({ ...input, merchantId: input.merchantId ?? null, passwordHash }, state),
  answer: ({ input: { password: _secret, ...input } }) => ({
    ...input,
    merchantId: input.merchantId ?? null,
  }),
});
