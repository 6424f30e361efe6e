/** Says when a version of a campaign holds; from then on no other version does. */
import { Type } from '@sinclair/typebox';
import { scheduleCampaign as decide } from '../../domain/campaign/decide.js';
import { CampaignScheduled } from '../../domain/campaign/events.js';
import { campaignLife, campaignStream } from '../../domain/campaign/life.js';
import { CampaignId } from '../../domain/pricing/campaign.js';
import { defineCommand } from '../command.js';

const { version, from, until } = CampaignScheduled.schema.properties;

export const scheduleCampaign = defineCommand({
  name: 'ScheduleCampaign',
  summary: 'Says when a version of a campaign holds; from then on no other version does.',
  input: Type.Object(
    { campaignId: CampaignId, version, from, until },
    { additionalProperties: false, title: 'ScheduleCampaign' },
  ),
  aggregate: campaignLife,
  stream: (input, context) => campaignStream(context.tenant, input.campaignId),
  lookUp: (_input, { tenant }, { directory }) => directory.campaigns.rules(tenant).rules,
  decide: (input, state, { approval }, { now }) => decide({ ...input, now, approval }, state),
  answer: ({ input, events: [scheduled] }) => {
    const { campaignId, ...asked } = input;
    return { campaignId, ...(scheduled?.type === 'CampaignScheduled' ? scheduled.data : asked) };
  },
});
