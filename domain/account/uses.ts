/**
 * How often a customer used each campaign, by day, so that limits per customer hold and a return gives a use back to its own day.
 *
 * A day is the shop's, as the purchase recorded it. The last 62 days of a campaign are kept by themselves, which is more than any
 * period of a limit; older ones are part of the sum alone.
 */
import type { Campaign } from '../pricing/campaign.js';
import type { CampaignId } from '../pricing/discount.js';
import type { Remaining } from '../pricing/facts.js';
import type { AccountEvent } from './events.js';

export interface CampaignUses {
  ever: number;
  readonly days: Map<string, number>;
}

/** Changed in place by recorded facts. */
export type UsesByCampaign = Map<CampaignId, CampaignUses>;

const daysMax = 62;

type Counting = Extract<
  AccountEvent,
  { type: 'PurchaseConfirmed' | 'PurchaseReturned' | 'PurchaseCancelled' }
>;

export const foldUses = (uses: UsesByCampaign, { type, data }: Counting): void => {
  const { day } = data;
  if (day === undefined) return;
  if (type === 'PurchaseConfirmed') {
    for (const { campaignId } of data.applied ?? []) count(uses, campaignId, day, 1);
  } else {
    for (const { campaignId, uses: back } of data.reversed ?? []) {
      if (back > 0) count(uses, campaignId, day, -back);
    }
  }
};

const count = (uses: UsesByCampaign, campaignId: CampaignId, day: string, by: number): void => {
  let used = uses.get(campaignId);
  if (!used) uses.set(campaignId, (used = { ever: 0, days: new Map() }));
  used.ever += by;
  const { days } = used;
  const left = (days.get(day) ?? 0) + by;
  if (left > 0) days.set(day, left);
  else days.delete(day);
  if (days.size > daysMax) days.delete([...days.keys()].reduce((a, b) => (a < b ? a : b)));
};

export type Limits = NonNullable<Campaign['limits']>;
type Limit = NonNullable<Limits['perCustomer']>;

/** Times that the customer may still use a campaign on `day` (YYYY-MM-DD). */
const leftOf = (used: CampaignUses | undefined, { uses, per }: Limit, day: string): number => {
  if (!used) return uses;
  return Math.max(0, uses - usedIn(used, per, day));
};

const usedIn = ({ ever, days }: CampaignUses, per: Limit['per'], day: string): number => {
  if (per === 'ever') return ever;
  if (per === 'day') return days.get(day) ?? 0;
  const period = per === 'month' ? monthOf : weekOf;
  const wanted = period(day);
  let sum = 0;
  for (const [other, count] of days) if (period(other) === wanted) sum += count;
  return sum;
};

const monthOf = (day: string): string => day.slice(0, 7);

const dayMs = 86_400_000;
/** Weeks begin on Monday; 1970-01-01 was a Thursday. */
const weekOf = (day: string): number => Math.floor((Date.parse(day) / dayMs + 3) / 7);

/** `budgets` with what limits per customer leave of each campaign. */
export const remainingFor = (
  uses: UsesByCampaign,
  limits: ReadonlyMap<CampaignId, Limits>,
  budgets: Readonly<Record<string, Remaining>>,
  day: string,
): Readonly<Record<string, Remaining>> => {
  let remaining: Record<string, Remaining> | null = null;
  for (const [campaignId, { perCustomer }] of limits) {
    if (!perCustomer) continue;
    const own = leftOf(uses.get(campaignId), perCustomer, day);
    const budget = (remaining ??= { ...budgets })[campaignId];
    remaining[campaignId] = { ...budget, usesOfCustomer: own };
  }
  return remaining ?? budgets;
};

type UsesRow = readonly [CampaignId, number, readonly (readonly [string, number])[]];
export type UsesJson = readonly UsesRow[];

export const usesToJson = (uses: UsesByCampaign): UsesJson =>
  [...uses].map(([campaignId, { ever, days }]) => [campaignId, ever, [...days]]);

export const usesFromJson = (rows: UsesJson): UsesByCampaign =>
  new Map(rows.map(([campaignId, ever, days]) => [campaignId, { ever, days: new Map(days) }]));
