/** Ends a campaign for good, and its draft with it. Receipts of the past keep what they were given. */
import { Type } from '@sinclair/typebox';
import { endCampaign as decide } from '../../domain/campaign/decide.js';
import { CampaignEnded } from '../../domain/campaign/events.js';
import { campaignLife, campaignStream } from '../../domain/campaign/life.js';
import { CampaignId } from '../../domain/pricing/campaign.js';
import { defineCommand } from '../command.js';

const { reason } = CampaignEnded.schema.properties;

export const endCampaign = defineCommand({
  name: 'EndCampaign',
  summary: 'Ends a campaign for good, and its draft with it.',
  input: Type.Object(
    { campaignId: CampaignId, reason },
    { additionalProperties: false, title: 'EndCampaign' },
  ),
  aggregate: campaignLife,
  stream: (input, context) => campaignStream(context.tenant, input.campaignId),
  lookUp: () => undefined,
  decide: (input, state) => decide(input, state),
  answer: ({ input }) => ({ campaignId: input.campaignId }),
});
