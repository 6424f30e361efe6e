/**
 * Whether a subscription delivers at this moment: by its own status, and by what it stands on, which is looked up and not copied. So
 * a revocation stops deliveries at once, whoever notices it first; the dispatcher records it when it does (disableSubscription.ts).
 *
 * What ends with it and what does not: a partner that was taken out and access that was revoked stop it. A revoked credential does
 * not, since the order is the company's. An archived topic does not either: what was published on it is still owed.
 */
import type { Grant } from '../../domain/topic/access.js';
import type { DisablingReason } from '../../domain/subscription/events.js';
import type { Directory } from '../directory.js';
import type { SubscriptionRecord } from '../subscriptions.js';

export interface Obstacle {
  /** Of a status, or what it will be disabled for. */
  readonly reason: string;
  /** Milliseconds since the epoch; null: not known. */
  readonly since: number | null;
  readonly explanation: string;
}

export type Standing =
  /** What the grant hides is passed; null: the partner owns the topic. */
  | { readonly delivers: true; readonly grant: Grant | null }
  | { readonly delivers: false; readonly why: Obstacle; readonly disable: DisablingReason | null };

const stopped = (why: Obstacle, disable: DisablingReason | null = null): Standing => ({
  delivers: false,
  why,
  disable,
});

/** @returns with `disable` where the dispatcher is to record that it stopped. */
export const standingOf = (directory: Directory, record: SubscriptionRecord): Standing => {
  const { tenant, topicId, partnerId, why } = record;
  const { exchange } = directory;
  if (why) return stopped(why);
  if (directory.tenant(tenant)?.status !== 'active') {
    const explanation = 'The programme was closed.';
    return stopped({ reason: 'tenant-revoked', since: null, explanation });
  }
  if (exchange.partner(tenant, partnerId)?.status !== 'active') {
    const reason = 'partner-revoked';
    const explanation = 'The partner was taken out of the exchange.';
    return stopped({ reason, since: null, explanation }, reason);
  }
  if (exchange.topic(tenant, topicId)?.owner === partnerId) return { delivers: true, grant: null };
  const grants = exchange
    .access(tenant, topicId)
    .grants.filter((one) => one.partnerId === partnerId);
  const grant = grants.find(({ until }) => until === null);
  if (grant) return { delivers: true, grant };
  const reason = 'access-revoked';
  const explanation =
    'The access to the topic was revoked; once it is granted again, enable the subscription.';
  return stopped({ reason, since: grants.at(-1)?.until ?? null, explanation }, reason);
};
