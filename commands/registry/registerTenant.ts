/**
 * Opens a loyalty programme. The tenant is the one of the context: a command never writes into another tenant's streams.
 */
import { Type } from '@sinclair/typebox';
import {
  registerTenant as decide,
  tenant,
  TenantRegistered,
  tenantStream,
} from '../../domain/tenant/tenant.js';
import { defineCommand } from '../command.js';
import { InvalidInput } from '../validation.js';

const { name, currency, gsrnPrefix } = TenantRegistered.schema.properties;

export const registerTenant = defineCommand({
  name: 'RegisterTenant',
  summary: 'Opens a loyalty programme with its currency and the prefix of its customer numbers.',
  input: Type.Object(
    { name, currency, gsrnPrefix },
    { additionalProperties: false, title: 'RegisterTenant' },
  ),
  aggregate: tenant,
  stream: (_input, context) => tenantStream(context.tenant),
  lookUp: (input) => {
    if (!Intl.supportedValuesOf('currency').includes(input.currency)) {
      throw new InvalidInput([{ pointer: '/currency', reason: 'is not a currency of ISO 4217' }]);
    }
  },
  decide: (input, state, _found, context) => decide({ tenantId: context.tenant, ...input }, state),
  answer: ({ input, context }) => ({ tenantId: context.tenant, ...input }),
});
