/**
 * What a simulation is given: receipts as they were recorded, in the order in which they were made out, and the programme around
 * them as it was then. Money is minor units, points hundredths, times milliseconds.
 */
import type { MerchantId, PointOfSaleId, ProductId, UserId } from '../ids.js';
import type { BasketLine } from '../pricing/basketLines.js';
import type { CampaignSet } from '../pricing/campaignSet.js';
import type { ProgrammeRule } from '../programme/rule.js';

/** A line of it; `net` is left out where nothing had been taken off. */
export interface RecordedLine extends Pick<
  BasketLine,
  'position' | 'productId' | 'quantity' | 'price' | 'amount'
> {
  readonly net?: number;
}

export interface RecordedReceipt {
  readonly at: number;
  readonly merchantId: MerchantId;
  readonly pointOfSaleId: PointOfSaleId;
  /** Null: an anonymous receipt. */
  readonly userId: UserId | null;
  /** Of the programme's rule that decided it; null where none was recorded. */
  readonly ruleVersion: number | null;
  readonly pointsRedeemed: number;
  readonly pointsEarned: number;
  /** Before and by discounts, minor units; what the lines say where left out. */
  readonly total?: number;
  readonly discount?: number;
  /** Asked for only where they are needed: most receipts are none of the draft's business. */
  readonly lines: readonly RecordedLine[];
}

/** The programme at the time of a receipt. */
export interface World {
  /** Null where the programme has none. */
  rule(version: number | null, at: number): ProgrammeRule | null;
  /** IANA name. */
  timeZone(merchantId: MerchantId): string;
  /** Place in the catalogue. */
  goods(productId: ProductId): Pick<BasketLine, 'category' | 'brand' | 'attributes'> | undefined;
  tier(userId: UserId, at: number): string | null;
  segments(userId: UserId): readonly string[];
  /** What was in force, and the draft with it. The same object for as long as nothing changes. */
  campaigns(at: number): CampaignSet;
}
