/** Whose a subscription is: a partner reaches its own alone, and those of others are not there; operators and workers reach each. */
import { Type } from '@sinclair/typebox';
import { PartnerId, SubscriptionId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import type { StandingOrder, Subscription } from '../../domain/subscription/subscription.js';
import type { CommandContext, LookUp } from '../command.js';
import { presentTenant } from '../registry/present.js';
import { recordOf, type SubscriptionRecord } from '../subscriptions.js';

export const owned = {
  subscriptionId: SubscriptionId,
  partnerId: Type.Union([PartnerId, Type.Null()], { description: 'Whose it must be; null: any' }),
} as const;

export interface Owned {
  readonly subscriptionId: SubscriptionId;
  readonly partnerId: PartnerId | null;
}

/** Of every command on a subscription that is there. @throws Rejected tenant-not-found, subscription-not-found */
export const mustOwn = (
  { subscriptionId, partnerId }: Owned,
  { tenant }: CommandContext,
  { directory, state }: Pick<LookUp<Subscription>, 'directory' | 'state'>,
): void => {
  presentTenant(directory, tenant);
  if (partnerId === null) return;
  // One that is not there is refused in the same words, so that nobody learns which others have.
  const isOwn = state.status !== 'unknown' && state.terms.partnerId === partnerId;
  if (!isOwn) {
    throw rejected('subscription-not-found', { subscriptionId });
  }
};

/** How it stands now, also where nothing was left to do. */
export const recordAfter = (decided: {
  readonly state: Subscription;
  readonly context: CommandContext;
}): SubscriptionRecord => recordOf(decided.context.tenant, decided.state as StandingOrder);
