/**
 * Ends a programme: from now on none of its tills, apps and operators is let in. Its facts stay.
 */
import { Type } from '@sinclair/typebox';
import { revokeTenant as decide, tenant, tenantStream } from '../../domain/tenant/tenant.js';
import { defineCommand } from '../command.js';

export const revokeTenant = defineCommand({
  name: 'RevokeTenant',
  summary: 'Ends a loyalty programme; its tokens and logins stop at once.',
  input: Type.Object(
    { reason: Type.String({ maxLength: 500 }) },
    { additionalProperties: false, title: 'RevokeTenant' },
  ),
  aggregate: tenant,
  stream: (_input, context) => tenantStream(context.tenant),
  lookUp: () => undefined,
  decide: (input, state) => decide(input, state),
  answer: ({ context }) => ({ tenantId: context.tenant }),
});
