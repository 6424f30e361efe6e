/** Ends every session of a partner's user, who asks for it: after a lost telephone, or a console left open somewhere. */
import { Type } from '@sinclair/typebox';
import { PartnerUserId } from '../../domain/ids.js';
import {
  logOff as decide,
  partnerUser,
  partnerUserStream,
} from '../../domain/partnerUser/partnerUser.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

export const logOff = defineCommand({
  name: 'LogPartnerUserOff',
  summary: 'Ends every session of a user; the password stays.',
  input: Type.Object({ partnerUserId: PartnerUserId }, { additionalProperties: false }),
  aggregate: partnerUser,
  stream: (input, context) => partnerUserStream(context.tenant, input.partnerUserId),
  lookUp: (_input, context, { directory }) => presentTenant(directory, context.tenant),
  decide: (_input, state) => decide(state),
  answer: ({ input: { partnerUserId } }) => ({ partnerUserId }),
});
