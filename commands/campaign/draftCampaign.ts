/**
 * Writes down a campaign under a new id. It holds for nobody until it is scheduled or activated.
 */
import { Type } from '@sinclair/typebox';
import { draftCampaign as decide } from '../../domain/campaign/decide.js';
import { campaignLife, campaignStream } from '../../domain/campaign/life.js';
import type { TenantId } from '../../domain/ids.js';
import { CampaignId } from '../../domain/pricing/campaign.js';
import { rejected } from '../../domain/rejected.js';
import { defineCommand } from '../command.js';
import type { Directory } from '../directory.js';
import { presentTenant } from '../registry/present.js';
import { assertContent, ContentInput, writing } from './content.js';

/** Every process keeps them all in memory: some tens of megabytes where they are of the usual size. */
const versionsMax = 10_000;

/** @throws Rejected too-many-campaigns */
export const assertRoom = ({ campaigns }: Directory, tenant: TenantId): void => {
  if (campaigns.versions(tenant) < versionsMax) return;
  throw rejected('too-many-campaigns', { most: versionsMax });
};

export const draftCampaign = defineCommand({
  name: 'DraftCampaign',
  summary: 'Writes down a campaign; it holds for nobody yet.',
  input: Type.Object(
    { campaignId: CampaignId, campaign: ContentInput },
    { additionalProperties: false, title: 'DraftCampaign' },
  ),
  aggregate: campaignLife,
  stream: (input, context) => campaignStream(context.tenant, input.campaignId),
  lookUp: ({ campaignId, campaign }, { tenant }, { directory }) => {
    presentTenant(directory, tenant);
    assertContent(campaignId, campaign);
    assertRoom(directory, tenant);
  },
  decide: (input, state, _found, { actor }) => decide(writing(input, actor), state),
  answer: ({ input }) => ({ campaignId: input.campaignId, version: 1 }),
});
