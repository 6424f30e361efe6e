/** Says anew what a partner's user may do; it holds from their next request on. */
import { Type } from '@sinclair/typebox';
import { PartnerId, PartnerUserId } from '../../domain/ids.js';
import { orderedRoles, PartnerRoles } from '../../domain/partner/role.js';
import {
  partnerUser,
  partnerUserStream,
  setRoles as decide,
} from '../../domain/partnerUser/partnerUser.js';
import { defineCommand } from '../command.js';
import { presentPartnerUser } from './present.js';

export const setRoles = defineCommand({
  name: 'SetPartnerUserRoles',
  summary: 'Says anew what a user of a partner may do.',
  input: Type.Object(
    { partnerId: PartnerId, partnerUserId: PartnerUserId, roles: PartnerRoles },
    { additionalProperties: false },
  ),
  aggregate: partnerUser,
  stream: (input, context) => partnerUserStream(context.tenant, input.partnerUserId),
  lookUp: (input, context, { directory }) =>
    presentPartnerUser(directory, context.tenant, input.partnerId, input.partnerUserId),
  decide: (input, state) => decide(input, state),
  answer: ({ input: { partnerUserId, roles } }) => ({ partnerUserId, roles: orderedRoles(roles) }),
});
