/** Every read model in Postgres. */
import { balances } from './balances/balances.js';
import { campaigns } from './campaigns/campaigns.js';
import { customers } from './customers/customers.js';
import type { Projection } from './projection.js';
import { giftCards } from './giftCards/giftCards.js';
import { purchases } from './purchases/purchases.js';
import { referrals } from './referrals/referrals.js';
import { sales } from './sales/sales.js';
import { segments } from './segments/segments.js';
import { settlement } from './settlement/settlement.js';
import { tiers } from './tiers/tiers.js';
import { tills } from './tills/tills.js';

export const allProjections: readonly Projection[] = [
  balances,
  purchases,
  customers,
  tills,
  sales,
  settlement,
  campaigns,
  segments,
  tiers,
  referrals,
  giftCards,
];

/** @throws with the names there are. */
export const projectionNamed = (
  name: string,
  projections: readonly Projection[] = allProjections,
): Projection => {
  const found = projections.find((projection) => projection.name === name);
  if (found) return found;
  const names = projections.map((projection) => projection.name).join(', ');
  throw new Error(`There is no projection ${name}: choose one of ${names}.`);
};
