/**
 * Why a subscription does not deliver at this moment: by its own status, or by what it stands on, which is looked up and not copied. So
 * a revocation stops deliveries at once, whoever notices it first; the dispatcher records it when it does (disableSubscription.ts).
 *
 * What ends with it and what does not: a partner that was taken out and access that was revoked stop it. A revoked credential does
 * not, since the order is the company's. An archived topic does not either: what was published on it is still owed.
 */
import { deliveryAccess } from '../delivery/access.js';
import type { Directory } from '../directory.js';
import type { SubscriptionRecord } from '../subscriptions.js';

export interface Obstacle {
  readonly reason: string;
  /** Milliseconds since the epoch; null: not known. */
  readonly since: number | null;
  readonly explanation: string;
}

const explanations = {
  'partner-revoked': 'The partner was taken out of the exchange.',
  'access-revoked':
    'The access to the topic was revoked; once it is granted again, enable the subscription.',
} as const;

/** Null: it delivers. */
export const obstacleOf = (directory: Directory, record: SubscriptionRecord): Obstacle | null => {
  if (record.why) return record.why;
  if (directory.tenant(record.tenant)?.status !== 'active') {
    const explanation = 'The programme was closed.';
    return { reason: 'tenant-revoked', since: null, explanation };
  }
  const access = deliveryAccess(directory, record);
  if (access.kind === 'open') return null;
  const { reason, since } = access;
  return { reason, since, explanation: explanations[reason] };
};
