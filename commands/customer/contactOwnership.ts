/**
 * What becomes of a reserved phone or e-mail: claimed once the account has it, lapsed if it never did, released when the customer
 * goes. Issued by workers and by the commands that end an account, never by a till.
 */
import { Type } from '@sinclair/typebox';
import {
  claimContact as claim,
  contact,
  ContactReserved,
  contactStream,
  lapseContact as lapse,
  releaseContact as release,
} from '../../domain/contact/contact.js';
import { defineCommand } from '../command.js';

const { kind, hash, userId, memberId, until } = ContactReserved.schema.properties;
const closed = { additionalProperties: false } as const;
const reason = Type.String({ maxLength: 500 });

export const claimContact = defineCommand({
  name: 'ClaimContact',
  summary: 'Makes a phone or e-mail the account has recorded its own.',
  input: Type.Object({ kind, hash, userId, memberId }, closed),
  aggregate: contact,
  stream: (input, context) => contactStream(context.tenant, input.kind, input.hash),
  lookUp: () => undefined,
  decide: (input, state) => claim(input, state),
  answer: () => null,
});

export const lapseContact = defineCommand({
  name: 'LapseContact',
  summary: 'Frees a phone or e-mail whose reservation came to nothing.',
  input: Type.Object({ kind, hash, userId, memberId, until, reason }, closed),
  aggregate: contact,
  stream: (input, context) => contactStream(context.tenant, input.kind, input.hash),
  lookUp: () => undefined,
  decide: (input, state) => lapse(input, state),
  answer: () => null,
});

export const releaseContact = defineCommand({
  name: 'ReleaseContact',
  summary: 'Frees a phone or e-mail of a customer who is gone.',
  input: Type.Object({ kind, hash, userId, memberId, reason }, closed),
  aggregate: contact,
  stream: (input, context) => contactStream(context.tenant, input.kind, input.hash),
  lookUp: () => undefined,
  decide: (input, state) => release(input, state),
  answer: () => null,
});
