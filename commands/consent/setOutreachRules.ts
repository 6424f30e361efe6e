/** Sets how a programme treats those it writes to. Messages on their way obey them as well: they are asked when one is sent. */
import { Type } from '@sinclair/typebox';
import {
  OutreachRules,
  outreachRules,
  outreachRulesStream,
  setOutreachRules as decide,
} from '../../domain/consent/rules.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

export const setOutreachRules = defineCommand({
  name: 'SetOutreachRules',
  summary: 'Sets quiet hours, caps, which classes ask first, and in which language is spoken.',
  input: Type.Object(
    { rules: OutreachRules },
    { additionalProperties: false, title: 'SetOutreachRules' },
  ),
  aggregate: outreachRules,
  stream: (_input, context) => outreachRulesStream(context.tenant),
  lookUp: (_input, { tenant }, { directory }) => presentTenant(directory, tenant),
  decide: (input, state) => decide(input, state),
  answer: ({ input, events: [set], state }) => ({
    version: set?.data.version ?? state.version,
    rules: input.rules,
  }),
});
