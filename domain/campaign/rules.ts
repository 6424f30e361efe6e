/**
 * How a programme treats its campaigns: who has to agree before one holds, and what all of them together may take off a receipt.
 * Invariant: versions count from 1 without a gap and a version never changes its content.
 */
import { Type, type Static } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf, unreachable } from '../event.js';
import type { TenantId } from '../ids.js';
import { Caps } from '../pricing/campaign.js';
import { streamName } from '../stream.js';

export const campaignRulesStream = (tenant: TenantId) =>
  streamName('programme', tenant, 'campaigns');

export const approvals = ['none', 'owner', 'fourEyes'] as const;
export type Approval = (typeof approvals)[number];

export const CampaignRules = Type.Object(
  {
    approval: Type.Unsafe<Approval>(
      Type.String({
        enum: [...approvals],
        description:
          'none: a manager may activate a draft; owner: an owner has to approve it first; fourEyes: an owner who wrote none of it',
      }),
    ),
    caps: Caps,
  },
  { additionalProperties: false, title: 'CampaignRules' },
);
export type CampaignRules = Static<typeof CampaignRules>;

/** Until a programme sets its own. */
export const rulesDefault: CampaignRules = { approval: 'none', caps: {} };

// These names are the storage format: proof-read, version with care.
export const CampaignRulesSet = event('CampaignRulesSet', {
  version: Type.Integer({ minimum: 1 }),
  rules: CampaignRules,
});
export const campaignRulesEvents = [CampaignRulesSet] as const;
export type CampaignRulesEvent = EventOf<(typeof campaignRulesEvents)[number]>;

export interface CampaignRulesInForce {
  /** 0 before the first was set. */
  readonly version: number;
  readonly rules: CampaignRules;
}

export const campaignRules: Aggregate<CampaignRulesInForce, CampaignRulesEvent> = {
  category: 'programme',
  initial: () => ({ version: 0, rules: rulesDefault }),
  evolve: (_state, event) => {
    switch (event.type) {
      case 'CampaignRulesSet':
        return event.data;
      default:
        return unreachable(event.type);
    }
  },
};

export const setCampaignRules = (
  { rules }: { readonly rules: CampaignRules },
  state: CampaignRulesInForce,
): CampaignRulesEvent[] => {
  if (state.version > 0 && JSON.stringify(state.rules) === JSON.stringify(rules)) return []; // already carried out
  return [{ type: 'CampaignRulesSet', data: { version: state.version + 1, rules } }];
};
