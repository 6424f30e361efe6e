import { expect } from 'chai';
import {
  activateCampaign,
  approveCampaign,
  declineCampaign,
  draftCampaign,
  draftVersion,
  endCampaign,
  pauseCampaign,
  resumeCampaign,
  reviseCampaign,
  scheduleCampaign,
  submitCampaign,
} from '../../../domain/campaign/decide.js';
import type { CampaignLife } from '../../../domain/campaign/life.js';
import type { Approval } from '../../../domain/campaign/rules.js';
import { statusAt } from '../../../domain/campaign/status.js';
import { inForceAt } from '../../../domain/campaign/timeline.js';
import {
  activated,
  approved,
  content,
  declined,
  drafted,
  endedEvent,
  given,
  lifeAfter,
  pausedEvent,
  resumedEvent,
  revised,
  scheduled,
  spring,
  submitted,
} from './spec.js';

const ann = { campaignId: spring, by: 'ann' };
const drafting =
  (basisPoints = 1_000) =>
  (life: CampaignLife) =>
    draftCampaign({ ...ann, content: content(basisPoints) }, life);
const next = (basisPoints: number) => (life: CampaignLife) =>
  draftVersion({ ...ann, content: content(basisPoints) }, life);
const revising =
  (basisPoints: number, by = 'ann') =>
  (life: CampaignLife) =>
    reviseCampaign({ campaignId: spring, by, content: content(basisPoints) }, life);
const submitting = (life: CampaignLife) => submitCampaign({ by: 'ann' }, life);
const approving =
  (by: string, approval: Approval = 'owner', version = 1) =>
  (life: CampaignLife) =>
    approveCampaign({ version, by, approval }, life);
const declining = (life: CampaignLife) => declineCampaign({ by: 'bob', reason: 'too dear' }, life);
const activating =
  (version = 1, approval: Approval = 'none', now = 0) =>
  (life: CampaignLife) =>
    activateCampaign({ version, now, approval }, life);
const scheduling =
  (version: number, from: number, until: number | null, now = 0, approval: Approval = 'none') =>
  (life: CampaignLife) =>
    scheduleCampaign({ version, from, until, now, approval }, life);
const pausing = (life: CampaignLife) => pauseCampaign({ reason: 'why', now: 50 }, life);
const ending = (life: CampaignLife) => endCampaign({ reason: 'why' }, life);

describe('drafting a campaign', () => {
  it('writes its first version down, once', () => {
    given().when(drafting()).then(drafted());
    given(drafted()).when(drafting()).thenNothing();
  });

  it('refuses an id that is taken', () => {
    given(drafted()).when(drafting(2_000)).thenRejected('already-registered');
    given(drafted(), activated()).when(drafting()).thenRejected('already-registered');
  });

  it('revises the draft as often as needed, and whatever was agreed on it is void', () => {
    given(drafted()).when(revising(2_000)).then(revised(1, 2_000));
    given(drafted()).when(revising(1_000)).thenNothing();
    const again = [drafted(), submitted(), approved(), revised(1, 2_000)];
    given(...again)
      .when(activating(1, 'owner'))
      .thenRejected('approval-missing');
    given(...again)
      .when(submitting)
      .then(submitted());
  });

  it('never changes a version that was released', () => {
    for (const release of [activated(), scheduled(1, 99)]) {
      given(drafted(), release).when(revising(2_000)).thenRejected('no-draft');
      given(drafted(), release)
        .when(next(2_000))
        .then(drafted(2, 'ann', 2_000));
    }
  });

  it('has one draft at a time', () => {
    given(drafted()).when(next(2_000)).thenRejected('draft-open');
    given(drafted(), activated(), drafted(2)).when(next(1_000)).thenNothing();
    given().when(next(1_000)).thenRejected('campaign-not-found');
  });
});

