/**
 * Whether a draft has a chance with a receipt at all, found out before anything is priced: by the same index that finds candidates at
 * the till. Where it has none, the receipt is what was recorded, and most receipts are none of most campaigns' business.
 */
import type { Campaign } from '../pricing/campaign.js';
import { compileCampaigns } from '../pricing/campaignSet.js';
import type { HintName } from '../pricing/condition.js';
import type { LocalTime } from '../pricing/localTime.js';
import type { RecordedReceipt, World } from './world.js';

export interface Circumstances {
  readonly goods: World['goods'];
  readonly local: LocalTime;
  readonly tier: string | null;
  readonly segments: readonly string[];
}

export type Chance = (recorded: RecordedReceipt, circumstances: Circumstances) => boolean;

type Drawer = ReadonlyMap<string | number, unknown>;
type Look = (drawer: Drawer, recorded: RecordedReceipt, around: Circumstances) => boolean;

/** A line of dairy/cheese is one of dairy too. */
const hasCategory = (drawer: Drawer, category: string | null | undefined): boolean => {
  for (
    let path = category ?? '';
    path !== '';
    path = path.slice(0, Math.max(0, path.lastIndexOf('/')))
  ) {
    if (drawer.has(path)) return true;
  }
  return false;
};

const looks: Record<HintName, Look> = {
  product: (drawer, { lines }) => lines.some(({ productId }) => drawer.has(productId)),
  category: (drawer, { lines }, { goods }) =>
    lines.some(({ productId }) => hasCategory(drawer, goods(productId)?.category)),
  brand: (drawer, { lines }, { goods }) =>
    lines.some(({ productId }) => drawer.has(goods(productId)?.brand ?? '')),
  merchant: (drawer, { merchantId }) => drawer.has(merchantId),
  pointOfSale: (drawer, { pointOfSaleId }) => drawer.has(pointOfSaleId),
  weekday: (drawer, _, { local }) => drawer.has(local.weekday),
  tier: (drawer, _, { tier }) => tier !== null && drawer.has(tier),
  segment: (drawer, _, { segments }) => segments.some((name) => drawer.has(name)),
  // The coupons that were shown then are not part of the receipts; see world.ts.
  coupon: () => false,
};

export const chanceOf = (draft: Campaign): Chance => {
  const { index, campaigns } = compileCampaigns([draft]);
  const { from = -Infinity, until = Infinity } = campaigns[0] ?? {};
  const drawers = [...index.drawers].map(([name, drawer]) => ({ look: looks[name], drawer }));
  const always = index.always.length > 0;
  return (recorded, around) =>
    recorded.at >= from &&
    recorded.at < until &&
    (always || drawers.some(({ look, drawer }) => look(drawer, recorded, around)));
};
