/** Lets a campaign hold for nobody until it is resumed. */
import { Type } from '@sinclair/typebox';
import { pauseCampaign as decide } from '../../domain/campaign/decide.js';
import { CampaignPaused } from '../../domain/campaign/events.js';
import { campaignLife, campaignStream } from '../../domain/campaign/life.js';
import { CampaignId } from '../../domain/pricing/campaign.js';
import { defineCommand } from '../command.js';

const { reason } = CampaignPaused.schema.properties;

export const pauseCampaign = defineCommand({
  name: 'PauseCampaign',
  summary: 'Lets a campaign hold for nobody until it is resumed.',
  input: Type.Object(
    { campaignId: CampaignId, reason },
    { additionalProperties: false, title: 'PauseCampaign' },
  ),
  aggregate: campaignLife,
  stream: (input, context) => campaignStream(context.tenant, input.campaignId),
  lookUp: () => undefined,
  decide: ({ reason: why }, state, _found, { now }) => decide({ reason: why, now }, state),
  answer: ({ input }) => ({ campaignId: input.campaignId }),
});
