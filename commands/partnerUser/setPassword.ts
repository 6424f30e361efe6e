/**
 * Sets the password of a partner's user: by the code of an invitation or a reset, or by whoever knows the one before. All tokens of
 * sessions before it stop. Passwords are hashed before the decision and appear in no event, answer, fingerprint or log line.
 */
import { Type } from '@sinclair/typebox';
import { PartnerUserId } from '../../domain/ids.js';
import {
  changePassword as decideChange,
  isOpen,
  partnerUser,
  partnerUserStream,
  setPasswordByCode as decideByCode,
} from '../../domain/partnerUser/partnerUser.js';
import { rejected } from '../../domain/rejected.js';
import { defineCommand } from '../command.js';
import { hashSecret } from '../credentials.js';
import { hashPassword, verifyPassword } from '../passwords.js';
import { presentPartner } from '../partner/present.js';
import { assertPasswordWillDo, Password } from '../registry/registerOperator.js';
import { presentTenant } from '../registry/present.js';

const closed = { additionalProperties: false } as const;

export const setPasswordByCode = defineCommand({
  name: 'SetPartnerUserPassword',
  summary: 'Sets a password by the code of an invitation or a reset, which is spent by it.',
  input: Type.Object(
    { partnerUserId: PartnerUserId, secret: Type.String({ maxLength: 60 }), password: Password },
    closed,
  ),
  aggregate: partnerUser,
  stream: (input, context) => partnerUserStream(context.tenant, input.partnerUserId),
  fingerprinted: ({ partnerUserId }) => ({ partnerUserId }),
  lookUp: async ({ partnerUserId, secret, password }, { tenant, now }, { directory, state }) => {
    const codeHash = hashSecret(secret);
    // Before the dear part: a password is only hashed for whoever holds the code.
    const open = state.status === 'known' && isOpen(state.code, codeHash, now);
    if (!open) throw rejected('invitation-refused');
    presentPartner(directory, tenant, state.partnerId);
    assertPasswordWillDo(password, partnerUserId, '/password');
    return { codeHash, now, passwordHash: await hashPassword(password) };
  },
  decide: (_input, state, found) => decideByCode(found, state),
  answer: ({ input: { partnerUserId } }) => ({ partnerUserId }),
});

export const changePassword = defineCommand({
  name: 'ChangePartnerUserPassword',
  summary: 'Changes the own password, knowing the one before.',
  input: Type.Object(
    {
      partnerUserId: PartnerUserId,
      currentPassword: Type.String({ maxLength: 200 }),
      password: Password,
    },
    closed,
  ),
  aggregate: partnerUser,
  stream: (input, context) => partnerUserStream(context.tenant, input.partnerUserId),
  fingerprinted: ({ partnerUserId }) => ({ partnerUserId }),
  lookUp: async (input, { tenant }, { directory, state }) => {
    presentTenant(directory, tenant);
    assertPasswordWillDo(input.password, input.partnerUserId, '/password');
    const before = state.status === 'known' ? state.passwordHash : null;
    if (before === null || !(await verifyPassword(input.currentPassword, before))) {
      throw rejected('credentials-refused');
    }
    const same = await verifyPassword(input.password, before);
    return { passwordHash: same ? before : await hashPassword(input.password) };
  },
  decide: (_input, state, found) => decideChange(found, state),
  answer: ({ input: { partnerUserId } }) => ({ partnerUserId }),
});
