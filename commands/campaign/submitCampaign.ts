/** Puts the draft of a campaign before those who approve. */
import { Type } from '@sinclair/typebox';
import { submitCampaign as decide } from '../../domain/campaign/decide.js';
import { campaignLife, campaignStream } from '../../domain/campaign/life.js';
import { CampaignId } from '../../domain/pricing/campaign.js';
import { defineCommand } from '../command.js';

export const submitCampaign = defineCommand({
  name: 'SubmitCampaign',
  summary: 'Puts the draft of a campaign before those who approve.',
  input: Type.Object(
    { campaignId: CampaignId },
    { additionalProperties: false, title: 'SubmitCampaign' },
  ),
  aggregate: campaignLife,
  stream: (input, context) => campaignStream(context.tenant, input.campaignId),
  lookUp: () => undefined,
  decide: (_input, state, _found, { actor }) => decide({ by: actor.id }, state),
  answer: ({ input, events: [submitted], state }) => ({
    campaignId: input.campaignId,
    version:
      submitted?.type === 'CampaignSubmitted'
        ? submitted.data.version
        : (state.draft?.version ?? 1),
  }),
});
