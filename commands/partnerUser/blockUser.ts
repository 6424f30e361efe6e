/** Keeps a partner's user out, for a while: all tokens stop at once. Let in again, they log on with the password they had. */
import { Type } from '@sinclair/typebox';
import { PartnerId, PartnerUserId } from '../../domain/ids.js';
import {
  block as decideBlock,
  partnerUser,
  partnerUserStream,
  unblock as decideUnblock,
} from '../../domain/partnerUser/partnerUser.js';
import { defineCommand } from '../command.js';
import { presentPartnerUser } from './present.js';

const ofUser = { partnerId: PartnerId, partnerUserId: PartnerUserId } as const;
const closed = { additionalProperties: false } as const;

export const blockUser = defineCommand({
  name: 'BlockPartnerUser',
  summary: 'Keeps a user of a partner out; all of their tokens stop at once.',
  input: Type.Object({ ...ofUser, reason: Type.String({ maxLength: 500 }) }, closed),
  aggregate: partnerUser,
  stream: (input, context) => partnerUserStream(context.tenant, input.partnerUserId),
  lookUp: (input, context, { directory }) =>
    presentPartnerUser(directory, context.tenant, input.partnerId, input.partnerUserId),
  decide: ({ reason }, state) => decideBlock({ reason }, state),
  answer: ({ input: { partnerUserId } }) => ({ partnerUserId }),
});

export const unblockUser = defineCommand({
  name: 'UnblockPartnerUser',
  summary: 'Lets a blocked user of a partner log on again.',
  input: Type.Object(ofUser, closed),
  aggregate: partnerUser,
  stream: (input, context) => partnerUserStream(context.tenant, input.partnerUserId),
  lookUp: (input, context, { directory }) =>
    presentPartnerUser(directory, context.tenant, input.partnerId, input.partnerUserId),
  decide: (_input, state) => decideUnblock(state),
  answer: ({ input: { partnerUserId } }) => ({ partnerUserId }),
});
