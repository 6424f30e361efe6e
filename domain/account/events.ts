/**
 * What can happen to one customer's loyalty account. The account is the consistency boundary: a confirmed purchase is one append
 * of everything it did, so that points cannot be spent twice by construction.
 *
 * By subject: customerEvents.ts, purchaseEvents.ts, pointEvents.ts …, and those of coupons, games and tiers with their features. Here is
 * the list of all.
 */
import type { EventOf } from '../event.js';
import { grantEvents } from '../coupon/grants.js';
import { gameProgressEvents } from '../game/events.js';
import { referralEvents } from '../referral/events.js';
import { householdEvents } from '../household/events.js';
import { tierEvents } from '../tier/events.js';
import { awardEvents } from './awardEvents.js';
import { customerEvents } from './customerEvents.js';
import { profileEvents } from './profileEvents.js';
import { pointEvents } from './pointEvents.js';
import { purchaseEvents } from './purchaseEvents.js';

export * from './customerEvents.js';
export * from './pointEvents.js';
export * from './purchaseEvents.js';
export * from './receiptRecord.js';

export const accountEvents = [
  ...customerEvents,
  ...purchaseEvents,
  ...pointEvents,
  ...householdEvents,
  ...grantEvents,
  ...gameProgressEvents,
  ...tierEvents,
  ...awardEvents,
  ...profileEvents,
  ...referralEvents,
] as const;
export type AccountEvent = EventOf<(typeof accountEvents)[number]>;
