/** Lets a paused campaign hold again, as far as its schedule says. */
import { Type } from '@sinclair/typebox';
import { resumeCampaign as decide } from '../../domain/campaign/decide.js';
import { campaignLife, campaignStream } from '../../domain/campaign/life.js';
import { CampaignId } from '../../domain/pricing/campaign.js';
import { defineCommand } from '../command.js';

export const resumeCampaign = defineCommand({
  name: 'ResumeCampaign',
  summary: 'Lets a paused campaign hold again, as far as its schedule says.',
  input: Type.Object(
    { campaignId: CampaignId },
    { additionalProperties: false, title: 'ResumeCampaign' },
  ),
  aggregate: campaignLife,
  stream: (input, context) => campaignStream(context.tenant, input.campaignId),
  lookUp: () => undefined,
  decide: (_input, state) => decide(state),
  answer: ({ input }) => input,
});
