/** Given what was recorded when, when this is decided, then these events: the specs of campaigns, where the moment matters. */
import { expect } from 'chai';
import type { CampaignContent } from '../../../domain/campaign/decide.js';
import type { CampaignEvent } from '../../../domain/campaign/events.js';
import { type CampaignLife, campaignLife } from '../../../domain/campaign/life.js';
import type { Campaign, CampaignId } from '../../../domain/pricing/campaign.js';
import { Rejected, type RejectionCode } from '../../../domain/rejected.js';

export const spring = 'spring' as CampaignId;
export const content = (basisPoints = 1_000): CampaignContent => ({
  name: 'Spring',
  priority: 10,
  rewards: [{ kind: 'percent', basisPoints }],
});
export const campaign = (version = 1, basisPoints = 1_000): Campaign => ({
  campaignId: spring,
  version,
  ...content(basisPoints),
});

export type At = readonly [at: number, event: CampaignEvent];
export const drafted = (version = 1, by = 'ann', basisPoints = 1_000): CampaignEvent => ({
  type: 'CampaignDrafted',
  data: { version, campaign: campaign(version, basisPoints), by },
});
export const revised = (version: number, basisPoints: number, by = 'ann'): CampaignEvent => ({
  type: 'CampaignRevised',
  data: { version, campaign: campaign(version, basisPoints), by },
});
export const submitted = (version = 1, by = 'ann'): CampaignEvent => ({
  type: 'CampaignSubmitted',
  data: { version, by },
});
export const approved = (version = 1, by = 'bob'): CampaignEvent => ({
  type: 'CampaignApproved',
  data: { version, by },
});
export const declined = (version = 1, by = 'bob'): CampaignEvent => ({
  type: 'CampaignDeclined',
  data: { version, by, reason: 'too dear' },
});
export const scheduled = (
  version: number,
  from: number,
  until: number | null = null,
): CampaignEvent => ({ type: 'CampaignScheduled', data: { version, from, until } });
export const activated = (version = 1): CampaignEvent => ({
  type: 'CampaignActivated',
  data: { version },
});
export const pausedEvent: CampaignEvent = { type: 'CampaignPaused', data: { reason: 'why' } };
export const resumedEvent: CampaignEvent = { type: 'CampaignResumed', data: {} };
export const endedEvent: CampaignEvent = { type: 'CampaignEnded', data: { reason: 'why' } };

export const lifeAfter = (...past: readonly At[]): CampaignLife =>
  past.reduce(
    (life, [at, event], revision) =>
      campaignLife.evolve(life, { ...event, revision, occurredAt: at }),
    campaignLife.initial(),
  );

export const given = (...past: readonly (CampaignEvent | At)[]) => {
  const life = lifeAfter(...past.map((one): At => ('type' in one ? [0, one] : one)));
  return {
    when: (decide: (life: CampaignLife) => CampaignEvent[]) => ({
      then: (...events: CampaignEvent[]) => expect(decide(life)).to.deep.equal(events),
      thenNothing: () => expect(decide(life)).to.deep.equal([]),
      thenRejected: (code: RejectionCode) =>
        expect(() => decide(life))
          .to.throw(Rejected)
          .with.property('code', code),
    }),
  };
};
