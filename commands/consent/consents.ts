/** Records what one recipient agreed to hear, or does not want to hear any more. */
import { Type } from '@sinclair/typebox';
import {
  ConsentClass,
  consentClasses,
  consents,
  ConsentSource,
  consentStream,
  ConsentSubject,
  giveConsents as give,
  withdrawConsents as withdraw,
} from '../../domain/consent/consent.js';
import { Channel, channels } from '../../domain/message/kinds.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

export const consentProperties = {
  channels: Type.Array(Channel, {
    minItems: 1,
    maxItems: channels.length,
    uniqueItems: true,
    examples: [['email', 'sms']],
  }),
  classes: Type.Array(ConsentClass, {
    minItems: 1,
    maxItems: consentClasses.length,
    uniqueItems: true,
    examples: [['marketing']],
  }),
  source: ConsentSource,
};
const input = { subject: ConsentSubject, ...consentProperties };

export const giveConsents = defineCommand({
  name: 'GiveConsents',
  summary: 'Records that a recipient agrees to messages of some classes on some channels.',
  input: Type.Object(input, { additionalProperties: false, title: 'GiveConsents' }),
  aggregate: consents,
  stream: ({ subject }, context) => consentStream(context.tenant, subject),
  lookUp: (_input, { tenant }, { directory }) => presentTenant(directory, tenant),
  decide: (order, state) => give(order, state),
  answer: ({ state }) => state,
});

export const withdrawConsents = defineCommand({
  name: 'WithdrawConsents',
  summary: 'Records that a recipient wants no messages of some classes on some channels.',
  input: Type.Object(input, { additionalProperties: false, title: 'WithdrawConsents' }),
  aggregate: consents,
  stream: ({ subject }, context) => consentStream(context.tenant, subject),
  lookUp: (_input, { tenant }, { directory }) => presentTenant(directory, tenant),
  decide: (order, state) => withdraw(order, state),
  answer: ({ state }) => state,
});
