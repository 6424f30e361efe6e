/**
 * Invites a person of a partner. The answer holds the code that sets their password, once; a repeat answers without, and a code that
 * was lost is replaced by a reset.
 */
import { type Static, Type } from '@sinclair/typebox';
import { PartnerId, type PartnerUserId } from '../../domain/ids.js';
import { orderedRoles, type PartnerRole, PartnerRoles } from '../../domain/partner/role.js';
import {
  invite as decide,
  partnerUser,
  PartnerUserInvited,
  partnerUserStream,
} from '../../domain/partnerUser/partnerUser.js';
import { rejected } from '../../domain/rejected.js';
import { type CommandContext, defineCommand } from '../command.js';
import { normalEmail } from '../contacts.js';
import { hashSecret, makeSecret } from '../credentials.js';
import type { Handled, Handler } from '../handle.js';
import { presentPartner } from '../partner/present.js';
import type { PersonalData } from '../personalData.js';
import { assertValid } from '../validation.js';
import { formatCode, invitationLifetimeMs } from './code.js';
import { partnerSubject, partnerUserIdOf } from './person.js';

/** Enough for everybody of a company who looks after what it exchanges. */
const usersMax = 500;

export const InviteUserInput = Type.Object(
  {
    partnerId: PartnerId,
    name: Type.String({ minLength: 1, maxLength: 200, examples: ['Anna Weber'] }),
    email: Type.String({ minLength: 3, maxLength: 254, examples: ['anna.weber@citybank.example'] }),
    roles: PartnerRoles,
  },
  { additionalProperties: false, title: 'InvitePartnerUser' },
);

const { partnerUserId, partnerId, sealed, roles } = PartnerUserInvited.schema.properties;

export const inviteUserCommand = defineCommand({
  name: 'InvitePartnerUser',
  summary: 'Invites a person of a partner and answers the code that sets their password, once.',
  input: Type.Object({ partnerUserId, partnerId, sealed, roles }, { additionalProperties: false }),
  aggregate: partnerUser,
  stream: (input, context) => partnerUserStream(context.tenant, input.partnerUserId),
  fingerprinted: ({ sealed: _sealed, ...rest }) => rest,
  lookUp: (input, { tenant }, { directory }) => {
    presentPartner(directory, tenant, input.partnerId);
    const { length } = directory.partnerUsers.usersOf(tenant, input.partnerId);
    if (length >= usersMax && !directory.partnerUsers.user(tenant, input.partnerUserId)) {
      throw rejected('too-many-partner-users', { most: usersMax });
    }
    return { secret: makeSecret() };
  },
  decide: (input, state, { secret }, { now }) => {
    const codeUntil = new Date(now + invitationLifetimeMs).toISOString();
    return decide({ ...input, codeHash: hashSecret(secret), codeUntil }, state);
  },
  answer: ({ events, input: { partnerUserId: id, ...input }, context, found }) => {
    const { tenant } = context;
    const isNew = events.length > 0 && found !== null;
    const code = isNew ? formatCode({ tenant, partnerUserId: id, secret: found.secret }) : null;
    return { partnerUserId: id, roles: orderedRoles(input.roles), code };
  },
});

export type InviteUser = (
  input: Static<typeof InviteUserInput>,
  context: CommandContext,
) => Promise<
  Handled<{
    readonly partnerUserId: PartnerUserId;
    readonly roles: PartnerRole[];
    readonly code: string | null;
  }>
>;

/** @throws Rejected partner-not-found, revoked, invalid-contact, already-registered, too-many-partner-users */
export const createInviteUser =
  (handler: Handler, personalData: PersonalData): InviteUser =>
  async (input, context) => {
    assertValid(InviteUserInput, input);
    const { tenant } = context;
    const { name, email, ...rest } = input;
    presentPartner(handler.directory, tenant, input.partnerId);
    const id = await partnerUserIdOf(personalData, tenant, input.partnerId, email);
    const state = await handler.state(partnerUserStream(tenant, id), partnerUser);
    const life = state.status === 'unknown' ? 1 : state.life + (state.status === 'removed' ? 1 : 0);
    const person = { name, email: normalEmail(email) };
    const seal = await personalData.seal(tenant, partnerSubject(id, life), person);
    return handler.handle(inviteUserCommand, { ...rest, partnerUserId: id, sealed: seal }, context);
  };
