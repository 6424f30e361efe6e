/**
 * What may be done with a campaign in its life. A repeat decides nothing. Times are milliseconds; `by` is the id of whoever asks.
 */
import type { Campaign } from '../pricing/campaign.js';
import { rejected } from '../rejected.js';
import type { CampaignEvent } from './events.js';
import type { CampaignLife, Draft } from './life.js';
import type { Approval } from './rules.js';
import { inForceAt, isPaused } from './timeline.js';

/** A campaign as it is written down, before it has a number. */
export type CampaignContent = Omit<Campaign, 'campaignId' | 'version'>;
type Writing = {
  readonly campaignId: Campaign['campaignId'];
  readonly content: CampaignContent;
  readonly by: string;
};

const isSame = (a: Campaign | undefined, b: Campaign): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

const numbered = ({ campaignId, content }: Writing, version: number): Campaign => ({
  campaignId,
  version,
  ...content,
});

const versionsMax = 1_000;

/** @throws Rejected campaign-not-found, campaign-ended */
const assertGoesOn = ({ contents, ended }: CampaignLife): void => {
  if (contents.length === 0) throw rejected('campaign-not-found');
  if (ended) throw rejected('campaign-ended');
};

/** @throws Rejected campaign-not-found, campaign-ended, no-draft */
const draftOf = (life: CampaignLife): Draft => {
  assertGoesOn(life);
  if (!life.draft) throw rejected('no-draft');
  return life.draft;
};

/** The first version. @throws Rejected already-registered where another campaign has the id. */
export const draftCampaign = (command: Writing, life: CampaignLife): CampaignEvent[] => {
  const { contents, draft } = life;
  const campaign = numbered(command, 1);
  if (contents.length > 0) {
    if (draft?.version === 1 && isSame(contents[0], campaign)) return []; // already carried out
    throw rejected('already-registered', { campaignId: command.campaignId });
  }
  return [{ type: 'CampaignDrafted', data: { version: 1, campaign, by: command.by } }];
};

/** The next version, beside those that hold. @throws Rejected campaign-not-found, campaign-ended, draft-open, too-many-versions */
export const draftVersion = (command: Writing, life: CampaignLife): CampaignEvent[] => {
  assertGoesOn(life);
  const { contents, draft } = life;
  if (draft) {
    const asked = numbered(command, draft.version);
    if (isSame(contents[draft.version - 1], asked)) return []; // already carried out
    throw rejected('draft-open', { version: draft.version });
  }
  const version = contents.length + 1;
  if (version > versionsMax) throw rejected('too-many-versions', { most: versionsMax });
  const campaign = numbered(command, version);
  return [{ type: 'CampaignDrafted', data: { version, campaign, by: command.by } }];
};

/** Whatever was agreed on the draft is to be agreed anew. @throws Rejected campaign-not-found, campaign-ended, no-draft */
export const reviseCampaign = (command: Writing, life: CampaignLife): CampaignEvent[] => {
  const { version } = draftOf(life);
  const campaign = numbered(command, version);
  if (isSame(life.contents[version - 1], campaign)) return []; // already carried out
  return [{ type: 'CampaignRevised', data: { version, campaign, by: command.by } }];
};

/** @throws Rejected campaign-not-found, campaign-ended, no-draft */
export const submitCampaign = (
  { by }: { readonly by: string },
  life: CampaignLife,
): CampaignEvent[] => {
  const { version, stage } = draftOf(life);
  if (stage !== 'draft') return []; // already carried out
  return [{ type: 'CampaignSubmitted', data: { version, by } }];
};

/** @throws Rejected campaign-not-found, campaign-ended, no-draft, version-not-found, not-submitted, four-eyes-needed */
export const approveCampaign = (
  command: { readonly version: number; readonly by: string; readonly approval: Approval },
  life: CampaignLife,
): CampaignEvent[] => {
  const { version, by, approval } = command;
  const draft = draftOf(life);
  if (draft.version !== version) throw rejected('version-not-found', { version });
  if (draft.stage === 'approved') return []; // already carried out
  if (draft.stage === 'draft') throw rejected('not-submitted', { version });
  if (approval === 'fourEyes' && draft.authors.includes(by)) {
    throw rejected('four-eyes-needed', { version, authors: draft.authors });
  }
  return [{ type: 'CampaignApproved', data: { version, by } }];
};

