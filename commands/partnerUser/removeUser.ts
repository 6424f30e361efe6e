/**
 * Removes a partner's user: no token of theirs works, and the key of their personal data is destroyed. The event comes first and the
 * key after it, as everywhere: a command that broke off between the two is finished by its repeat.
 */
import { type Static, Type } from '@sinclair/typebox';
import { PartnerId, PartnerUserId } from '../../domain/ids.js';
import {
  partnerUser,
  partnerUserStream,
  remove as decide,
} from '../../domain/partnerUser/partnerUser.js';
import { rejected } from '../../domain/rejected.js';
import { type CommandContext, defineCommand } from '../command.js';
import type { Handled, Handler } from '../handle.js';
import { presentTenant } from '../registry/present.js';
import type { PersonalData } from '../personalData.js';
import { partnerSubject } from './person.js';

export const RemoveUserInput = Type.Object(
  {
    partnerId: PartnerId,
    partnerUserId: PartnerUserId,
    reason: Type.String({ maxLength: 500 }),
  },
  { additionalProperties: false, title: 'RemovePartnerUser' },
);

export const removeUserCommand = defineCommand({
  name: 'RemovePartnerUser',
  summary: 'Removes a user of a partner and destroys the key of their personal data.',
  input: RemoveUserInput,
  aggregate: partnerUser,
  stream: (input, context) => partnerUserStream(context.tenant, input.partnerUserId),
  // Also of a partner that was taken out: its people may ask to be forgotten.
  lookUp: (input, context, { directory, state }) => {
    presentTenant(directory, context.tenant);
    // In the words of the decision, so that nobody learns whose it is.
    const isForeign = state.status === 'known' && state.partnerId !== input.partnerId;
    if (isForeign) throw rejected('partner-user-not-found');
  },
  decide: ({ reason }, state) => decide({ reason }, state),
  answer: ({ input: { partnerUserId } }) => ({ partnerUserId }),
});

export type RemoveUser = (
  input: Static<typeof RemoveUserInput>,
  context: CommandContext,
) => Promise<Handled<{ readonly partnerUserId: PartnerUserId }>>;

export const createRemoveUser =
  (handler: Handler, personalData: PersonalData): RemoveUser =>
  async (input, context) => {
    const { tenant } = context;
    const { partnerUserId } = input;
    const handled = await handler.handle(removeUserCommand, input, context);
    const state = await handler.state(partnerUserStream(tenant, partnerUserId), partnerUser);
    if (state.status === 'removed') {
      await personalData.destroy(tenant, partnerSubject(partnerUserId, state.life));
    }
    return handled;
  };
