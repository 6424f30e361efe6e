/** How campaigns look outside: their life in a line, and the shape of what is written down. */
import { type Static, Type } from '@sinclair/typebox';
import type { CampaignLife } from '../../domain/campaign/life.js';
import { campaignStatuses, statusAt } from '../../domain/campaign/status.js';
import { inForceAt } from '../../domain/campaign/timeline.js';
import { Campaign, CampaignId } from '../../domain/pricing/campaign.js';
import { Instant, instantOf } from '../wire.js';

const Version = Type.Integer({ minimum: 1 });
const kindsAt = 'Of the kinds that `GET /admin/v1/campaign-kinds` describes';
const { name, priority, group, valid, caps, limits, pointsTerms, texts } = Campaign.properties;

/** For the documentation: what is sent is judged kind by kind, see domain/pricing/faults.ts. */
export const CampaignContent = Type.Object(
  {
    name,
    priority,
    group,
    valid,
    when: Type.Optional(
      Type.Object({}, { additionalProperties: true, description: `A condition. ${kindsAt}` }),
    ),
    rewards: Type.Array(
      Type.Object({ kind: Type.String() }, { additionalProperties: true, description: kindsAt }),
      { minItems: 1, maxItems: 20 },
    ),
    caps,
    limits,
    pointsTerms,
    texts,
  },
  { additionalProperties: false, title: 'CampaignContent' },
);

/** A version as it was written down. */
export const CampaignVersion = Type.Unsafe<Campaign>(
  Type.Object(
    { campaignId: CampaignId, version: Version, ...CampaignContent.properties },
    { additionalProperties: false, title: 'CampaignVersion' },
  ),
);

export const Status = Type.Unsafe<(typeof campaignStatuses)[number]>(
  Type.String({ enum: [...campaignStatuses] }),
);

const Stage = Type.Unsafe<NonNullable<CampaignLife['draft']>['stage']>(
  Type.String({ enum: ['draft', 'submitted', 'approved'] }),
);

export const CampaignShown = Type.Object(
  {
    campaignId: CampaignId,
    name: Type.String(),
    status: Status,
    inForce: Type.Union([Version, Type.Null()], { description: 'The version that holds now' }),
    versions: Type.Integer({ minimum: 1, description: 'How many there are' }),
    draft: Type.Union([
      Type.Object({ version: Version, stage: Stage, authors: Type.Array(Type.String()) }),
      Type.Null(),
    ]),
    comes: Type.Array(Type.Object({ at: Instant, version: Type.Union([Version, Type.Null()]) }), {
      description: 'What will hold from when; null: nothing',
    }),
  },
  { title: 'CampaignShown' },
);

/** The content of a campaign: what holds, or what is to hold, or what was last written down. */
export const contentShown = ({ contents, timeline }: CampaignLife, now: number): Campaign =>
  contents[(inForceAt(timeline, now) ?? contents.length) - 1] as Campaign;

export const campaignShown = (
  campaignId: CampaignId,
  life: CampaignLife,
  now: number,
): Static<typeof CampaignShown> => {
  const { contents, draft, timeline } = life;
  return {
    campaignId,
    name: contentShown(life, now).name,
    status: statusAt(life, now),
    inForce: inForceAt(timeline, now),
    versions: contents.length,
    draft: draft && { ...draft, authors: [...draft.authors] },
    comes: timeline.changes
      .filter(({ at }) => at > now)
      .map(({ at, version }) => ({ at: instantOf(at), version })),
  };
};
