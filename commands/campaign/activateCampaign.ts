/** Puts a version of a campaign in force at once; whichever held before does not any more. */
import { Type } from '@sinclair/typebox';
import { activateCampaign as decide } from '../../domain/campaign/decide.js';
import { campaignLife, campaignStream } from '../../domain/campaign/life.js';
import { CampaignId } from '../../domain/pricing/campaign.js';
import { defineCommand } from '../command.js';

export const activateCampaign = defineCommand({
  name: 'ActivateCampaign',
  summary: 'Puts a version of a campaign in force at once, instead of any other.',
  input: Type.Object(
    { campaignId: CampaignId, version: Type.Integer({ minimum: 1 }) },
    { additionalProperties: false, title: 'ActivateCampaign' },
  ),
  aggregate: campaignLife,
  stream: (input, context) => campaignStream(context.tenant, input.campaignId),
  lookUp: (_input, { tenant }, { directory }) => directory.campaigns.rules(tenant).rules,
  decide: ({ version }, state, { approval }, { now }) => decide({ version, now, approval }, state),
  answer: ({ input }) => input,
});
