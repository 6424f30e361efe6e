/**
 * The life of a campaign as it is recorded: what was written down, who agreed, when which version held.
 *
 * These names are the storage format: proof-read, version with care.
 */
import { Type } from '@sinclair/typebox';
import { event, type EventOf } from '../event.js';
import type { Campaign } from '../pricing/campaign.js';
import { CampaignId } from '../pricing/campaign.js';

const Version = Type.Integer({ minimum: 1 });
const By = Type.String({ maxLength: 80, description: 'The id of the operator' });
const Reason = Type.String({ minLength: 1, maxLength: 500 });
const Instant = Type.Integer({ minimum: 0, description: 'Milliseconds since the epoch, UTC' });

/**
 * Only its frame: conditions and rewards are checked against the schemas of their kinds before they are recorded (faults.ts), and a
 * log must stay readable when a kind is given another argument.
 */
const Content = Type.Unsafe<Campaign>(
  Type.Object({ campaignId: CampaignId, version: Version, name: Type.String() }),
);

export const CampaignDrafted = event('CampaignDrafted', {
  version: Version,
  campaign: Content,
  by: By,
});
export const CampaignRevised = event('CampaignRevised', {
  version: Version,
  campaign: Content,
  by: By,
});
export const CampaignSubmitted = event('CampaignSubmitted', { version: Version, by: By });
export const CampaignApproved = event('CampaignApproved', { version: Version, by: By });
export const CampaignDeclined = event('CampaignDeclined', {
  version: Version,
  by: By,
  reason: Reason,
});
/** `until` null: for good. From then on no other version holds. */
export const CampaignScheduled = event('CampaignScheduled', {
  version: Version,
  from: Instant,
  until: Type.Union([Instant, Type.Null()]),
});
/** In force at once, and no other version any more. */
export const CampaignActivated = event('CampaignActivated', { version: Version });
export const CampaignPaused = event('CampaignPaused', { reason: Reason });
export const CampaignResumed = event('CampaignResumed', {});
export const CampaignEnded = event('CampaignEnded', { reason: Reason });

export const campaignEvents = [
  CampaignDrafted,
  CampaignRevised,
  CampaignSubmitted,
  CampaignApproved,
  CampaignDeclined,
  CampaignScheduled,
  CampaignActivated,
  CampaignPaused,
  CampaignResumed,
  CampaignEnded,
] as const;
export type CampaignEvent = EventOf<(typeof campaignEvents)[number]>;