/** Back to its authors. @throws Rejected campaign-not-found, campaign-ended, no-draft */
export const declineCampaign = (
  { by, reason }: { readonly by: string; readonly reason: string },
  life: CampaignLife,
): CampaignEvent[] => {
  const { version, stage } = draftOf(life);
  if (stage === 'draft') return []; // already carried out
  return [{ type: 'CampaignDeclined', data: { version, by, reason } }];
};

/** @throws Rejected campaign-not-found, campaign-ended, version-not-found, approval-missing */
const assertMayHold = (version: number, approval: Approval, life: CampaignLife): void => {
  assertGoesOn(life);
  if (version > life.contents.length) throw rejected('version-not-found', { version });
  if (life.draft?.version !== version || approval === 'none') return;
  if (life.draft.stage !== 'approved') throw rejected('approval-missing', { version });
};

/**
 * What lies before `now` cannot be scheduled: a version holds from now on at the earliest. A version that held before may be taken
 * up again.
 * @throws Rejected campaign-not-found, campaign-ended, version-not-found, approval-missing, ends-before-it-begins
 */
export const scheduleCampaign = (
  command: {
    readonly version: number;
    readonly from: number;
    readonly until: number | null;
    readonly now: number;
    readonly approval: Approval;
  },
  life: CampaignLife,
): CampaignEvent[] => {
  const { version, until, now, approval } = command;
  assertMayHold(version, approval, life);
  if (until !== null && until <= Math.max(command.from, now)) {
    throw rejected('ends-before-it-begins', { from: command.from, until });
  }
  const { changes } = life.timeline;
  const known = changes.findIndex((change) => change.version === version);
  const begins = changes[known];
  const ends = changes[known + 1] ?? { at: null, version: null };
  const isKnown = begins?.at === command.from && ends.version === null && ends.at === until;
  if (isKnown && changes.length <= known + 2) return []; // already carried out
  const from = Math.max(command.from, now);
  return [{ type: 'CampaignScheduled', data: { version, from, until } }];
};

/** @throws Rejected campaign-not-found, campaign-ended, version-not-found, approval-missing */
export const activateCampaign = (
  command: { readonly version: number; readonly now: number; readonly approval: Approval },
  life: CampaignLife,
): CampaignEvent[] => {
  const { version, now, approval } = command;
  assertMayHold(version, approval, life);
  const { timeline } = life;
  const last = timeline.changes.at(-1);
  if (last?.version === version && last.at <= now && !isPaused(timeline)) return []; // already carried out
  const activated: CampaignEvent = { type: 'CampaignActivated', data: { version } };
  return isPaused(timeline) ? [{ type: 'CampaignResumed', data: {} }, activated] : [activated];
};

/** @throws Rejected campaign-not-found, campaign-ended, not-running */
export const pauseCampaign = (
  { reason, now }: { readonly reason: string; readonly now: number },
  life: CampaignLife,
): CampaignEvent[] => {
  assertGoesOn(life);
  const { timeline } = life;
  if (isPaused(timeline)) return []; // already carried out
  const comes = timeline.changes.some(({ at, version }) => at > now && version !== null);
  if (inForceAt(timeline, now) === null && !comes) throw rejected('not-running');
  return [{ type: 'CampaignPaused', data: { reason } }];
};

/** @throws Rejected campaign-not-found, campaign-ended */
export const resumeCampaign = (life: CampaignLife): CampaignEvent[] => {
  assertGoesOn(life);
  return isPaused(life.timeline) ? [{ type: 'CampaignResumed', data: {} }] : [];
};

/** For good; a draft ends with it. @throws Rejected campaign-not-found */
export const endCampaign = (
  { reason }: { readonly reason: string },
  life: CampaignLife,
): CampaignEvent[] => {
  if (life.contents.length === 0) throw rejected('campaign-not-found');
  return life.ended ? [] : [{ type: 'CampaignEnded', data: { reason } }];
};
