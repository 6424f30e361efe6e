/** What a campaign took off, of a line or of one unit: which version of which campaign, and how much. */
import { Type, type Static } from '@sinclair/typebox';
import { Money } from '../amount.js';
import type { Branded } from '../ids.js';

export type CampaignId = Branded<string, 'CampaignId'>;
export const CampaignId = Type.Unsafe<CampaignId>(
  Type.String({ pattern: '^[a-z][a-z0-9_]{1,59}$', examples: ['dairy_week'] }),
);

export const campaignVersion = {
  campaignId: CampaignId,
  version: Type.Integer({ minimum: 1 }),
} as const;

export const Discount = Type.Object(
  { ...campaignVersion, amount: Money },
  { additionalProperties: false },
);
export type Discount = Static<typeof Discount>;
