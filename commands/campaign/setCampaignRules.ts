/**
 * Sets who has to agree before a campaign holds, and what all campaigns together may take off a receipt.
 */
import { Type } from '@sinclair/typebox';
import {
  CampaignRules,
  campaignRules,
  campaignRulesStream,
  setCampaignRules as decide,
} from '../../domain/campaign/rules.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

export const setCampaignRules = defineCommand({
  name: 'SetCampaignRules',
  summary: 'Sets who approves campaigns and what all of them together may take off a receipt.',
  input: Type.Object(
    { rules: CampaignRules },
    { additionalProperties: false, title: 'SetCampaignRules' },
  ),
  aggregate: campaignRules,
  stream: (_input, context) => campaignRulesStream(context.tenant),
  lookUp: (_input, { tenant }, { directory }) => presentTenant(directory, tenant),
  decide: (input, state) => decide(input, state),
  answer: ({ input, events: [set], state }) => ({
    version: set?.data.version ?? state.version,
    rules: input.rules,
  }),
});
