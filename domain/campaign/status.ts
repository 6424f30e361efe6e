/** How a campaign stands at a moment, in one word for lists. */
import type { CampaignLife } from './life.js';
import { inForceAt, isPaused } from './timeline.js';

export const campaignStatuses = [
  'draft',
  'submitted',
  'approved',
  'scheduled',
  'active',
  'paused',
  'over',
  'ended',
] as const;
export type CampaignStatus = (typeof campaignStatuses)[number];

/** `at` in milliseconds. Of a campaign with released versions, it is theirs; a draft beside them is told apart. */
export const statusAt = ({ draft, timeline, ended }: CampaignLife, at: number): CampaignStatus => {
  if (ended) return 'ended';
  const { changes } = timeline;
  const goesOn = inForceAt({ changes, pauses: [] }, at) !== null;
  const comes = changes.some((change) => change.at > at && change.version !== null);
  if ((goesOn || comes) && isPaused(timeline)) return 'paused';
  if (goesOn) return 'active';
  if (comes) return 'scheduled';
  if (changes.length > 0) return 'over';
  return draft?.stage ?? 'draft';
};
