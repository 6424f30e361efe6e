/**
 * Writes down the next version of a campaign. Those that hold go on until the new one is scheduled or activated.
 */
import { Type } from '@sinclair/typebox';
import { draftVersion as decide } from '../../domain/campaign/decide.js';
import { campaignLife, campaignStream } from '../../domain/campaign/life.js';
import { CampaignId } from '../../domain/pricing/campaign.js';
import { defineCommand } from '../command.js';
import { assertContent, ContentInput, writing } from './content.js';
import { assertRoom } from './draftCampaign.js';

export const draftVersion = defineCommand({
  name: 'DraftCampaignVersion',
  summary: 'Writes down the next version of a campaign, beside those that hold.',
  input: Type.Object(
    { campaignId: CampaignId, campaign: ContentInput },
    { additionalProperties: false, title: 'DraftCampaignVersion' },
  ),
  aggregate: campaignLife,
  stream: (input, context) => campaignStream(context.tenant, input.campaignId),
  lookUp: ({ campaignId, campaign }, { tenant }, { directory }) => {
    assertContent(campaignId, campaign);
    assertRoom(directory, tenant);
  },
  decide: (input, state, _found, { actor }) => decide(writing(input, actor), state),
  answer: ({ input, events: [drafted], state }) => ({
    campaignId: input.campaignId,
    version:
      drafted?.type === 'CampaignDrafted' ? drafted.data.version : (state.draft?.version ?? 1),
  }),
});
