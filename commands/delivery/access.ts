/** What a subscription's partner may be sent of its topic at this moment: asked again before every request. */
import type { Fact } from '../../domain/fact.js';
import type { Directory } from '../directory.js';
import type { SubscriptionRecord } from '../subscriptions.js';

export type DeliveryAccess =
  /** Whatever was published at `since` or later; milliseconds since the epoch. */
  | { readonly kind: 'open'; readonly since: number }
  | {
      readonly kind: 'closed';
      readonly reason: 'partner-revoked' | 'access-revoked';
      /** Milliseconds since the epoch; null where it is not known. */
      readonly since: number | null;
    };

const everything: DeliveryAccess = { kind: 'open', since: 0 };

export const deliveryAccess = (
  { exchange }: Pick<Directory, 'exchange'>,
  { tenant, partnerId, topicId }: Pick<SubscriptionRecord, 'tenant' | 'partnerId' | 'topicId'>,
): DeliveryAccess => {
  if (exchange.partner(tenant, partnerId)?.status !== 'active') {
    return { kind: 'closed', reason: 'partner-revoked', since: null };
  }
  if (exchange.topic(tenant, topicId)?.owner === partnerId) return everything;
  const grants = exchange
    .access(tenant, topicId)
    .grants.filter((one) => one.partnerId === partnerId);
  const standing = grants.find(({ until }) => until === null);
  if (standing)
    return standing.history === 'all' ? everything : { kind: 'open', since: standing.since };
  return { kind: 'closed', reason: 'access-revoked', since: grants.at(-1)?.until ?? null };
};

export const isVisible = (
  access: DeliveryAccess,
  { recordedAt }: Pick<Fact, 'recordedAt'>,
): boolean => access.kind === 'open' && access.since <= recordedAt;

/** The same, worked out anew only where the partner, the topic or its grants changed. */
export const createAccessOf = (
  directory: Pick<Directory, 'exchange'>,
): ((record: SubscriptionRecord) => DeliveryAccess) => {
  let seen: readonly unknown[] = [{}];
  let access: DeliveryAccess = everything;
  return (record) => {
    const { tenant, partnerId, topicId } = record;
    const { exchange } = directory;
    const partner = exchange.partner(tenant, partnerId);
    const topic = exchange.topic(tenant, topicId);
    const grants = exchange.access(tenant, topicId);
    if (seen[0] !== partner || seen[1] !== topic || seen[2] !== grants) {
      seen = [partner, topic, grants];
      access = deliveryAccess(directory, record);
    }
    return access;
  };
};
