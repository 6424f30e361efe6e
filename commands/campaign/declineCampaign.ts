/** Gives a submitted draft back to its authors. */
import { Type } from '@sinclair/typebox';
import { declineCampaign as decide } from '../../domain/campaign/decide.js';
import { CampaignDeclined } from '../../domain/campaign/events.js';
import { campaignLife, campaignStream } from '../../domain/campaign/life.js';
import { CampaignId } from '../../domain/pricing/campaign.js';
import { defineCommand } from '../command.js';

const { reason } = CampaignDeclined.schema.properties;

export const declineCampaign = defineCommand({
  name: 'DeclineCampaign',
  summary: 'Gives a submitted draft back to its authors, with the reason.',
  input: Type.Object(
    { campaignId: CampaignId, reason },
    { additionalProperties: false, title: 'DeclineCampaign' },
  ),
  aggregate: campaignLife,
  stream: (input, context) => campaignStream(context.tenant, input.campaignId),
  lookUp: () => undefined,
  decide: (input, state, _found, { actor }) => decide({ ...input, by: actor.id }, state),
  answer: ({ input }) => ({ campaignId: input.campaignId }),
});
