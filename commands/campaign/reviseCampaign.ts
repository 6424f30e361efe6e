/**
 * Writes the draft of a campaign anew, as a whole. Whatever was agreed on it is to be agreed again.
 */
import { Type } from '@sinclair/typebox';
import { reviseCampaign as decide } from '../../domain/campaign/decide.js';
import { campaignLife, campaignStream } from '../../domain/campaign/life.js';
import { CampaignId } from '../../domain/pricing/campaign.js';
import { defineCommand } from '../command.js';
import { assertContent, ContentInput, writing } from './content.js';

export const reviseCampaign = defineCommand({
  name: 'ReviseCampaign',
  summary: 'Writes the draft of a campaign anew, as a whole.',
  input: Type.Object(
    { campaignId: CampaignId, campaign: ContentInput },
    { additionalProperties: false, title: 'ReviseCampaign' },
  ),
  aggregate: campaignLife,
  stream: (input, context) => campaignStream(context.tenant, input.campaignId),
  lookUp: ({ campaignId, campaign }) => assertContent(campaignId, campaign),
  decide: (input, state, _found, { actor }) => decide(writing(input, actor), state),
  answer: ({ input, events: [revised], state }) => ({
    campaignId: input.campaignId,
    version:
      revised?.type === 'CampaignRevised' ? revised.data.version : (state.draft?.version ?? 1),
  }),
});
