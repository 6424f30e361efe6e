/**
 * Gives up a key that tokens are signed with: whatever it signed is refused at once, by every process. Who was logged on by it logs
 * on again. The event comes first, so that a key is never gone without a word of why.
 */
import {
  revokeSigningKey as decide,
  signingKey,
  SigningKeyRevoked,
  signingKeyStream,
} from '../../domain/signingKey/signingKey.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

export const revokeSigningKey = defineCommand({
  name: 'RevokeSigningKey',
  summary: 'Gives up a key that tokens are signed with; all that it signed is refused at once.',
  input: SigningKeyRevoked.schema,
  aggregate: signingKey,
  stream: (input, context) => signingKeyStream(context.tenant, input.kid),
  lookUp: (_input, context, { directory }) => presentTenant(directory, context.tenant),
  decide: (input, state) => decide(input, state),
  answer: ({ input: { kid } }) => ({ kid }),
});
