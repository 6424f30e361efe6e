/**
 * The campaigns of every tenant as decisions look them up: which versions were in force at a moment, compiled once for as long as
 * nothing changes, and every version that was ever written down, since receipts of the past name them.
 */
import type { TenantId } from '../domain/ids.js';
import type { Campaign, CampaignId } from '../domain/pricing/campaign.js';
import { type CampaignSet, compileCampaigns } from '../domain/pricing/campaignSet.js';
import type { DirectoryPart } from './directoryPart.js';

/** What campaigns of a set may give; those without limits are left out. */
export type LimitsById = ReadonlyMap<CampaignId, NonNullable<Campaign['limits']>>;

export interface CampaignsInForce {
  /** Made for pricing, with the programme's caps. */
  readonly set: CampaignSet;
  readonly limits: LimitsById;
}

export interface Campaigns extends DirectoryPart {
  /**
   * What is in force at `timeMs`: now for a receipt of now, the till's time for a late one (the versions that were active then).
   * The same object for as long as nothing changes; cheap where there is no campaign.
   */
  at(tenant: TenantId, timeMs: number): CampaignsInForce;
  /** Any version that was ever drafted. */
  definition(tenant: TenantId, id: CampaignId, version: number): Campaign | undefined;
}

const none: CampaignsInForce = { set: compileCampaigns([]), limits: new Map() };

export const createCampaigns = (): Campaigns => ({
  eventTypes: new Set(),
  apply: () => undefined,
  at: () => none,
  definition: () => undefined,
});
