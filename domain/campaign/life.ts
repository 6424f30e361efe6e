/**
 * The life of a campaign. Invariant: a version that was in force, or is to be, never changes its content; whoever wants another one
 * drafts the next version, and the old one holds until the new one does.
 *
 *   draft → submitted → approved → scheduled or active ⇄ paused → ended
 *
 * A draft may be revised until it is released, which takes back whatever was agreed on it. There is one draft at a time, beside any
 * number of released versions.
 */
import { type Aggregate, type Recorded, unreachable } from '../event.js';
import type { TenantId } from '../ids.js';
import type { Campaign, CampaignId } from '../pricing/campaign.js';
import { streamName } from '../stream.js';
import type { CampaignEvent } from './events.js';
import { changed, noTimeline, paused, resumed, type Timeline } from './timeline.js';

export const campaignStream = (tenant: TenantId, id: CampaignId) =>
  streamName('campaign', tenant, id);

export interface Draft {
  readonly version: number;
  readonly stage: 'draft' | 'submitted' | 'approved';
  /** Whoever wrote any of it. */
  readonly authors: readonly string[];
}

export interface CampaignLife {
  /** By version, from 1. */
  readonly contents: readonly Campaign[];
  readonly draft: Draft | null;
  readonly timeline: Timeline;
  readonly ended: boolean;
}

export const campaignLife: Aggregate<CampaignLife, CampaignEvent> = {
  category: 'campaign',
  initial: () => ({ contents: [], draft: null, timeline: noTimeline, ended: false }),
  evolve: (life, event) => {
    const { draft, timeline } = life;
    const at = event.occurredAt;
    switch (event.type) {
      case 'CampaignDrafted':
      case 'CampaignRevised':
        return written(life, event);
      case 'CampaignSubmitted':
        return { ...life, draft: draft && { ...draft, stage: 'submitted' } };
      case 'CampaignApproved':
        return { ...life, draft: draft && { ...draft, stage: 'approved' } };
      case 'CampaignDeclined':
        return { ...life, draft: draft && { ...draft, stage: 'draft' } };
      case 'CampaignScheduled': {
        const { version, from, until } = event.data;
        return released(life, version, changed(timeline, version, from, until));
      }
      case 'CampaignActivated': {
        const { version } = event.data;
        return released(life, version, changed(timeline, version, at));
      }
      case 'CampaignPaused':
        return { ...life, timeline: paused(timeline, at) };
      case 'CampaignResumed':
        return { ...life, timeline: resumed(timeline, at) };
      case 'CampaignEnded':
        return { ...life, draft: null, timeline: changed(timeline, null, at), ended: true };
      default:
        return unreachable(event);
    }
  },
};

const written = (
  { contents, draft, ...rest }: CampaignLife,
  { data }: Recorded<Extract<CampaignEvent, { type: 'CampaignDrafted' | 'CampaignRevised' }>>,
): CampaignLife => {
  const { version, campaign, by } = data;
  const authors = new Set(draft?.version === version ? draft.authors : []).add(by);
  return {
    ...rest,
    contents: [...contents.slice(0, version - 1), campaign],
    draft: { version, stage: 'draft', authors: [...authors] },
  };
};

const released = (life: CampaignLife, version: number, timeline: Timeline): CampaignLife => ({
  ...life,
  draft: life.draft?.version === version ? null : life.draft,
  timeline,
});