describe('approving a campaign', () => {
  it('takes a submission first', () => {
    given(drafted()).when(approving('bob')).thenRejected('not-submitted');
    given(drafted()).when(submitting).then(submitted());
    given(drafted(), submitted()).when(submitting).thenNothing();
    given(drafted(), submitted()).when(approving('bob')).then(approved());
    given(drafted(), submitted(), approved()).when(approving('bob')).thenNothing();
  });

  it('takes another operator than any author where the programme asks for four eyes', () => {
    const past = [drafted(), revised(1, 2_000, 'eve'), submitted()];
    given(...past)
      .when(approving('ann', 'owner'))
      .then(approved(1, 'ann'));
    given(...past)
      .when(approving('ann', 'fourEyes'))
      .thenRejected('four-eyes-needed');
    given(...past)
      .when(approving('eve', 'fourEyes'))
      .thenRejected('four-eyes-needed');
    given(...past)
      .when(approving('bob', 'fourEyes'))
      .then(approved());
  });

  it('is of the version that was read, not of one drafted since', () => {
    given(drafted(), activated(), drafted(2), submitted(2))
      .when(approving('bob', 'owner', 1))
      .thenRejected('version-not-found');
  });

  it('may be declined with a reason, and then takes a new submission', () => {
    given(drafted(), submitted()).when(declining).then(declined());
    given(drafted(), submitted(), approved()).when(declining).then(declined());
    given(drafted(), submitted(), declined()).when(declining).thenNothing();
    given(drafted(), submitted(), declined()).when(approving('bob')).thenRejected('not-submitted');
  });

  it('is asked for before a version holds, unless the programme does without', () => {
    for (const decide of [activating(1, 'owner'), scheduling(1, 10, null, 0, 'fourEyes')]) {
      given(drafted()).when(decide).thenRejected('approval-missing');
      given(drafted(), submitted()).when(decide).thenRejected('approval-missing');
    }
    given(drafted(), submitted(), approved()).when(activating(1, 'fourEyes')).then(activated());
    given(drafted()).when(activating()).then(activated());
  });
});

describe('the time of a campaign', () => {
  it('begins at once when it is activated, once', () => {
    given(drafted()).when(activating()).then(activated());
    given(drafted(), [10, activated()])
      .when(activating(1, 'none', 20))
      .thenNothing();
    given(drafted()).when(activating(2)).thenRejected('version-not-found');
  });

  it('is scheduled from now on at the earliest', () => {
    given(drafted())
      .when(scheduling(1, 100, 200, 50))
      .then(scheduled(1, 100, 200));
    given(drafted())
      .when(scheduling(1, 10, 200, 50))
      .then(scheduled(1, 50, 200));
    given(drafted(), scheduled(1, 100, 200))
      .when(scheduling(1, 100, 200, 60))
      .thenNothing();
    given(drafted(), scheduled(1, 100, 200))
      .when(scheduling(1, 100, 300, 60))
      .then(scheduled(1, 100, 300));
    given(drafted())
      .when(scheduling(1, 10, 50, 50))
      .thenRejected('ends-before-it-begins');
    given(drafted())
      .when(scheduling(1, 90, 80, 50))
      .thenRejected('ends-before-it-begins');
  });

  const inForce = (life: CampaignLife, ...times: number[]) =>
    times.map((at) => inForceAt(life.timeline, at));

  it('passes from one version to the next without a gap', () => {
    const life = lifeAfter(
      [0, drafted()],
      [10, activated()],
      [20, drafted(2, 'ann', 2_000)],
      [20, scheduled(2, 100, 200)],
    );
    expect(inForce(life, 9, 10, 99, 100, 199, 200)).to.deep.equal([null, 1, 1, 2, 2, null]);
    expect([9, 10, 100, 200].map((at) => statusAt(life, at))).to.deep.equal([
      'scheduled',
      'active',
      'active',
      'over',
    ]);
  });

  it('stops while it is paused, and what held before stays as it was', () => {
    const past = [
      [0, drafted()],
      [10, activated()],
      [50, pausedEvent],
    ] as const;
    given(...past.slice(0, 2))
      .when(pausing)
      .then(pausedEvent);
    given(...past)
      .when(pausing)
      .thenNothing();
    given(drafted()).when(pausing).thenRejected('not-running');
    const life = lifeAfter(...past, [80, resumedEvent]);
    expect(inForce(life, 49, 50, 79, 80)).to.deep.equal([1, null, null, 1]);
    expect(statusAt(lifeAfter(...past), 60)).to.equal('paused');
    given(...past)
      .when(resumeCampaign)
      .then(resumedEvent);
    given(...past.slice(0, 2))
      .when(resumeCampaign)
      .thenNothing();
    given(...past)
      .when(activating(1, 'none', 90))
      .then(resumedEvent, activated());
  });

  it('may be gone back to an older version', () => {
    const past = [drafted(), [10, activated()], drafted(2), [20, activated(2)]] as const;
    given(...past)
      .when(activating(1, 'owner', 30))
      .then(activated(1));
  });

  it('ends for good, with its draft', () => {
    const past = [drafted(), [10, activated()], drafted(2), [30, endedEvent]] as const;
    given(...past.slice(0, 3))
      .when(ending)
      .then(endedEvent);
    given(...past)
      .when(ending)
      .thenNothing();
    for (const decide of [activating(1), next(1), submitting, revising(1), pausing]) {
      given(...past)
        .when(decide)
        .thenRejected('campaign-ended');
    }
    given().when(ending).thenRejected('campaign-not-found');
    const life = lifeAfter([0, drafted()], [10, activated()], [30, endedEvent]);
    expect(inForce(life, 29, 30)).to.deep.equal([1, null]);
    expect(statusAt(life, 31)).to.equal('ended');
  });
});
