/** Agrees that a version may hold. Under four eyes, whoever wrote any of it cannot. */
import { Type } from '@sinclair/typebox';
import { approveCampaign as decide } from '../../domain/campaign/decide.js';
import { campaignLife, campaignStream } from '../../domain/campaign/life.js';
import { CampaignId } from '../../domain/pricing/campaign.js';
import { defineCommand } from '../command.js';

export const approveCampaign = defineCommand({
  name: 'ApproveCampaign',
  summary: 'Agrees that a submitted version of a campaign may hold.',
  input: Type.Object(
    { campaignId: CampaignId, version: Type.Integer({ minimum: 1 }) },
    { additionalProperties: false, title: 'ApproveCampaign' },
  ),
  aggregate: campaignLife,
  stream: (input, context) => campaignStream(context.tenant, input.campaignId),
  lookUp: (_input, { tenant }, { directory }) => directory.campaigns.rules(tenant).rules,
  decide: ({ version }, state, { approval }, { actor }) =>
    decide({ version, by: actor.id, approval }, state),
  answer: ({ input }) => input,
});
