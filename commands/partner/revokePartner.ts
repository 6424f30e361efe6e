/** Takes a partner out of the exchange: its tokens stop at once, what it published stays. */
import { Type } from '@sinclair/typebox';
import { PartnerId } from '../../domain/ids.js';
import { partner, partnerStream, revokePartner as decide } from '../../domain/partner/partner.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

export const revokePartner = defineCommand({
  name: 'RevokePartner',
  summary: 'Takes a partner out; all of its tokens stop at once.',
  input: Type.Object(
    { partnerId: PartnerId, reason: Type.String({ maxLength: 500 }) },
    { additionalProperties: false, title: 'RevokePartner' },
  ),
  aggregate: partner,
  stream: (input, context) => partnerStream(context.tenant, input.partnerId),
  lookUp: (_input, context, { directory }) => presentTenant(directory, context.tenant),
  decide: ({ reason }, state) => decide({ reason }, state),
  answer: ({ input: { partnerId } }) => ({ partnerId }),
});
