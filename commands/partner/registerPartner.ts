/** Registers a company that takes part in the exchange. Its programs are given credentials apart. */
import { Type } from '@sinclair/typebox';
import {
  partner,
  PartnerRegistered,
  partnerStream,
  registerPartner as decide,
} from '../../domain/partner/partner.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

const { partnerId, name } = PartnerRegistered.schema.properties;

export const registerPartner = defineCommand({
  name: 'RegisterPartner',
  summary: 'Registers a company that publishes and receives.',
  input: Type.Object(
    { partnerId, name },
    { additionalProperties: false, title: 'RegisterPartner' },
  ),
  aggregate: partner,
  stream: (input, context) => partnerStream(context.tenant, input.partnerId),
  lookUp: (_input, context, { directory }) => presentTenant(directory, context.tenant),
  decide: (input, state) => decide(input, state),
  answer: ({ input }) => input,
});
