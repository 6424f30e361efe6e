/** Makes a token for a program of a partner, which is in this one answer and nowhere else. */
import { Type } from '@sinclair/typebox';
import type { CredentialId } from '../../domain/ids.js';
import {
  issueCredential as decide,
  partner,
  PartnerCredentialIssued,
  PartnerRegistered,
  partnerStream,
} from '../../domain/partner/partner.js';
import { type CommandContext, defineCommand } from '../command.js';
import { derivedId, formatToken, hashSecret, makeSecret } from '../credentials.js';
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
    },
    { additionalProperties: false, title: 'IssuePartnerCredential' },
  ),
  aggregate: partner,
  stream: (input, context) => partnerStream(context.tenant, input.partnerId),
  lookUp: (input, context, { directory }) => {
    presentPartner(directory, context.tenant, input.partnerId);
    return { secret: makeSecret() };
  },
  decide: ({ label }, state, { secret }, context) =>
    decide({ credentialId: credentialIdOf(context), label, secretHash: hashSecret(secret) }, state),
  answer: ({ events, input, context, found }) => {
    const id = credentialIdOf(context);
    const token =
      events.length > 0 && found
        ? formatToken({ kind: 'partner', tenant: context.tenant, id, secret: found.secret })
        : null;
    return { ...input, credentialId: id, token };
  },
});
