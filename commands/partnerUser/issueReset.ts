/** Makes a new code for a partner's user: the password and every token of theirs stop, until they set another one with it. */
import { Type } from '@sinclair/typebox';
import { PartnerId, PartnerUserId } from '../../domain/ids.js';
import {
  issueReset as decide,
  partnerUser,
  partnerUserStream,
} from '../../domain/partnerUser/partnerUser.js';
import { defineCommand } from '../command.js';
import { hashSecret, makeSecret } from '../credentials.js';
import { formatCode, resetLifetimeMs } from './code.js';
import { presentPartnerUser } from './present.js';

export const issueReset = defineCommand({
  name: 'IssuePartnerUserReset',
  summary: 'Ends the password of a user and answers a code that sets another one, once.',
  input: Type.Object(
    { partnerId: PartnerId, partnerUserId: PartnerUserId },
    { additionalProperties: false },
  ),
  aggregate: partnerUser,
  stream: (input, context) => partnerUserStream(context.tenant, input.partnerUserId),
  lookUp: (input, context, { directory }) => {
    presentPartnerUser(directory, context.tenant, input.partnerId, input.partnerUserId);
    return { secret: makeSecret() };
  },
  decide: (_input, state, { secret }, { now }) => {
    const codeUntil = new Date(now + resetLifetimeMs).toISOString();
    return decide({ codeHash: hashSecret(secret), codeUntil }, state);
  },
  answer: ({ input: { partnerUserId }, context: { tenant }, found }) => ({
    partnerUserId,
    code: found ? formatCode({ tenant, partnerUserId, secret: found.secret }) : null,
  }),
});
