/** Every read model in Postgres. */
import { balances } from './balances/balances.js';
import { campaigns } from './campaigns/campaigns.js';
import { customers } from './customers/customers.js';
import type { Projection } from './projection.js';
import { giftCards } from './giftCards/giftCards.js';
import { outbox } from './outbox/outbox.js';
import { purchases } from './purchases/purchases.js';
import { referrals } from './referrals/referrals.js';
import { sales } from './sales/sales.js';
import { segments } from './segments/segments.js';
import { settlement } from './settlement/settlement.js';
import { tiers } from './tiers/tiers.js';
import { tills } from './tills/tills.js';

/** Those that follow the log together. */
export const togetherProjections: readonly Projection[] = [
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

/** And the queue of messages, which the thread that sends them keeps for itself: it need not wait for receipts of tills. */
export const allProjections: readonly Projection[] = [...togetherProjections, outbox];

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
