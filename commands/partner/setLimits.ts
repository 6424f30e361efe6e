/** Bounds how many events a second a partner may publish, on all of its topics together. */
import { Type } from '@sinclair/typebox';
import { PartnerId } from '../../domain/ids.js';
import {
  partnerLimits,
  PartnerLimitsSet,
  partnerLimitsStream,
  setPartnerLimits as decide,
} from '../../domain/partner/limits.js';
import { defineCommand } from '../command.js';
import { presentPartner } from './present.js';

export const setPartnerLimits = defineCommand({
  name: 'SetPartnerLimits',
  summary: 'Bounds how many events a second a partner may publish.',
  input: Type.Object(
    { partnerId: PartnerId, ...PartnerLimitsSet.schema.properties },
    { additionalProperties: false, title: 'SetPartnerLimits' },
  ),
  aggregate: partnerLimits,
  stream: (input, context) => partnerLimitsStream(context.tenant, input.partnerId),
  lookUp: (input, context, { directory }) =>
    presentPartner(directory, context.tenant, input.partnerId),
  decide: (input, state) => decide(input, state),
  answer: ({ input }) => input,
});
