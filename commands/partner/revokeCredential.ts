/** Ends one token of a partner; its other programs go on. */
import { Type } from '@sinclair/typebox';
import { CredentialId, PartnerId } from '../../domain/ids.js';
import {
  partner,
  partnerStream,
  revokeCredential as decide,
} from '../../domain/partner/partner.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

export const revokeCredential = defineCommand({
  name: 'RevokePartnerCredential',
  summary: 'Ends one token of a partner for ever.',
  input: Type.Object(
    {
      partnerId: PartnerId,
      credentialId: CredentialId,
      reason: Type.String({ maxLength: 500 }),
    },
    { additionalProperties: false, title: 'RevokePartnerCredential' },
  ),
  aggregate: partner,
  stream: (input, context) => partnerStream(context.tenant, input.partnerId),
  lookUp: (_input, context, { directory }) => presentTenant(directory, context.tenant),
  decide: ({ credentialId, reason }, state) => decide({ credentialId, reason }, state),
  answer: ({ input: { partnerId, credentialId } }) => ({ partnerId, credentialId }),
});
