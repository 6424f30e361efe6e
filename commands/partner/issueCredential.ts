/** Makes a token for a program of a partner, which is in this one answer and nowhere else. */
import { Type } from '@sinclair/typebox';
import type { CredentialId } from '../../domain/ids.js';
import { orderedRoles, programRoles } from '../../domain/partner/role.js';
import {
  issueCredential as decide,
  partner,
  PartnerCredentialIssued,
  PartnerRegistered,
  partnerStream,
} from '../../domain/partner/partner.js';
import { type CommandContext, defineCommand } from '../command.js';
import { derivedId, formatClientId, formatToken, hashSecret, makeSecret } from '../credentials.js';
import { presentPartner } from './present.js';

const credentialIdOf = (context: CommandContext): CredentialId =>
  derivedId('pc', context.tenant, context.idempotencyKey) as CredentialId;

export const issueCredential = defineCommand({
  name: 'IssuePartnerCredential',
  summary: 'Makes a token for a program of a partner and answers it, once.',
  input: Type.Object(
    {
      partnerId: PartnerRegistered.schema.properties.partnerId,
      label: PartnerCredentialIssued.schema.properties.label,
      roles: PartnerCredentialIssued.schema.properties.roles,
    },
    { additionalProperties: false, title: 'IssuePartnerCredential' },
  ),
  aggregate: partner,
  stream: (input, context) => partnerStream(context.tenant, input.partnerId),
  lookUp: (input, context, { directory }) => {
    presentPartner(directory, context.tenant, input.partnerId);
    return { secret: makeSecret() };
  },
  decide: ({ label, roles }, state, { secret }, context) => {
    const credentialId = credentialIdOf(context);
    const named = roles === undefined ? {} : { roles: orderedRoles(roles) };
    return decide({ credentialId, label, secretHash: hashSecret(secret), ...named }, state);
  },
  answer: ({ events, input, context, found }) => {
    const id = credentialIdOf(context);
    const token =
      events.length > 0 && found
        ? formatToken({ kind: 'partner', tenant: context.tenant, id, secret: found.secret })
        : null;
    const roles = orderedRoles(input.roles ?? programRoles);
    const clientId = formatClientId(context.tenant, id);
    return { ...input, roles, credentialId: id, clientId, token };
  },
});
